"""In charge of putting records into blocks by which a key is found (docs/log.md, "Finding a key"), beside the answers.

Nothing depends on when it is done: what is in no block yet is looked through. It refuses to know what a search asks.
"""

import asyncio
import logging
import time
from contextlib import suppress

import asyncpg

from audit.append import Connection
from resolvers.load import Load
from resolvers.readers import FAILURES

BLOCK_RECORDS = 4_096
_KEYS = 100_000
_LOOK_EVERY_S = 2.0
# Between two blocks so many times as long as one took: a twentieth of a processor while questions are under way.
_REST, _REST_IDLE = 20, 3
_MAKE = "select log.make_key_block($1, $2)"
# A block lost in a crash is made again: no answer has to wait for the disk because of it.
_AT_LEISURE = "set local synchronous_commit = off; set local statement_timeout = 0"
_log = logging.getLogger("yishu.audit")


async def make_block(connection: Connection, *, records: int = BLOCK_RECORDS, keys: int = _KEYS) -> int:
    """Makes a block if so many records wait, or records that show so many keys. How many were put into it, else 0."""
    async with connection.transaction():
        await connection.execute(_AT_LEISURE)
        return int(await connection.fetchval(_MAKE, records, keys))


class KeyBlocks:
    """Makes blocks as long as it is open. One per worker; of all workers one makes a block at a time."""

    def __init__(self, pool: asyncpg.Pool, load: Load) -> None:
        self._pool = pool
        self._load = load
        self._making = asyncio.create_task(self._make())

    async def close(self) -> None:
        """Stops; a block that is not finished is not made."""
        self._making.cancel()
        with suppress(asyncio.CancelledError):
            await self._making

    async def _make(self) -> None:
        while True:
            rest_s = _LOOK_EVERY_S
            try:
                async with self._pool.acquire() as connection:
                    started = time.perf_counter()
                    if await make_block(connection):
                        rest_s = (time.perf_counter() - started) * (_REST if self._load.under_way else _REST_IDLE)
            except FAILURES as error:
                _log.warning("no block of keys could be made: %r", error)
            await asyncio.sleep(rest_s)
