"""In charge of which tables a sample has and how many rows each: exact totals, decided before a row is made.

Base libraries come first; what is left of the scale's entries, tables and records is shared out among the themes of the
departments. It refuses to know values and the catalog.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pool.sample.base_tables import BASE_TABLES, BaseTable
from pool.sample.calendar import FIRST_DAY
from pool.sample.drawing import Period
from pool.sample.draws import shares
from pool.sample.places import Places
from pool.sample.scale import LAST_YEAR, Scale
from pool.sample.themes import Theme, read_departments, read_themes

_FEWEST_ROWS = 5
_MONTHS = 12
_QUARTERS = 8


@dataclass(frozen=True, slots=True)
class PlannedTable:
    """A departmental table: of which theme, cut to what, with how many rows. `town` is the town's number or None."""

    theme: Theme
    name: str
    title: str
    period: Period
    town: int | None
    rows: int


@dataclass(frozen=True, slots=True)
class PlannedDepartment:
    """What one department brings."""

    code: str
    base: tuple[BaseTable, ...]
    tables: tuple[PlannedTable, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole sample."""

    scale: Scale
    departments: tuple[PlannedDepartment, ...]


def make_plan(scale: Scale, places: Places) -> Plan:
    """The plan of a sample; ValueError if the scale's totals cannot be met."""
    departments = read_departments()
    by_department = read_themes()
    themes = [theme for department in departments for theme in by_department[department.code][: scale.themes]]
    cuts = _cuts(themes, scale, places)
    rows = _rows(themes, cuts, scale)
    tables = [
        PlannedTable(theme, cut.name, cut.title, cut.period, cut.town, count)
        for (theme, cut), count in zip(_pairs(themes, cuts), rows, strict=True)
    ]
    return Plan(
        scale,
        tuple(
            PlannedDepartment(
                department.code,
                tuple(base for base in BASE_TABLES if base.provider == department.code),
                tuple(table for table in tables if table.theme.department == department.code),
            )
            for department in departments
        ),
    )


@dataclass(frozen=True, slots=True)
class _Cut:
    """One table's part of a theme, and its weight among the theme's tables."""

    name: str
    title: str
    period: Period
    town: int | None
    weight: int


def _pairs(themes: list[Theme], cuts: list[list[_Cut]]) -> Iterator[tuple[Theme, _Cut]]:
    return ((theme, cut) for theme, parts in zip(themes, cuts, strict=True) for cut in parts)


def _cuts(themes: list[Theme], scale: Scale, places: Places) -> list[list[_Cut]]:
    """The tables of every theme. Themes by year go back as far as the scale's number of tables needs."""
    if len(themes) + len(BASE_TABLES) != scale.entries:
        raise ValueError(f"{scale.name}: {len(themes) + len(BASE_TABLES)} entries, not {scale.entries}")
    fixed = {by: _cut_by(by, places, scale.instances) for by in ("town", "month", "quarter", "once")}
    yearly = [theme for theme in themes if theme.by == "year"]
    left = scale.tables - len(BASE_TABLES) - sum(len(fixed[theme.by]) for theme in themes if theme.by != "year")
    if left < len(yearly):
        raise ValueError(f"{scale.name}: {scale.tables} tables are too few for {scale.entries} entries")
    years = iter(shares(left, [1.0] * len(yearly)))
    return [
        [_of(theme, cut) for cut in (_years(next(years)) if theme.by == "year" else fixed[theme.by])]
        for theme in themes
    ]


def _of(theme: Theme, cut: _Cut) -> _Cut:
    """The cut with the theme's name and title."""
    name = f"{theme.name}_{cut.name}" if cut.name else theme.name
    return _Cut(name, theme.title + cut.title, cut.period, cut.town, cut.weight)


def _years(count: int) -> list[_Cut]:
    years = range(LAST_YEAR, LAST_YEAR - count, -1)
    return [
        _Cut(
            str(year), f"（{year}年）", _period(date(year, 1, 1), date(year + 1, 1, 1), f"{year}"), None, 100 - 3 * age
        )
        for age, year in enumerate(years)
    ]


def _cut_by(by: str, places: Places, most: int | None) -> list[_Cut]:
    """The tables of a theme that is not cut by years, the newest or first ones."""
    whole = _period(date(LAST_YEAR - 6, 1, 1), date(LAST_YEAR + 1, 1, 1), "")
    match by:
        case "town":
            cuts = [
                _Cut(town.code, f"（{town.name}）", _labelled(whole, town.code[6:]), number, town.population_weight)
                for number, town in enumerate(places.towns)
            ]
            # Small samples show 石柱镇 (330784105) and its neighbour, the towns the documentation speaks of.
            cuts = cuts[3:] + cuts[:3]
        case "month":
            cuts = [_month(LAST_YEAR, month) for month in range(_MONTHS, 0, -1)]
        case "quarter":
            cuts = [_quarter(number) for number in range(_QUARTERS)]
        case _:
            cuts = [_Cut("", "", whole, None, 1)]
    return cuts[:most]


def _month(year: int, month: int) -> _Cut:
    after = date(year + month // 12, month % 12 + 1, 1)
    label = f"{year}{month:02d}"
    return _Cut(label, f"（{year}年{month}月）", _period(date(year, month, 1), after, label), None, 1)


def _quarter(back: int) -> _Cut:
    """The quarter so many before the last one of the sample."""
    year, quarter = LAST_YEAR - back // 4, 4 - back % 4
    after = date(year + quarter // 4, quarter * 3 % 12 + 1, 1)
    period = _period(date(year, quarter * 3 - 2, 1), after, f"{year}{quarter}")
    return _Cut(f"{year}q{quarter}", f"（{year}年第{quarter}季度）", period, None, 1)


def _period(first: date, after: date, label: str) -> Period:
    return Period((first - FIRST_DAY).days, (after - FIRST_DAY).days - 1, label)


def _labelled(period: Period, label: str) -> Period:
    return Period(period.first_day, period.last_day, label)


def _rows(themes: list[Theme], cuts: list[list[_Cut]], scale: Scale) -> list[int]:
    """How many rows each departmental table has: what base libraries leave over, by volume and weight."""
    weights: list[float] = []
    for theme, parts in zip(themes, cuts, strict=True):
        total = len(parts) / sum(cut.weight for cut in parts)
        weights.extend(theme.volume * cut.weight * total for cut in parts)
    left = scale.records - sum(base.count(scale) for base in BASE_TABLES) - _FEWEST_ROWS * len(weights)
    if left < 0:
        raise ValueError(f"{scale.name}: {scale.records} records are too few")
    return [_FEWEST_ROWS + part for part in shares(left, weights)]
