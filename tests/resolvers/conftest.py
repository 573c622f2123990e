"""In charge of the county the tests of the engine read: loaded once a session, shared by all that do not change it."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from api.cluster import Cluster
from resolvers.known_rows import KnownRows
from resolvers.limits import Limits
from resolvers.row_store import RowStore
from tests.resolvers.asking import Engine, engine_on
from tests.resolvers.comparing import Comparing, comparing
from tests.resolvers.county import create_county
from tests.resolvers.drawn_inputs import Inputs
from tests.resolvers.extremes import create_extremes

_PLAIN = """
do $$
declare one record;
begin
    perform platform.begin_batch();
    for one in select table_schema, table_name, column_name from information_schema.columns natural join
                      information_schema.tables
                where table_schema like 'pool%' and table_type = 'BASE TABLE' and data_type = 'text'
                  and is_generated = 'NEVER' loop
        execute format('update %I.%I set %3$I = regexp_replace(%3$I, %4$L, %5$L, %6$L) where %3$I ~ %4$L',
                       one.table_schema, one.table_name, one.column_name, '["\\\\[:cntrl:]]', '', 'g');
    end loop;
    perform platform.end_batch('collection');
end $$"""


@pytest.fixture(scope="session")
async def plain_url(embedded_postgresql: Cluster) -> str:
    """The address of a county all of whose texts can be written."""
    url = await create_county(embedded_postgresql, "plain_county")
    connection = await asyncpg.connect(url)
    await connection.execute(_PLAIN)
    await connection.close()
    return url


@pytest.fixture(scope="session")
async def whole(plain_url: str) -> AsyncIterator[Engine]:
    """An engine that knows no rows."""
    async with engine_on(plain_url, known=KnownRows(RowStore(0))) as opened:
        yield opened


@pytest.fixture(scope="session")
async def county_url(embedded_postgresql: Cluster) -> str:
    """The address of the county's database."""
    return await create_county(embedded_postgresql, "county")


@pytest.fixture(scope="session")
async def engine(county_url: str) -> AsyncIterator[Engine]:
    """The engine over the county."""
    async with engine_on(county_url) as opened:
        yield opened


@pytest.fixture(scope="session")
async def compared(engine: Engine) -> Comparing:
    """The engine beside the reference."""
    return await comparing(engine)


@pytest.fixture(scope="session")
def drawn_inputs(compared: Comparing) -> Inputs:
    """Draws inputs from the county's values."""
    return compared.inputs


@pytest.fixture(scope="session")
async def by_rows(county_url: str) -> AsyncIterator[Engine]:
    """An engine that takes every answer for too large to be written."""
    async with engine_on(county_url, Limits(whole_rows=0, portion_rows=1_000)) as opened:
        yield opened


@pytest.fixture(scope="session")
async def extremes(embedded_postgresql: Cluster) -> AsyncIterator[Engine]:
    """The engine over a county with the extremes of every type."""
    async with engine_on(await create_extremes(embedded_postgresql, "extremes")) as opened:
        yield opened


@pytest.fixture
async def changing(county_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection whose batch is rolled back, so that nobody else sees what it changes."""
    connection = await asyncpg.connect(county_url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("select platform.begin_batch()")
    yield connection
    await transaction.rollback()
    await connection.close()
