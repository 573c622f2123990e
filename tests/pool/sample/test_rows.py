"""The rows: exact counts, unique keys, relations that hold, real-life dirt, and the same bytes every time."""

import hashlib
from collections import Counter

import pytest

from pool.sample.base_tables import BASE_TABLES, BaseTable
from pool.sample.county import County
from pool.sample.plan import Plan, PlannedTable
from pool.sample.scale import SMALL
from pool.sample.source import SampleSource, rows_of
from pool.sources.source import SourceTable
from pool.standards.citizen_id import is_valid_citizen_id
from pool.standards.credit_code import is_valid_credit_code
from tests.pool.sample.rows import Rows, parsed, values

DIGEST = "9aece4d264abfb8d527ed7bef6073f66a021a875bdd387c0fc356edcdd870a50"
"""SHA-256 of all rows of the small sample. A change of it changes the sample that documents and tests show: say so."""

EXAMPLE = "91330784769931373Q"
"""The enterprise that the documentation shows: industrial, in 石柱镇 (330784105)."""


def test_the_small_sample_is_the_same_bytes_on_every_machine(county: County, plan: Plan) -> None:
    digest = hashlib.sha256()

    for department in plan.departments:
        tables: list[BaseTable | PlannedTable] = [*department.base, *department.tables]
        for table in tables:
            for chunk in rows_of(county, table):
                digest.update(chunk)

    assert digest.hexdigest() == DIGEST


@pytest.mark.parametrize("planned", BASE_TABLES, ids=lambda planned: planned.table.name)
def test_a_base_library_has_as_many_rows_as_planned_under_unique_keys(
    planned: BaseTable, base: dict[str, Rows]
) -> None:
    rows = base[planned.table.name]

    keys = {tuple(row[name] for name in planned.table.key) for row in rows}

    assert len(rows) == planned.count(SMALL)
    assert len(keys) == len(rows)
    assert not any(None in key for key in keys)


async def test_departmental_tables_have_their_rows_under_unique_keys(county: County, plan: Plan) -> None:
    for department in plan.departments:
        source = SampleSource(county, department)
        for table in (await source.tables())[len(department.base) :]:
            rows = parsed(iter([chunk async for chunk in source.rows(table)]), table)
            assert len(rows) == table.expected_rows
            if table.key:
                assert len({tuple(row[name] for name in table.key) for row in rows}) == len(rows), table.name


def test_licences_projects_and_credit_records_refer_to_enterprises(base: dict[str, Rows]) -> None:
    codes = set(values(base["enterprise"], "credit_code"))

    assert set(values(base["licence"], "holder_code")) <= codes
    assert set(values(base["project"], "owner_code")) <= codes
    assert set(values(base["credit_record"], "subject_code")) <= codes
    assert set(values(base["tax_payment"], "credit_code")) <= codes


def test_legal_persons_are_people_with_that_name_except_for_a_few(base: dict[str, Rows]) -> None:
    name_by_id = {row["citizen_id"]: (row["name"] or "").replace("　", "").strip() for row in base["person"]}

    known = [row for row in base["enterprise"] if row["legal_person_id"] in name_by_id]

    assert 0.96 < len(known) / SMALL.enterprises < 1
    assert all(row["legal_person_name"] == name_by_id[row["legal_person_id"]] for row in known)
    assert all(is_valid_citizen_id(number) for number in values(base["enterprise"], "legal_person_id"))


def test_heads_of_households_are_people_of_that_household(base: dict[str, Rows]) -> None:
    household_by_id = {row["citizen_id"]: row["household_no"] for row in base["person"]}

    for row in base["household"]:
        assert row["head_id"] is None or household_by_id[row["head_id"]] == row["household_no"]
    assert set(household_by_id.values()) == {row["household_no"] for row in base["household"]}


@pytest.mark.parametrize("table", ["person", "household"])
def test_a_town_is_the_beginning_of_its_villages_code(table: str, base: dict[str, Rows]) -> None:
    villages = {row["code"] for row in base["division"] if row["level"] == "village"}

    assert all(row["village_code"] in villages for row in base[table])
    assert all((row["village_code"] or "").startswith(row["town_code"] or "-") for row in base[table])


@pytest.mark.parametrize("table", ["industrial_output", "energy_use", "tax_payment", "land_use", "emission", "licence"])
def test_what_belongs_to_an_enterprise_lies_in_its_town(table: str, base: dict[str, Rows]) -> None:
    town_by_code = {row["credit_code"]: row["town_code"] for row in base["enterprise"] if row["town_code"]}

    for row in base[table]:
        code = row["holder_code"] if table == "licence" else row["credit_code"]
        assert town_by_code.get(code, row["town_code"]) == row["town_code"]


def test_industrial_enterprises_have_everything_an_evaluation_needs(
    base: dict[str, Rows], industrial_codes: set[str]
) -> None:
    for table in ("industrial_output", "energy_use", "emission"):
        assert set(Counter(values(base[table], "credit_code")).items()) == {(code, 3) for code in industrial_codes}
    holders = Counter(values(base["licence"], "holder_code"))
    owners = set(values(base["project"], "owner_code"))
    assert all(holders[code] == 4 for code in industrial_codes)
    assert len(industrial_codes - owners) <= 1
    assert industrial_codes <= set(values(base["credit_record"], "subject_code"))
    with_land = set(values(base["land_use"], "credit_code"))
    assert with_land < industrial_codes
    assert len(with_land) > 0.8 * len(industrial_codes)


def test_permits_of_emissions_are_licences(base: dict[str, Rows]) -> None:
    assert set(values(base["emission"], "permit_no")) <= set(values(base["licence"], "number"))


def test_the_example_of_the_documentation_is_complete(base: dict[str, Rows]) -> None:
    [enterprise] = [row for row in base["enterprise"] if row["credit_code"] == EXAMPLE]
    [person] = [row for row in base["person"] if row["citizen_id"] == enterprise["legal_person_id"]]

    assert enterprise["name"] == "浙江永康尔来休闲车有限公司"
    assert (enterprise["town_code"], enterprise["status"], person["name"]) == ("330784105", "active", "徐林豪")
    assert None not in enterprise.values()
    assert None not in person.values()
    assert Counter(values(base["licence"], "holder_code"))[EXAMPLE] == 4
    assert Counter(values(base["credit_record"], "subject_code"))[EXAMPLE] == 2
    assert Counter(values(base["land_use"], "credit_code"))[EXAMPLE] == 3


def test_life_leaves_its_faults(base: dict[str, Rows]) -> None:
    enterprises, people = base["enterprise"], base["person"]
    gone = {row["credit_code"] for row in enterprises if row["status"] == "deregistered"}

    assert 0.1 < sum(row["phone"] is None for row in people) / len(people) < 0.3
    assert any(row["industry_code"] is None for row in enterprises)
    assert any(row["legal_person_id"] is None for row in enterprises)
    assert any(row["holder_code"] in gone and row["status"] == "有效" for row in base["licence"])
    assert any((row["address"] or "").endswith(" ") for row in people)
    assert any("０" <= character <= "９" for row in people for character in row["address"] or "")
    assert any("　" in (row["name"] or "") for row in people)


def test_references_of_departmental_tables_are_people_and_enterprises_with_their_names(
    county: County, plan: Plan
) -> None:
    name_by_id = dict(zip(county.people.ids, map(county.people.name, range(SMALL.people)), strict=True))
    name_by_code = dict(zip(county.enterprises.codes, county.enterprises.names, strict=True))

    for table in (table for department in plan.departments for table in department.tables):
        for row in _rows(county, table):
            if row.get("person_name") and row.get("citizen_id"):
                assert name_by_id[row["citizen_id"] or ""] == row["person_name"]
            if row.get("enterprise_name"):
                assert name_by_code[row["credit_code"] or ""] == row["enterprise_name"]
            assert is_valid_credit_code(row.get("employer_code") or EXAMPLE)


def test_a_table_of_one_town_holds_that_town_alone(county: County, plan: Plan) -> None:
    tables = [table for department in plan.departments for table in department.tables if table.town is not None]

    for table in tables:
        towns = {row["town_code"] for row in _rows(county, table)}
        assert towns == {table.name.rpartition("_")[2]}


def test_what_follows_a_day_in_a_row_is_not_before_it(county: County, plan: Plan) -> None:
    cases = next(t for d in plan.departments for t in d.tables if t.name == "city_case_202512")

    rows = _rows(county, cases)

    assert all((row["reported_at"] or "")[:10] < row["closed_on"] for row in rows if row["closed_on"])
    assert any(row["closed_on"] is None for row in rows)


def _rows(county: County, table: PlannedTable) -> Rows:
    return parsed(rows_of(county, table), _shape(table))


def _shape(table: PlannedTable) -> SourceTable:
    return SourceTable(table.name, table.theme.columns)  # type: ignore[arg-type]
