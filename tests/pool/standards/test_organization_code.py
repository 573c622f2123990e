"""GB 11714: vectors and properties of the check character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool.standards.organization_code import (
    check_character,
    fault_of_organization_code,
    is_valid_organization_code,
)

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_STEMS = st.text(_ALPHABET, min_size=8, max_size=8)


@pytest.mark.parametrize("code", ["D2143569-X", "307756603", "30775660-3"])
def test_known_codes_are_accepted(code: str) -> None:
    assert is_valid_organization_code(code)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "are expected"),
        ("30775660--3", "are expected"),
        ("3077566O-A", "are expected"),
        ("３0775660-3", "are expected"),
        ("30775660-3\n", "are expected"),
        ("30775660-4", "should be 3"),
    ],
)
def test_a_fault_is_named(text: str, part: str) -> None:
    fault = fault_of_organization_code(text)

    assert fault is not None
    assert part in fault
    assert not is_valid_organization_code(text)


def test_no_check_character_is_made_for_what_is_no_stem() -> None:
    with pytest.raises(ValueError, match="eight"):
        check_character("3077566a")


@given(_STEMS)
def test_what_is_generated_is_valid(stem: str) -> None:
    assert is_valid_organization_code(stem + check_character(stem))


@given(_STEMS, st.integers(0, 7), st.sampled_from(_ALPHABET))
def test_a_change_is_found_unless_modulus_11_cannot_tell(stem: str, position: int, character: str) -> None:
    changed = stem[:position] + character + stem[position + 1 :]
    is_alike = (_ALPHABET.index(character) - _ALPHABET.index(stem[position])) % 11 == 0

    assert is_valid_organization_code(changed + check_character(stem)) == is_alike
