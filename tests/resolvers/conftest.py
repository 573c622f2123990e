"""In charge of the county the tests of the engine read: loaded once a session, shared by all that do not change it."""

from collections.abc import AsyncIterator

import pytest

from api.cluster import Cluster
from tests.resolvers.asking import Engine, engine_on
from tests.resolvers.county import create_county


@pytest.fixture(scope="session")
async def county_url(embedded_postgresql: Cluster) -> str:
    """The address of the county's database."""
    return await create_county(embedded_postgresql, "county")


@pytest.fixture(scope="session")
async def engine(county_url: str) -> AsyncIterator[Engine]:
    """The engine over the county."""
    async with engine_on(county_url) as opened:
        yield opened
