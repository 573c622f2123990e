"""In charge of what the tests of the log share: a pool, an open log, the state it starts from, a second connection."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from audit.log import AccessLog
from audit.record import State
from tests.audit.records import current_state


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """A pool on this test's database."""
    async with asyncpg.create_pool(database_url, min_size=1, max_size=4) as opened:
        yield opened


@pytest.fixture
async def log(pool: asyncpg.Pool) -> AsyncIterator[AccessLog]:
    """An open log on this test's database."""
    opened = AccessLog(pool)
    yield opened
    await opened.close()


@pytest.fixture
async def state(connection: asyncpg.Connection) -> State:
    """The platform's state at the start of the test."""
    return await current_state(connection)


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A second connection to this test's database."""
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()
