"""In charge of what the tests of the whole service share: a county of each test's own, and workers over it."""

import itertools
from collections.abc import AsyncIterator

import asyncpg
import pytest

from api.cluster import Cluster
from tests.api.service.subscribers import Subscribing, subscribing_to
from tests.api.service.workers import Worker, worker_on
from tests.resolvers.county import create_county

_TEMPLATE = "county_template"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
async def county_template(embedded_postgresql: Cluster) -> str:
    """The name of a filled database that nobody is connected to."""
    await create_county(embedded_postgresql, _TEMPLATE)
    return _TEMPLATE


@pytest.fixture
async def county_url(embedded_postgresql: Cluster, county_template: str) -> AsyncIterator[str]:
    """The address of a county of this test alone."""
    name = f"county_{next(_numbers)}"
    server = await asyncpg.connect(embedded_postgresql.url("postgres"))
    try:
        await server.execute(f"create database {name} template {county_template} strategy file_copy")
        yield embedded_postgresql.url(name)
        await server.execute(f"drop database {name} with (force)")
    finally:
        await server.close()


@pytest.fixture
async def other(county_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of somebody else, who changes things."""
    connection = await asyncpg.connect(county_url)
    yield connection
    await connection.close()


@pytest.fixture
async def third(county_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of yet another one."""
    connection = await asyncpg.connect(county_url)
    yield connection
    await connection.close()


@pytest.fixture
async def worker(county_url: str) -> AsyncIterator[Worker]:
    """One worker."""
    async with worker_on(county_url) as opened:
        yield opened


@pytest.fixture
async def second(county_url: str) -> AsyncIterator[Worker]:
    """Another worker over the same database."""
    async with worker_on(county_url) as opened:
        yield opened


@pytest.fixture
async def subscribing(worker: Worker, county_url: str) -> AsyncIterator[Subscribing]:
    """The subscriptions of one worker."""
    async with subscribing_to(worker, county_url) as opened:
        yield opened
