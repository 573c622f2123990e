"""In charge of putting records into blocks by which a key is found (docs/log.md, "Finding a key"), beside the answers.

Nothing depends on when it is done: what is in no block yet is looked through. A block is made in pieces with rests in
between: what waits is looked for, its fingerprints are made, and one transaction takes what waited out of log.recent
and puts the block in its place. It refuses to know what a search asks.
"""

import asyncio
import logging
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from uuid import UUID

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
_PIECE_US = 160
_MOST_RECORDS = 256  # in a piece
_RECORD_WEIGHT = 2  # in keys: looking up a record takes as long as two fingerprints
_MOST_ROWS = 512
_PAGES_AT_ONCE = 64  # of log.recent, looked through for rows
_PRINT_BYTES = 6
_MERGED = 1_024  # fingerprints at a time: a quarter of a millisecond
_MERGING_S = 0.00025
_LARGEST_BYTES = 1 << 29
_TRY_LOCK = "select pg_try_advisory_lock(hashtextextended('yishu.key_block', 0))"
_UNLOCK = "select pg_advisory_unlock(hashtextextended('yishu.key_block', 0))"
_NEWEST = "select id from log.record order by id desc limit 1"
_PAGES = "select pg_relation_size('log.recent') / current_setting('block_size')::int"
_WAITING = "select * from log.waiting_between($1, $2, $3, $4, $5)"
_PRINT = "select prints, earliest, latest, took_us from log.key_prints($1, $2)"
_TAKE = "select records, took_us from log.take_waiting($1)"
_PUT = "insert into log.key_block (newest, records, earliest, latest, prints) values ($1, $2, $3, $4, $5)"
# A block lost in a crash is made again: no answer has to wait for the disk because of it. jit would compile for longer
# than statements of a few rows run.
_AT_LEISURE = """
set synchronous_commit = off; set jit = off;
set statement_timeout = 0; set idle_in_transaction_session_timeout = '30s'"""
_log = logging.getLogger("yishu.audit")

Connect = Callable[[], AbstractAsyncContextManager[asyncpg.Connection]]
Rest = Callable[[float], Awaitable[None]]
Place = tuple[int, int]  # of a row: its page, and the place on it


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
    waiting = await _waiting(connection, records, keys, rest)
    if waiting is None:
        return 0
    ids = sorted(waiting.shown)
    pieces = [piece async for piece in _pieces(connection, ids, waiting.shown, rest)]
    times = [time for piece in pieces for time in (piece["earliest"], piece["latest"]) if time is not None]
    prints = await _merged([piece["prints"] for piece in pieces], rest)
    with suppress(asyncpg.SerializationError):
        async with connection.transaction():
            if await _taken(connection, waiting.places, rest) != ids:
                raise asyncpg.SerializationError("records that waited for a block wait no more")
            if times:  # else they have been taken out of the log
                await connection.execute(_PUT, ids[-1], ids, min(times), max(times), prints)
        return len(ids)
    return 0


class _Pace:
    """How much of something makes a piece that takes as long as one should: learned from the piece before.

    Never less than a quarter of what it begins with: what a statement takes by itself may be more than that time.
    """

    def __init__(self, many: int, most: int) -> None:
        self.many = many
        self._least, self._most = many // 4, most

    def learn(self, done: int, took_us: int) -> float:
        """Takes how long so much took, in microseconds; gives the same in seconds."""
        self.many = min(max(done * _PIECE_US // max(took_us, 1), self._least), self._most)
        return took_us / 1_000_000


class _Waiting:
    """Rows of log.recent, and about how many keys each of their records shows."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.shown: dict[UUID, int] = {}


async def _waiting(connection: Connection, records: int, keys: int, rest: Rest) -> _Waiting | None:
    """What has so many records, or shows so many keys; None if too little waits."""
    waiting = _Waiting()
    pages = await connection.fetchval(_PAGES)
    at, shown, rows = (0, 0), 0, _Pace(64, _MOST_ROWS)
    while at[0] < pages:
        end = (at[0] + _PAGES_AT_ONCE, 0)
        piece = await connection.fetchrow(_WAITING, at, end, rows.many, records - len(waiting.shown), keys - shown)
        assert piece is not None  # of a function
        at = piece["reached"]
        waiting.places += piece["places"]
        waiting.shown.update(zip(piece["records"], piece["each_shows"], strict=True))
        shown += piece["shown"]
        if len(waiting.shown) >= records or shown >= keys:
            return waiting
        await rest(rows.learn(rows.many, piece["took_us"]))
    return None


async def _taken(connection: Connection, places: Sequence[Place], rest: Rest) -> list[UUID]:
    """Takes the rows out of log.recent; the records that they had, ascending."""
    ids: list[UUID] = []
    begun, rows = 0, _Pace(32, _MOST_ROWS)
    while begun < len(places):
        piece = await connection.fetchrow(_TAKE, places[begun : begun + rows.many])
        assert piece is not None  # of a function
        begun += rows.many
        ids += piece["records"]
        await rest(rows.learn(rows.many, piece["took_us"]))
    return sorted(ids)


async def _pieces(
    connection: Connection, ids: Sequence[UUID], shown: Mapping[UUID, int], rest: Rest
) -> AsyncIterator[asyncpg.Record]:
    """The fingerprints of the records, of so many at a time as take the time that a piece should, one at least."""
    begun, weight = 0, _Pace(_RECORD_WEIGHT * 32, _RECORD_WEIGHT * _MOST_RECORDS)
    while begun < len(ids):
        end, done = begun, 0
        while end < len(ids) and done < weight.many:
            done += _RECORD_WEIGHT + shown[ids[end]]
            end += 1
        piece = await connection.fetchrow(_PRINT, ids[begun:end], begun + 1)
        assert piece is not None  # of a function
        yield piece
        begun = end
        await rest(weight.learn(done, piece["took_us"]))


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
