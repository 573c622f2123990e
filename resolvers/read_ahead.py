"""In charge of rows that are read before they are asked for.

Who looks up one row of a table after the other will look up more of them, and who pages through it will come to the
others; reading a row among its neighbours costs a tenth of reading it alone. So once a look-up has been asked for often
enough under one state, or rows of pages are worth knowing, they are read portion by portion in the order of their keys,
so many for each time they are asked for, until all of them are there or three quarters of the memory for rows are
taken. What is found is exact while the state stands, as the commit of its record proves; what is not found, and whether
there is such a row at all, says the database.

It refuses to know what the rows say and who may know of them: that is told by the statements.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from resolvers.lookup import Lookup
from resolvers.readers import FAILURES, Readers
from resolvers.row_kinds import Phase, Worth
from resolvers.row_store import Held, RowStore
from resolvers.written import NotWritableError

_WORTH = Worth(first=Phase.KNOWN)  # its rows are kept from the first on
_PARTY = "read ahead"  # in whose name connections are asked for
# A portion that takes longer is found by no index, or waits for what questions wait for too; and when it is given up.
_LONGEST_S, _TIMEOUT_S = 0.1, 0.5
# Rows that are read at a time at most. More bytes would stop the loop, and heavier rows are not many.
_MOST = 200
_MOST_BYTES, _HEAVIEST_BYTES = 256 << 10, 64 << 10
_LEAST_READERS = 3  # with fewer connections one may be all there are
_log = logging.getLogger("yishu.graphql")


@dataclass(frozen=True, slots=True)
class Pace:
    """When rows of a look-up are read ahead: after it was asked for `first` times, and then so many `for_each` time.

    Reading a row ahead costs processors 4 to 7 µs, finding it there saves who asks 25.
    """

    first: int = 500
    for_each: int = 16


@dataclass(frozen=True, slots=True)
class Portions:
    """How rows are read in the order of their keys: the statement of so many, what is bound to it of the last key there
    was and of that number, and what is kept of them, by their keys. The statement tells the key of each row first.
    At most so many are read at a time.
    """

    sql: str
    bind: Callable[[str, int], Sequence[object]]
    taken: Callable[[Sequence[asyncpg.Record]], Mapping[str, bytes]]
    most: int = _MOST


class ReadAhead:
    """Reads for one worker, into its store of rows, one portion at a time. Safe to use concurrently."""

    def __init__(self, readers: Readers, store: RowStore, pace: Pace | None = None) -> None:
        self._readers = readers
        self._store = store
        self.pace = pace or Pace()
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def find(self, lookup: Lookup, key: object, state: object) -> bytes | None:
        """What the look-up's portion gives of the row with this key, None if it is not there; to be asked at each use.

        The state is greater whenever anything has moved.
        """
        if not lookup.portion or not self._store.most_bytes or self._readers.most < _LEAST_READERS:
            return None
        name = lookup.name, lookup.portion  # which lists nodes that are recorded without keys too
        kind = self._store.kind(name, state, _WORTH)
        self._store.let_go()
        ahead = kind.ahead
        ahead.uses += 1
        if not ahead.is_over and ahead.uses >= self.pace.first:
            ahead.earned = ahead.uses * self.pace.for_each
            if not ahead.is_under_way and kind.keeps:
                self._begin(name, kind, _portions_of(lookup))
        return kind.rows.get(key) if isinstance(key, str) else None

    def earn(self, name: Hashable, held: Held, rows: int, portions: Portions) -> None:
        """Reads so many more rows of a kind in the store, or keys of a list."""
        ahead = held.ahead
        ahead.earned += rows
        if not ahead.is_over and not ahead.is_under_way and self._readers.most >= _LEAST_READERS:
            self._begin(name, held, portions)

    async def close(self) -> None:
        """Reads nothing any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def settled(self) -> None:
        """Returns when nothing is being read any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _begin(self, name: Hashable, held: Held, portions: Portions) -> None:
        held.ahead.is_under_way = True
        task = asyncio.create_task(self._read(name, held, portions))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, name: Hashable, held: Held, portions: Portions) -> None:
        """Reads as many portions as were earned since the last time."""
        ahead, is_in_order = held.ahead, False
        try:
            while not ahead.is_over and ahead.read < ahead.earned:
                async with self._turn:
                    await self._read_portion(name, held, portions)
            is_in_order = True
        except (NotWritableError, *FAILURES) as error:
            _log.info("rows were not read ahead: %r", error)
        finally:
            ahead.is_under_way = False
            ahead.is_over = ahead.is_over or not is_in_order

    async def _read_portion(self, name: Hashable, held: Held, portions: Portions) -> None:
        ahead = held.ahead
        if self._store.is_nearly_full or not self._is_wanted(name, held):
            ahead.is_over = True
            return
        async with self._readers.connection(_PARTY) as connection:
            began = time.perf_counter()
            rows = await connection.fetch(portions.sql, *portions.bind(ahead.last, ahead.portion), timeout=_TIMEOUT_S)
            took_s = time.perf_counter() - began
        is_last = len(rows) < ahead.portion
        ahead.is_over = is_last or took_s > _LONGEST_S
        if rows and self._is_wanted(name, held):
            before, taken = held.size_bytes, portions.taken(rows)
            held.learn(taken)
            self._store.weigh(name, held, before)
            ahead.read += len(rows)
            ahead.last = rows[-1][0]
            row_bytes = 1 + sum(len(key) + len(row) for key, row in taken.items()) // len(rows)  # also if known before
            ahead.portion = max(1, min(portions.most, _MOST_BYTES // row_bytes))
            ahead.is_over = ahead.is_over or row_bytes > _HEAVIEST_BYTES
        ahead.is_whole = is_last and self._is_wanted(name, held)

    def _is_wanted(self, name: Hashable, held: Held) -> bool:
        return self._store.has(name, held) and held.keeps


def _portions_of(lookup: Lookup) -> Portions:
    return Portions(lookup.portion, lambda last, rows: (last, *lookup.constants, rows), _as_they_are)


def _as_they_are(rows: Sequence[asyncpg.Record]) -> Mapping[str, bytes]:
    return {row[0]: row[1] for row in rows}
