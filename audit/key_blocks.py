"""In charge of putting records into blocks by which a key is found (docs/log.md, "Finding a key"), beside the answers.

Nothing depends on when it is done: what is in no block yet is looked through. A block is made in pieces with rests in
between, and put in its place by one short transaction. It refuses to know what a search asks.
"""

import asyncio
import logging
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress

import asyncpg

from audit.append import Connection
from resolvers.load import Load
from resolvers.readers import FAILURES

BLOCK_RECORDS = 4_096
_KEYS = 100_000
_LOOK_EVERY_S = 2.0
_TRY_AGAIN_AFTER_S = 5.0
# So many times as long as a piece took it rests: a twentieth of a processor while questions are under way, here or in
# another worker, which shows by what was recorded so lately.
_RESTS, _RESTS_IDLE, _LATELY_S = 20, 3, 1.0
_PIECE_US = 330
_MOST_RECORDS = 256  # in a piece
_PRINT_BYTES = 6
_MERGED = 2_048  # fingerprints at a time: half a millisecond
_MERGING_S = 0.0005
_LARGEST_BYTES = 1 << 29
_TRY_LOCK = "select pg_try_advisory_lock(hashtextextended('yishu.key_block', 0))"
_UNLOCK = "select pg_advisory_unlock(hashtextextended('yishu.key_block', 0))"
_NEWEST = "select id from log.record order by id desc limit 1"
_TAKE = "select places, taken from log.oldest_waiting($1, $2)"
_PRINT = "select prints, earliest, latest, took_us from log.key_prints($1, $2)"
_PUT = "select log.put_key_block($1, $2, $3, $4, $5)"
# A block lost in a crash is made again: no answer has to wait for the disk because of it. jit would compile for longer
# than statements of a few rows run.
_AT_LEISURE = "set synchronous_commit = off; set statement_timeout = 0; set jit = off"
_log = logging.getLogger("yishu.audit")

Connect = Callable[[], AbstractAsyncContextManager[asyncpg.Connection]]
Rest = Callable[[float], Awaitable[None]]


async def _no_rest(_: float) -> None:
    return


async def make_block(
    connection: Connection, *, records: int = BLOCK_RECORDS, keys: int = _KEYS, rest: Rest = _no_rest
) -> int:
    """Makes a block if so many records wait, or records that show so many keys. How many were put into it, else 0.

    After each piece of the work `rest` is told how many seconds that took. 0 also while somebody else makes one.
    Whoever cancels it is to give up the connection, and with that the lock.
    """
    if not await connection.fetchval(_TRY_LOCK):
        return 0
    try:
        made = await _make(connection, records, keys, rest)
    except asyncpg.PostgresError:
        if not connection.is_closed():
            await connection.execute(_UNLOCK)
        raise
    await connection.execute(_UNLOCK)
    return made


async def _make(connection: Connection, records: int, keys: int, rest: Rest) -> int:
    waiting = await connection.fetchrow(_TAKE, records, keys)
    if waiting is None:
        return 0
    taken = waiting["taken"]
    pieces = [piece async for piece in _pieces(connection, taken, rest)]
    times = [time for piece in pieces for time in (piece["earliest"], piece["latest"]) if time is not None]
    prints = await _merged([piece["prints"] for piece in pieces], rest)
    with suppress(asyncpg.SerializationError):
        await connection.execute(
            _PUT, waiting["places"], taken, prints, min(times, default=None), max(times, default=None)
        )
        return len(taken)
    return 0


async def _pieces(connection: Connection, taken: Sequence[object], rest: Rest) -> AsyncIterator[asyncpg.Record]:
    """The fingerprints of the records, so many at a time as take the time that a piece should."""
    begun, many = 0, 64
    while begun < len(taken):
        piece = await connection.fetchrow(_PRINT, taken[begun : begun + many], begun + 1)
        assert piece is not None  # of a function
        yield piece
        begun += many
        took_us = max(piece["took_us"], 1)
        many = min(max(many * _PIECE_US // took_us, 1), _MOST_RECORDS)
        await rest(took_us / 1_000_000)


async def _merged(pieces: Sequence[bytes | None], rest: Rest) -> bytes | None:
    """All fingerprints, ascending, each once; None where those of a piece are not known, or they are too many.

    Each piece is ascending, so what begins with the same first bytes is merged without looking at the rest.
    """
    known = [piece for piece in pieces if piece is not None]
    size = sum(map(len, known))
    if len(known) < len(pieces) or size > _LARGEST_BYTES:
        return None
    parts = min(size // (_PRINT_BYTES * _MERGED) + 1, 256)
    merged: list[bytes] = []
    begins = [0] * len(known)
    for part in range(1, parts + 1):
        ends = [_place(piece, part * 256 // parts) for piece in known]
        found = {
            piece[at : at + _PRINT_BYTES]
            for piece, begin, end in zip(known, begins, ends, strict=True)
            for at in range(begin, end, _PRINT_BYTES)
        }
        merged += sorted(found)
        begins = ends
        await rest(_MERGING_S)
    return b"".join(merged)


def _place(piece: bytes, first_byte: int) -> int:
    """Where the fingerprints begin whose first byte is not below this one."""
    count = len(piece) // _PRINT_BYTES
    return _PRINT_BYTES * bisect_left(range(count), first_byte, key=lambda number: piece[number * _PRINT_BYTES])


async def is_recorded_lately(connection: Connection) -> bool:
    """Whether anybody has recorded anything within the last second, by the times in the records' ids."""
    newest = await connection.fetchval(_NEWEST)
    return newest is not None and (newest.int >> 80) / 1_000 > time.time() - _LATELY_S


class KeyBlocks:
    """Makes blocks as long as it is open, over a connection of its own. Of all workers one makes a block at a time."""

    def __init__(self, connect: Connect, load: Load) -> None:
        self._connect = connect
        self._load = load
        self._are_others_busy = False
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
                    try:
                        await self._make_over(connection)
                    finally:
                        connection.terminate()  # waits for nobody, and with it goes the lock
            except FAILURES as error:
                _log.warning("no block of keys could be made: %r", error)
            await asyncio.sleep(_TRY_AGAIN_AFTER_S)

    async def _make_over(self, connection: asyncpg.Connection) -> None:
        await connection.execute(_AT_LEISURE)
        while True:
            self._are_others_busy = await is_recorded_lately(connection)
            if not await make_block(connection, rest=self._rest):
                await asyncio.sleep(_LOOK_EVERY_S)

    async def _rest(self, worked_s: float) -> None:
        is_busy = self._load.under_way or self._are_others_busy
        await asyncio.sleep(worked_s * (_RESTS if is_busy else _RESTS_IDLE))
