"""In charge of the themes of departmental tables: what a department keeps, and by what it is cut into tables.

The themes are written in `data/themes.csv`. Those of a department named `*licensing` or `*internal` belong to every
department of that kind. It refuses to know how many tables and rows there will be.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from pool.sample.columns import Column, Rule, parse_column, parse_rule, read_vocabulary

_INTERNAL = frozenset(
    {
        "big-data",
        "finance",
        "statistics",
        "audit",
        "veterans",
        "government-services",
        "governance",
        "science-technology",
    }
)
"""Departments that neither license nor inspect."""

_OF_PEOPLE = frozenset({"citizen_id", "person_name", "sex", "birth_date", "age", "phone", "address", "household_no"})
_OF_ENTERPRISES = frozenset(
    {"credit_code", "enterprise_name", "legal_person_name", "enterprise_phone", "industry_code"}
)


@dataclass(frozen=True, slots=True)
class Theme:
    """One entry of a department's catalog: `by` is year, quarter, month, town or once; `volume` a weight of rows.

    `subject` says whose rows they are: people, enterprises or neither. `whom` narrows that: an age from-to, or for
    enterprises `industrial` (above scale), `makers`, `bodies` (no businesses) or codes of industries.
    """

    department: str
    name: str
    title: str
    by: str
    volume: int
    rule: Rule
    whom: str
    columns: tuple[Column, ...]
    subject: str

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the key, none for tables without one."""
        return tuple(column.name for column in self.columns if column.is_key)


@dataclass(frozen=True, slots=True)
class Department:
    """A department whose data is in the pool."""

    code: str
    title: str


def read_departments() -> tuple[Department, ...]:
    """The departments, in the order of the list."""
    return tuple(Department(row["code"], row["name_zh"]) for row in _rows("departments.csv"))


def read_themes() -> dict[str, tuple[Theme, ...]]:
    """The themes of every department: its own, then those of its kind."""
    vocabulary = read_vocabulary()
    rows = _rows("themes.csv")
    themes: dict[str, tuple[Theme, ...]] = {}
    for department in read_departments():
        kind = "*internal" if department.code in _INTERNAL else "*licensing"
        themes[department.code] = tuple(
            _theme(department.code, row, vocabulary)
            for place in (department.code, kind)
            for row in rows
            if row["department"] == place
        )
    return themes


def _rows(name: str) -> list[dict[str, str]]:
    text = (resources.files("pool.sample") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _theme(department: str, row: Mapping[str, str], vocabulary: Mapping[str, Column]) -> Theme:
    columns = tuple(parse_column(text, vocabulary) for text in row["columns"].split())
    return Theme(
        department=department,
        name=row["name"],
        title=row["title"],
        by=row["by"],
        volume=int(row["volume"]),
        rule=parse_rule(row["rule"]),
        whom=row["whom"],
        columns=columns,
        subject=_subject(columns),
    )


def _subject(columns: tuple[Column, ...]) -> str:
    names = {column.name for column in columns}
    if names & _OF_PEOPLE:
        return "people"
    return "enterprises" if names & _OF_ENTERPRISES else ""
