"""In charge of the base libraries as tables of a source: whose they are, their columns, how many rows, which rows.

The migrations create and catalogue these tables; a test compares the columns. It refuses to know how rows are made up.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pool.sample.county import County
from pool.sample.credit_record_rows import credit_record_rows
from pool.sample.enterprise_rows import enterprise_rows
from pool.sample.industry import parcel_count
from pool.sample.industry_rows import emission_rows, energy_rows, land_rows, output_rows, tax_rows
from pool.sample.licence_rows import licence_rows
from pool.sample.lines import NULL
from pool.sample.people import HOUSEHOLD_SIZES
from pool.sample.person_rows import household_rows, person_rows
from pool.sample.project_rows import project_rows
from pool.sample.scale import YEARS, Scale
from pool.sources.source import SourceColumn, SourceTable

_DIVISIONS = 477


@dataclass(frozen=True, slots=True)
class BaseTable:
    """A base library: its department, its table, its exact number of rows at a scale, its rows in a county."""

    provider: str
    table: SourceTable
    count: Callable[[Scale], int]
    rows: Callable[[County], Iterator[str]]


def _table(name: str, columns: str, key: str) -> SourceTable:
    """A table from `name:type` words; the columns of the key are required."""
    keys = tuple(key.split())
    pairs = [column.split(":") for column in columns.split()]
    return SourceTable(name, tuple(SourceColumn(column, kind, column in keys) for column, kind in pairs), keys)


def _division_rows(county: County) -> Iterator[str]:
    for division in county.places.divisions:
        yield f"{division.code}\t{division.name}\t{division.level}\t{division.parent_code or NULL}\n"


def _yearly(scale: Scale) -> int:
    return scale.industrial * len(YEARS)


BASE_TABLES = (
    BaseTable(
        "civil-affairs",
        _table("division", "code:text name:text level:text parent_code:text", "code"),
        lambda _: _DIVISIONS,
        _division_rows,
    ),
    BaseTable(
        "public-security",
        _table(
            "person",
            "citizen_id:text name:text sex:text birth_date:date ethnicity:text phone:text address:text "
            "village_code:text town_code:text household_no:text marital_status:text registered_on:date",
            "citizen_id",
        ),
        lambda scale: scale.people,
        lambda county: person_rows(county.people, county.places),
    ),
    BaseTable(
        "public-security",
        _table(
            "household",
            "household_no:text head_id:text address:text village_code:text town_code:text",
            "household_no",
        ),
        lambda scale: scale.people // 100 * len(HOUSEHOLD_SIZES),
        lambda county: household_rows(county.people, county.places),
    ),
    BaseTable(
        "market-regulation",
        _table(
            "enterprise",
            "credit_code:text name:text kind:text legal_person_id:text legal_person_name:text industry_code:text "
            "registered_capital:numeric(18,2) established_on:date status:text address:text town_code:text phone:text "
            "employees:integer business_scope:text",
            "credit_code",
        ),
        lambda scale: scale.enterprises,
        lambda county: enterprise_rows(county.enterprises, county.people, county.places),
    ),
    BaseTable(
        "market-regulation",
        _table(
            "licence",
            "number:text kind:text title:text holder_code:text issuer:text issued_on:date valid_until:date status:text "
            "town_code:text",
            "number",
        ),
        lambda scale: scale.enterprises // 100 * scale.licences_per_hundred,
        lambda county: licence_rows(county.enterprises, county.places, county.scale),
    ),
    BaseTable(
        "development-reform",
        _table(
            "project",
            "code:text name:text owner_code:text industry_code:text investment:numeric(18,2) stage:text "
            "approved_on:date planned_completion:date town_code:text contact_phone:text",
            "code",
        ),
        lambda scale: scale.enterprises // 100 * scale.projects_per_hundred,
        lambda county: project_rows(county.enterprises, county.places, county.scale),
    ),
    BaseTable(
        "development-reform",
        _table(
            "credit_record",
            "number:text subject_code:text kind:text fact:text decided_by:text decided_on:date expires_on:date "
            "score:integer town_code:text",
            "number",
        ),
        lambda scale: scale.enterprises // 100 * scale.credit_records_per_hundred,
        lambda county: credit_record_rows(county.enterprises, county.places, county.scale),
    ),
    BaseTable(
        "economy-information",
        _table(
            "industrial_output",
            "credit_code:text year:integer output_value:numeric(18,2) added_value:numeric(18,2) revenue:numeric(18,2) "
            "research_expense:numeric(18,2) average_employees:integer town_code:text",
            "credit_code year",
        ),
        _yearly,
        lambda county: output_rows(county.industry, county.enterprises, county.places),
    ),
    BaseTable(
        "economy-information",
        _table(
            "energy_use",
            "credit_code:text year:integer electricity:numeric(14,1) gas:numeric(14,1) standard_coal:numeric(14,3) "
            "town_code:text",
            "credit_code year",
        ),
        _yearly,
        lambda county: energy_rows(county.industry, county.enterprises, county.places),
    ),
    BaseTable(
        "taxation",
        _table(
            "tax_payment",
            "credit_code:text year:integer tax_paid:numeric(18,2) value_added_tax:numeric(18,2) "
            "income_tax:numeric(18,2) town_code:text",
            "credit_code year",
        ),
        lambda scale: scale.enterprises // 100 * scale.taxpayers_per_hundred * len(YEARS),
        lambda county: tax_rows(county.industry, county.enterprises, county.places, county.scale),
    ),
    BaseTable(
        "natural-resources",
        _table(
            "land_use",
            "parcel_no:text credit_code:text area_mu:numeric(12,3) purpose:text acquired_on:date town_code:text",
            "parcel_no",
        ),
        lambda scale: parcel_count(scale.industrial),
        lambda county: land_rows(county.industry, county.enterprises, county.places),
    ),
    BaseTable(
        "environment",
        _table(
            "emission",
            "credit_code:text year:integer equivalents:numeric(14,3) permit_no:text town_code:text",
            "credit_code year",
        ),
        _yearly,
        lambda county: emission_rows(county.industry, county.enterprises, county.places),
    ),
)
"""The base libraries, in the order they are loaded."""
