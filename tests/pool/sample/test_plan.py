"""The plan meets the figures of the county exactly, before a row is made."""

from collections import Counter
from dataclasses import replace

import pytest

from pool.sample.base_tables import BASE_TABLES
from pool.sample.calendar import DAYS
from pool.sample.places import Places, read_places
from pool.sample.plan import Plan, make_plan
from pool.sample.scale import COUNTY, SMALL, Scale


@pytest.fixture(scope="module")
def places() -> Places:
    return read_places()


@pytest.mark.parametrize("scale", [SMALL, COUNTY], ids=lambda scale: scale.name)
def test_departments_entries_tables_and_records_are_exact(scale: Scale, places: Places) -> None:
    plan = make_plan(scale, places)

    tables = [table for department in plan.departments for table in department.tables]
    base = [table for department in plan.departments for table in department.base]
    entries = {(table.theme.department, table.theme.title) for table in tables}
    assert len(plan.departments) == 29
    assert len(tables) + len(base) == scale.tables
    assert len(entries) + len(base) == scale.entries
    assert sum(table.rows for table in tables) + sum(table.count(scale) for table in base) == scale.records


def test_the_figures_of_the_county_are_those_of_the_platform() -> None:
    assert (COUNTY.entries, COUNTY.tables, COUNTY.records) == (389, 3_899, 6_970_000)
    assert (COUNTY.people, COUNTY.enterprises) == (700_000, 200_000)
    assert {base.table.name: base.count(COUNTY) for base in BASE_TABLES} == {
        "division": 477,
        "person": 700_000,
        "household": 252_000,
        "enterprise": 200_000,
        "licence": 600_000,
        "project": 50_000,
        "credit_record": 150_000,
        "industrial_output": 18_000,
        "energy_use": 18_000,
        "tax_payment": 180_000,
        "land_use": 8_100,
        "emission": 18_000,
    }


@pytest.mark.parametrize("scale", [SMALL, COUNTY], ids=lambda scale: scale.name)
def test_every_department_has_tables_with_rows_under_names_of_their_own(scale: Scale, places: Places) -> None:
    for department in make_plan(scale, places).departments:
        names = [table.name for table in department.tables] + [base.table.name for base in department.base]
        titles = [table.title for table in department.tables]
        assert len(department.tables) >= 2
        assert len(set(names)) == len(names)
        assert len(set(titles)) == len(titles)
        assert all(table.rows >= 5 for table in department.tables)


def test_the_small_sample_can_grow_into_the_county(places: Places) -> None:
    small, county = (make_plan(scale, places) for scale in (SMALL, COUNTY))

    assert _names(small) < _names(county)


def _names(plan: Plan) -> set[tuple[str, str]]:
    return {(department.code, table.name) for department in plan.departments for table in department.tables}


def test_periods_follow_one_another_without_a_gap(places: Places) -> None:
    plan = make_plan(COUNTY, places)
    water = next(department for department in plan.departments if department.code == "water")

    months = sorted((t for t in water.tables if t.theme.name == "rainfall"), key=lambda table: table.name)
    quarters = sorted((t for t in water.tables if t.theme.name == "inspection"), key=lambda table: table.name)

    assert [month.name for month in months] == [f"rainfall_2025{month:02d}" for month in range(1, 13)]
    assert [quarter.name for quarter in quarters] == [f"inspection_{y}q{q}" for y in (2024, 2025) for q in range(1, 5)]
    for run in (months, quarters):
        assert run[-1].period.last_day == DAYS.index("2025-12-31")
        starts = [table.period.first_day for table in run[1:]]
        assert starts == [table.period.last_day + 1 for table in run[:-1]]


@pytest.mark.parametrize(
    ("change", "message"),
    [({"entries": 388}, "entries"), ({"tables": 1_000}, "tables"), ({"records": 2_000_000}, "records")],
)
def test_a_scale_that_cannot_be_met_is_refused(change: dict[str, int], message: str, places: Places) -> None:
    with pytest.raises(ValueError, match=message):
        make_plan(replace(COUNTY, **change), places)  # type: ignore[arg-type]


def test_tables_of_a_theme_by_town_are_one_for_each_town(places: Places) -> None:
    plan = make_plan(COUNTY, places)

    counts = Counter(table.theme.name for d in plan.departments for table in d.tables if table.theme.by == "town")

    assert set(counts.values()) == {14}
