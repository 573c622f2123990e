"""In charge of putting records into blocks by which a key is found (docs/log.md, "Finding a key"), beside the answers.

Nothing depends on when it is done: what is in no block yet is looked through. It refuses to know what a search asks.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress

import asyncpg

from audit.append import Connection
from resolvers.load import Load
from resolvers.readers import FAILURES

BLOCK_RECORDS = 4_096
_KEYS = 100_000
_LOOK_EVERY_S = 2.0
_TRY_AGAIN_AFTER_S = 5.0
# So many times as long as it works it rests: a twentieth of a processor while questions are under way.
_RESTS, _RESTS_IDLE = 20.0, 3.0
_MAKE = "select log.make_key_block($1, $2, $3)"
# A block lost in a crash is made again: no answer has to wait for the disk because of it. jit would compile for longer
# than statements of a few rows run.
_AT_LEISURE = "set synchronous_commit = off; set statement_timeout = 0; set jit = off"
_log = logging.getLogger("yishu.audit")

Connect = Callable[[], AbstractAsyncContextManager[asyncpg.Connection]]


async def make_block(
    connection: Connection, *, records: int = BLOCK_RECORDS, keys: int = _KEYS, rests: float = 0.0
) -> int:
    """Makes a block if so many records wait, or records that show so many keys. How many were put into it, else 0.

    After each piece of its work it rests, `rests` times as long as that took.
    """
    return int(await connection.fetchval(_MAKE, records, keys, rests))


class KeyBlocks:
    """Makes blocks as long as it is open, over a connection of its own. Of all workers one makes a block at a time."""

    def __init__(self, connect: Connect, load: Load) -> None:
        self._connect = connect
        self._load = load
        self._making = asyncio.create_task(self._make())

    async def close(self) -> None:
        """Stops; a block that is not finished is not made."""
        self._making.cancel()
        with suppress(asyncio.CancelledError):
            await self._making

    async def _make(self) -> None:
        while True:
            try:
                async with self._connect() as connection:
                    await connection.execute(_AT_LEISURE)
                    while True:
                        await self._make_what_there_is(connection)
                        await asyncio.sleep(_LOOK_EVERY_S)
            except FAILURES as error:
                _log.warning("no block of keys could be made: %r", error)
            await asyncio.sleep(_TRY_AGAIN_AFTER_S)

    async def _make_what_there_is(self, connection: asyncpg.Connection) -> None:
        made = 1
        while made:
            made = await make_block(connection, rests=_RESTS if self._load.under_way else _RESTS_IDLE)
