"""The newest epoch is heard of, whatever becomes of the connection that tells of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from api.epochs import Epochs
from api.preparing import connected

_BROKEN = asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")
_STARTING = asyncpg.CannotConnectNowError("starting up")


@pytest.mark.parametrize("failure", [ConnectionRefusedError(), _BROKEN, _STARTING], ids=repr)
async def test_who_waits_hears_of_it_after_the_connection_broke(database_url: str, failure: Exception) -> None:
    failures = iter([failure])

    @asynccontextmanager
    async def connect() -> AsyncIterator[asyncpg.Connection]:
        for each in failures:
            raise each
        async with connected(database_url) as connection:
            yield connection

    epochs = Epochs(connect)
    async with asyncio.timeout(10), epochs.watched():
        newest = await epochs.beyond(-1)

    assert newest >= 0
