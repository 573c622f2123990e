"""In charge of one small county in memory for all tests of the sample."""

import pytest

from pool.sample.base_tables import BASE_TABLES
from pool.sample.county import County, make_county
from pool.sample.plan import Plan, make_plan
from pool.sample.scale import SMALL
from pool.sample.source import rows_of
from tests.pool.sample.rows import Rows, parsed


@pytest.fixture(scope="session")
def county() -> County:
    """The small county."""
    return make_county(SMALL)


@pytest.fixture(scope="session")
def plan(county: County) -> Plan:
    """Its plan."""
    return make_plan(SMALL, county.places)


@pytest.fixture(scope="session")
def base(county: County) -> dict[str, Rows]:
    """The rows of its base libraries, by table."""
    return {table.table.name: parsed(rows_of(county, table), table.table) for table in BASE_TABLES}


@pytest.fixture(scope="session")
def industrial_codes(county: County) -> set[str]:
    """The credit codes of its industrial enterprises."""
    return {county.enterprises.codes[number] for number in county.enterprises.industrial}
