"""In charge of the connections that questions read over: kept between questions instead of given back to the pool.

Giving one back and taking it again costs a question half of what its statement costs the worker. It knows nothing of
statements.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from asyncpg.pool import PoolConnectionProxy


def is_lost(connection: PoolConnectionProxy) -> bool:
    """Whether the server has closed the connection, or somebody the server."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True  # so lost that the pool has taken it back


class Readers:
    """At most so many connections of a pool at a time, at least one; who comes when all are taken waits its turn."""

    def __init__(self, pool: asyncpg.Pool, most: int) -> None:
        self._pool = pool
        self._free = max(most, 1)
        self._idle: list[PoolConnectionProxy] = []
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_closed = False

    async def acquire(self) -> PoolConnectionProxy:
        """A connection in no transaction; to be given to release() whatever happens."""
        if self._free and not self._waiting:
            self._free -= 1
        else:
            await self._turn()
        acquired = None
        try:
            while acquired is None and self._idle:
                connection = self._idle.pop()  # the one used last: its process is the warmest
                if is_lost(connection):
                    await self._pool.release(connection)
                else:
                    acquired = connection
            acquired = acquired or await self._pool.acquire()
        finally:
            if acquired is None:
                self._next()
        return acquired

    async def release(self, connection: PoolConnectionProxy, *, is_in_order: bool) -> None:
        """Takes a connection back. One that failed or was broken off goes to the pool, which mends or replaces it."""
        try:
            if is_in_order and not self._is_closed:
                self._idle.append(connection)
            else:
                await self._pool.release(connection)
        finally:
            self._next()

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
            await self._pool.release(self._idle.pop())

    async def _turn(self) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._next()  # the turn had come: it is the next one's
            raise

    def _next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
