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

from resolvers.lookup import PORTION, Lookup
from resolvers.readers import FAILURES, Readers
from resolvers.row_kinds import Phase, RowKind, Worth
from resolvers.row_store import RowStore
from resolvers.written import NotWritableError

_WORTH = Worth(first=Phase.KNOWN)  # its rows are kept from the first on
_PARTY = "read ahead"  # in whose name connections are asked for
_LONGEST_S = 0.1  # a portion that takes longer is found by no index, or waits for what questions wait for too
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
    """How rows are read in the order of their keys: the statement of the next PORTION, what is bound to it of the last
    key there was, and what is kept of them, by their keys. The statement tells the key of each row first.
    """

    sql: str
    bind: Callable[[str], Sequence[object]]
    taken: Callable[[Sequence[asyncpg.Record]], Mapping[str, bytes]]


@dataclass(slots=True)
class _Reading:
    """What is read of one kind of rows, and how many were earned so far. `last` is the greatest key that was read."""

    kind: RowKind
    uses: int = 0
    earned: int = 0
    read: int = 0
    last: str = ""
    is_under_way: bool = False
    is_over: bool = False


class ReadAhead:
    """Reads for one worker, into its store of rows. Safe to use concurrently."""

    def __init__(self, readers: Readers, store: RowStore, pace: Pace | None = None) -> None:
        self._readers = readers
        self._store = store
        self.pace = pace or Pace()
        self._readings: dict[Hashable, _Reading] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def find(self, lookup: Lookup, key: object, state: object) -> bytes | None:
        """What the look-up's portion gives of the row with this key, None if it is not there; to be asked at each use.

        The state equals itself until anything moves.
        """
        if not lookup.portion or not self._store.most_bytes:
            return None
        name = lookup.name, lookup.portion  # which lists nodes that are recorded without keys too
        kind = self._store.kind(name, state, _WORTH)
        self._store.let_go()
        reading = self._reading(name, kind)
        reading.uses += 1
        if not reading.is_over and reading.uses >= self.pace.first:
            reading.earned = reading.uses * self.pace.for_each
            if not reading.is_under_way:
                self._begin(name, reading, _portions_of(lookup))
        return kind.rows.get(key) if isinstance(key, str) else None

    def earn(self, name: Hashable, kind: RowKind, rows: int, portions: Portions) -> None:
        """Reads so many more rows of a kind in the store."""
        reading = self._reading(name, kind)
        reading.earned += rows
        if not reading.is_over and not reading.is_under_way:
            self._begin(name, reading, portions)

    async def close(self) -> None:
        """Reads nothing any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def settled(self) -> None:
        """Returns when nothing is being read any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _reading(self, name: Hashable, kind: RowKind) -> _Reading:
        reading = self._readings.get(name)
        if reading is None or reading.kind is not kind:
            gone = [each for each, other in self._readings.items() if not self._store.has(each, other.kind)]
            for each in gone:
                del self._readings[each]
            reading = self._readings[name] = _Reading(kind)
        return reading

    def _begin(self, name: Hashable, reading: _Reading, portions: Portions) -> None:
        reading.is_under_way = True
        task = asyncio.create_task(self._read(name, reading, portions))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, name: Hashable, reading: _Reading, portions: Portions) -> None:
        """Reads as many portions as were earned since the last time."""
        try:
            while not reading.is_over and reading.read < reading.earned:
                await self._read_portion(name, reading, portions)
        except (NotWritableError, *FAILURES) as error:
            _log.info("rows were not read ahead: %r", error)
            reading.is_over = True
        finally:
            reading.is_under_way = False

    async def _read_portion(self, name: Hashable, reading: _Reading, portions: Portions) -> None:
        async with self._readers.connection(_PARTY) as connection:
            began = time.perf_counter()
            rows = await connection.fetch(portions.sql, *portions.bind(reading.last))
            took_s = time.perf_counter() - began
        kind = reading.kind
        if not self._store.has(name, kind) or not kind.keeps:
            reading.is_over = True
            return
        if rows:
            before = kind.size_bytes
            kind.learn(portions.taken(rows))
            self._store.weigh(name, kind, before)
            reading.read += len(rows)
            reading.last = rows[-1][0]
        is_nearly_full = self._store.size_bytes > self._store.most_bytes * 3 // 4
        reading.is_over = len(rows) < PORTION or is_nearly_full or took_s > _LONGEST_S


def _portions_of(lookup: Lookup) -> Portions:
    return Portions(lookup.portion, lambda last: (last, *lookup.constants), _as_they_are)


def _as_they_are(rows: Sequence[asyncpg.Record]) -> Mapping[str, bytes]:
    return {row[0]: row[1] for row in rows}
