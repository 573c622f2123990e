"""In charge of the connections that questions read over: kept between questions instead of given back to the pool.

Giving one back and taking it again costs a question half of what its statement costs the worker. It knows nothing of
statements.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from resolvers.turns import Turns

# From so many connections on one is for a party that has none.
_ENOUGH_TO_SPARE = 3
_STEADY = "set plan_cache_mode = force_generic_plan"
_UNSTEADY = "reset plan_cache_mode"
# What a statement can fail with, whoever is to blame.
FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)


def is_lost(connection: PoolConnectionProxy) -> bool:
    """Whether the server has closed the connection, or somebody the server."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True  # so lost that the pool has taken it back


class Readers:
    """At most so many connections of a pool at a time, at least one; who comes when all are taken waits its turn.

    Turns are fair between parties: one that asks much, or slow things, leaves the others a connection.
    A connection is `steady` or not: then each of its statements is planned once and not for the values of each call.
    """

    def __init__(self, pool: asyncpg.Pool, most: int) -> None:
        self.most = max(most, 1)
        self._pool = pool
        self._turns = Turns(self.most, spare=int(most >= _ENOUGH_TO_SPARE))
        self._idle: dict[bool, list[PoolConnectionProxy]] = {False: [], True: []}
        self._is_closed = False

    async def acquire(self, party: str = "", *, steady: bool = False) -> PoolConnectionProxy:
        """A connection in no transaction; to be given to release() whatever happens."""
        await self._turns.take(party)
        acquired = None
        try:
            acquired = await self._kept(self._idle[steady]) or await self._changed(steady=steady)
        finally:
            if acquired is None:
                self._turns.give(party)
        return acquired

    async def release(
        self, connection: PoolConnectionProxy, party: str = "", *, is_in_order: bool, steady: bool = False
    ) -> None:
        """Takes a connection back. One that failed or was broken off goes to the pool, which mends or replaces it."""
        try:
            if is_in_order and not self._is_closed:
                self._idle[steady].append(connection)
            elif is_in_order:
                await self._give_back(connection, steady=steady)
            else:
                await self._pool.release(connection)  # which sets it back, or closes it
        finally:
            self._turns.give(party)

    @asynccontextmanager
    async def connection(self, party: str = "", *, steady: bool = False) -> AsyncIterator[PoolConnectionProxy]:
        """A connection for the length of the block."""
        connection = await self.acquire(party, steady=steady)
        is_in_order = False
        try:
            yield connection
            is_in_order = True
        finally:
            await self.release(connection, party, is_in_order=is_in_order, steady=steady)

    async def close(self) -> None:
        """Gives everything back to the pool, now and from now on."""
        self._is_closed = True
        for steady, idle in self._idle.items():
            while (connection := await self._kept(idle)) is not None:
                await self._give_back(connection, steady=steady)

    async def _kept(self, idle: list[PoolConnectionProxy]) -> PoolConnectionProxy | None:
        while idle:
            connection = idle.pop()  # the one used last: its process is the warmest
            if not is_lost(connection):
                return connection
            await self._pool.release(connection)
        return None

    async def _changed(self, *, steady: bool) -> PoolConnectionProxy:
        """A connection that was of the other kind, or is new."""
        connection = await self._kept(self._idle[not steady])
        was_steady = connection is not None and not steady
        connection = connection or await self._pool.acquire()
        is_in_order = False
        try:
            if steady or was_steady:
                await connection.execute(_STEADY if steady else _UNSTEADY)
            is_in_order = True
        finally:
            if not is_in_order:
                await self._pool.release(connection)
        return connection

    async def _give_back(self, connection: PoolConnectionProxy, *, steady: bool) -> None:
        try:
            if steady:
                await connection.execute(_UNSTEADY)
        finally:
            await self._pool.release(connection)
