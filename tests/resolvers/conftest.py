"""In charge of the county the tests of the engine read: loaded once a session, shared by all that do not change it."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from api.cluster import Cluster
from migrations.runner import migrate
from tests.resolvers.asking import Engine, engine_on
from tests.resolvers.county import load_county

_NAME = "county"


@pytest.fixture(scope="session")
async def county_url(embedded_postgresql: Cluster) -> str:
    """The address of the county's database."""
    server = await asyncpg.connect(embedded_postgresql.url("postgres"))
    try:
        await server.execute(f"create database {_NAME} template template0 encoding 'UTF8' locale 'C'")
    finally:
        await server.close()
    connection = await asyncpg.connect(embedded_postgresql.url(_NAME))
    try:
        await migrate(connection)
        await load_county(connection)
    finally:
        await connection.close()
    return embedded_postgresql.url(_NAME)


@pytest.fixture(scope="session")
async def engine(county_url: str) -> AsyncIterator[Engine]:
    """The engine over the county."""
    async with engine_on(county_url) as opened:
        yield opened
