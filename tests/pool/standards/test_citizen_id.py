"""GB 11643: vectors of the standard and of this county, and properties of the check character."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool.standards.citizen_id import birth_date_of, check_character, fault_of_citizen_id, is_valid_citizen_id

_STEMS = st.builds(
    lambda province, rest, born, sequence: f"{province}{rest:04d}{born:%Y%m%d}{sequence:03d}",
    st.sampled_from(["33", "11", "52", "81", "91"]),
    st.integers(0, 9999),
    st.dates(date(1850, 1, 1), date(2099, 12, 31)),
    st.integers(0, 999),
)


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_the_examples_of_the_standard_are_accepted(number: str) -> None:
    assert is_valid_citizen_id(number)


@pytest.mark.parametrize("born", ["19200229", "19480101", "19911231", "19920101", "20240229"])
def test_this_county_is_accepted_for_every_year_of_birth(born: str) -> None:
    stem = f"330784{born}001"

    assert is_valid_citizen_id(stem + check_character(stem))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "0 characters"),
        ("110105194912310021", "should be X"),
        ("11010519491231002x", "capital X"),
        ("1101051949123100２X", "17 digits"),
        ("11010519491231002X\n", "19 characters"),
        ("00010519491231002X", "no province"),
        ("11010519490229002X", "no date"),
        ("11010519491331002X", "no date"),
        ("11010500001231002X", "no date"),
        ("110105491231002", "15 characters"),
    ],
)
def test_a_fault_is_named(text: str, part: str) -> None:
    fault = fault_of_citizen_id(text)

    assert fault is not None
    assert part in fault
    assert not is_valid_citizen_id(text)


@pytest.mark.parametrize("stem", ["", "1101051949123100", "11010519491231002X", "1101051949123100２"])
def test_no_check_character_is_made_for_what_is_no_stem(stem: str) -> None:
    with pytest.raises(ValueError, match="17 digits"):
        check_character(stem)


def test_the_birth_date_is_read_only_from_a_number() -> None:
    assert birth_date_of("11010519491231002X") == date(1949, 12, 31)
    assert birth_date_of("110105194912310") is None


@given(_STEMS)
def test_what_is_generated_is_valid(stem: str) -> None:
    assert fault_of_citizen_id(stem + check_character(stem)) is None


@given(_STEMS, st.integers(0, 17), st.characters())
def test_every_change_of_one_character_is_found(stem: str, position: int, character: str) -> None:
    number = stem + check_character(stem)
    changed = number[:position] + character + number[position + 1 :]

    assert is_valid_citizen_id(changed) == (changed == number)


@given(st.text(max_size=20))
def test_any_text_gets_an_answer(text: str) -> None:
    assert is_valid_citizen_id(text) == (fault_of_citizen_id(text) is None)
