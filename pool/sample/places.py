"""In charge of the county's real divisions and of how much of its life each of them holds.

The divisions are read from `data/divisions-330784.csv`; the weights of towns are made up to look like the county. It
refuses to know people and enterprises.
"""

import csv
from dataclasses import dataclass
from importlib import resources

_WEIGHTS_BY_TOWN = {
    "330784001": (150, 150),
    "330784002": (110, 120),
    "330784003": (105, 110),
    "330784105": (60, 75),
    "330784106": (45, 45),
    "330784107": (30, 15),
    "330784108": (90, 110),
    "330784109": (35, 20),
    "330784110": (65, 65),
    "330784111": (50, 50),
    "330784112": (70, 70),
    "330784113": (60, 50),
    "330784114": (55, 55),
    "330784115": (75, 65),
}
"""By town: its weight among people, its weight among enterprises."""

_SUFFIXES = ("居委会", "村委会")


@dataclass(frozen=True, slots=True)
class Division:
    """One row of the list of divisions; a province has the parent ''."""

    code: str
    name: str
    level: str
    parent_code: str


@dataclass(frozen=True, slots=True)
class Village:
    """A village or community; `address` is what a letter to it begins with, `town` its town's number in the county."""

    code: str
    name: str
    address: str
    town: int


@dataclass(frozen=True, slots=True)
class Town:
    """A town or street; `villages` are the numbers of its villages in the county."""

    code: str
    name: str
    population_weight: int
    enterprise_weight: int
    villages: range


@dataclass(frozen=True, slots=True)
class Places:
    """The divisions as listed, and the county's towns and villages in the order of their codes."""

    divisions: tuple[Division, ...]
    towns: tuple[Town, ...]
    villages: tuple[Village, ...]


def read_places() -> Places:
    """The real divisions, from the package's data."""
    text = (resources.files("pool.sample") / "data" / "divisions-330784.csv").read_text(encoding="utf-8")
    divisions = tuple(
        Division(row["code"], row["name"], row["level"], row["parent_code"])
        for row in csv.DictReader(text.splitlines())
    )
    town_divisions = sorted((d for d in divisions if d.level == "town"), key=lambda division: division.code)
    village_divisions = sorted((d for d in divisions if d.level == "village"), key=lambda division: division.code)
    villages = tuple(
        _village(division, number, town)
        for number, town in enumerate(town_divisions)
        for division in village_divisions
        if division.parent_code == town.code
    )
    towns = tuple(_town(division, number, villages) for number, division in enumerate(town_divisions))
    return Places(divisions, towns, villages)


def _village(division: Division, number: int, town: Division) -> Village:
    name = division.name
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return Village(division.code, division.name, f"浙江省永康市{town.name}{name}", number)


def _town(division: Division, number: int, villages: tuple[Village, ...]) -> Town:
    own = [index for index, village in enumerate(villages) if village.town == number]
    people, enterprises = _WEIGHTS_BY_TOWN[division.code]
    return Town(division.code, division.name, people, enterprises, range(own[0], own[-1] + 1))
