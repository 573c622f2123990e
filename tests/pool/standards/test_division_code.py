"""Division codes: structure, level and parent, and the real divisions of the county."""

import csv
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool.standards.division_code import (
    Level,
    fault_of_division_code,
    is_valid_division_code,
    level_of,
    parent_of,
)


def _real_divisions() -> list[dict[str, str]]:
    source = resources.files("pool.sample") / "data" / "divisions-330784.csv"
    return list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))


def test_every_real_division_has_the_structure_its_row_says() -> None:
    rows = _real_divisions()

    assert len(rows) == 477
    assert [(level_of(row["code"]), parent_of(row["code"]) or "") for row in rows] == [
        (Level(row["level"]), row["parent_code"]) for row in rows
    ]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "digits"),
        ("03", "not zero"),
        ("33078a", "digits"),
        ("３３", "digits"),
        ("330", "2, 4, 6, 9 or 12"),
        ("330784000", "zeros"),
        ("330784105000", "zeros"),
        ("3300", "zeros"),
    ],
)
def test_a_fault_is_named(text: str, part: str) -> None:
    fault = fault_of_division_code(text)

    assert fault is not None
    assert part in fault
    assert not is_valid_division_code(text)
    with pytest.raises(ValueError, match=part):
        level_of(text)


@given(st.sampled_from([2, 4, 6, 9, 12]), st.data())
def test_a_parent_is_a_division_one_level_up(length: int, data: st.DataObject) -> None:
    code = data.draw(st.text("123456789", min_size=length, max_size=length))

    parent = parent_of(code)

    assert parent is None if length == 2 else is_valid_division_code(parent or "")
