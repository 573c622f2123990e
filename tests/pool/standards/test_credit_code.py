"""GB 32100: vectors of this county, and properties of the check character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool.standards.credit_code import (
    ALPHABET,
    AUTHORITIES,
    check_character,
    fault_of_credit_code,
    is_valid_credit_code,
)

_DIVISION = st.text("0123456789", min_size=6, max_size=6)
_BODY = st.text(ALPHABET, min_size=9, max_size=9)
_STEMS = st.builds("".join, st.tuples(st.sampled_from(AUTHORITIES), st.sampled_from(ALPHABET), _DIVISION, _BODY))


@pytest.mark.parametrize(
    "code",
    [
        "113307843077566033",  # a real government office of the county
        "11330784400001379Y",
        "1133078440000174XG",
    ],
)
def test_known_codes_are_accepted(code: str) -> None:
    assert is_valid_credit_code(code)


@pytest.mark.parametrize("prefix", ["N1", "N2", "N3", "A1", "Y1", "91", "92", "93", "11", "12", "51", "52"])
def test_every_authority_is_accepted(prefix: str) -> None:
    stem = f"{prefix}330784MF0000001"

    assert is_valid_credit_code(stem + check_character(stem))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "0 characters"),
        ("113307843077566033 ", "19 characters"),
        ("11330784307756603", "17 characters"),
        ("1133O7843077566033", "position 5"),
        ("1133078430775660三", "17 characters"),
        ("11330784307756603３", "position 18"),
        ("Z13307843077566033", "position 1"),
        ("B13307843077566033", "authority"),
        ("113307A43077566033", "division"),
        ("113307843077566034", "should be 3"),
        ("a13307843077566033", "position 1"),
    ],
)
def test_a_fault_is_named(text: str, part: str) -> None:
    fault = fault_of_credit_code(text)

    assert fault is not None
    assert part in fault
    assert not is_valid_credit_code(text)


@pytest.mark.parametrize(
    "stem", ["", "1133078430775660", "113307843077566033", "I1330784307756603", "１1330784307756603"]
)
def test_no_check_character_is_made_for_what_is_no_stem(stem: str) -> None:
    with pytest.raises(ValueError, match="17 digits"):
        check_character(stem)


@given(_STEMS)
def test_what_is_generated_is_valid(stem: str) -> None:
    assert fault_of_credit_code(stem + check_character(stem)) is None


@given(_STEMS, st.integers(0, 17), st.characters())
def test_every_change_of_one_character_is_found(stem: str, position: int, character: str) -> None:
    code = stem + check_character(stem)
    changed = code[:position] + character + code[position + 1 :]

    assert is_valid_credit_code(changed) == (changed == code)


@given(st.text(max_size=20))
def test_any_text_gets_an_answer(text: str) -> None:
    assert is_valid_credit_code(text) == (fault_of_credit_code(text) is None)
