"""In charge of the connections that questions read over: kept between questions instead of given back to the pool.

Giving one back and taking it again costs a question half of what its statement costs the worker. It knows nothing of
statements.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from asyncpg.pool import PoolConnectionProxy


class Readers:
    """Up to `most` connections of a pool, idle between questions; beyond them the pool's own."""

    def __init__(self, pool: asyncpg.Pool, most: int) -> None:
        self._pool = pool
        self._most = most
        self._idle: list[PoolConnectionProxy] = []
        self._held = 0
        self._is_closed = False

    async def acquire(self) -> PoolConnectionProxy:
        """A connection in no transaction; to be given to release() whatever happens."""
        while self._idle:
            connection = self._idle.pop()  # the one used last: its process is the warmest
            if not connection.is_closed():
                return connection
            await self._give_back(connection)
        self._held += 1
        acquired = None
        try:
            acquired = await self._pool.acquire()
        finally:
            self._held -= acquired is None
        return acquired

    async def release(self, connection: PoolConnectionProxy, *, is_in_order: bool) -> None:
        """Takes a connection back. One that failed or was broken off goes to the pool, which mends or replaces it."""
        if is_in_order and not self._is_closed and self._held <= self._most:
            self._idle.append(connection)
        else:
            await self._give_back(connection)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[PoolConnectionProxy]:
        """A connection for the length of the block."""
        connection = await self.acquire()
        is_in_order = False
        try:
            yield connection
            is_in_order = True
        finally:
            await self.release(connection, is_in_order=is_in_order)

    async def close(self) -> None:
        """Gives everything back to the pool, now and from now on."""
        self._is_closed = True
        while self._idle:
            await self._give_back(self._idle.pop())

    async def _give_back(self, connection: PoolConnectionProxy) -> None:
        self._held -= 1
        await self._pool.release(connection)
