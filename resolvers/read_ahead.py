"""In charge of rows that are read before they are asked for: of look-ups that are asked for again and again.

Who looks up one row of a table after the other will look up more of them, and to read a row among its neighbours costs
a tenth of what it costs alone. So once a look-up has been asked for often enough under one state, its rows are read
portion by portion in the order of their keys, so many for each time it is asked for, until all of them are there or
half the memory for rows is taken. What is found is exact while the state stands, as the commit of its record proves;
what is not found, and whether there is such a row at all, says the database.

It refuses to know what the rows say and who may know of them: that is the look-up's.
"""

import asyncio
import logging
import time
from dataclasses import dataclass

from resolvers.lookup import PORTION, Lookup
from resolvers.readers import FAILURES, Readers
from resolvers.row_kinds import Phase, RowKind, Worth
from resolvers.row_store import RowStore

_WORTH = Worth(first=Phase.KNOWN)  # its rows are kept from the first on
_PARTY = "read ahead"  # in whose name connections are asked for
_LONGEST_S = 0.1  # a portion that takes longer is found by no index, or waits for what questions wait for too
_log = logging.getLogger("yishu.graphql")


@dataclass(frozen=True, slots=True)
class Pace:
    """When rows of a look-up are read ahead: after it was asked for `first` times, and then so many `for_each` time.

    Reading a row ahead costs processors 4 µs, finding it there saves who asks 25.
    """

    first: int = 500
    for_each: int = 16


@dataclass(slots=True)
class _Reading:
    """What is read of one look-up under one state. `last` is the greatest key that was read."""

    kind: RowKind
    uses: int = 0
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
        self._readings: dict[str, _Reading] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def find(self, lookup: Lookup, key: object, state: object) -> bytes | None:
        """What the look-up's portion gives of the row with this key, None if it is not there; to be asked at each use.

        The state equals itself until anything moves.
        """
        if not lookup.portion or not self._store.most_bytes:
            return None
        kind = self._store.kind(lookup.name, state, _WORTH)
        self._store.let_go()
        reading = self._readings.get(lookup.name)
        if reading is None or reading.kind is not kind:
            self._forget_all_but_current()
            reading = self._readings[lookup.name] = _Reading(kind)
        reading.uses += 1
        if not reading.is_over and not reading.is_under_way and reading.uses >= self.pace.first:
            self._begin(lookup, reading)
        return kind.rows.get(key) if isinstance(key, str) else None

    async def close(self) -> None:
        """Reads nothing any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def settled(self) -> None:
        """Returns when nothing is being read any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _begin(self, lookup: Lookup, reading: _Reading) -> None:
        reading.is_under_way = True
        task = asyncio.create_task(self._read(lookup, reading))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, lookup: Lookup, reading: _Reading) -> None:
        """Reads as many portions as were earned since the last time."""
        try:
            while not reading.is_over and reading.read < reading.uses * self.pace.for_each:
                await self._read_portion(lookup, reading)
        except FAILURES as error:
            _log.info("rows were not read ahead: %r", error)
            reading.is_over = True
        finally:
            reading.is_under_way = False

    async def _read_portion(self, lookup: Lookup, reading: _Reading) -> None:
        async with self._readers.connection(_PARTY) as connection:
            began = time.perf_counter()
            rows = await connection.fetch(lookup.portion, reading.last, *lookup.constants)
            took_s = time.perf_counter() - began
        kind = reading.kind
        if not self._store.has(lookup.name, kind):
            reading.is_over = True
            return
        before = kind.size_bytes
        kind.learn({row[0]: row[1] for row in rows})
        self._store.weigh(lookup.name, kind, before)
        reading.read += len(rows)
        if len(rows) == PORTION:
            reading.last = rows[-1][0]
        is_full = self._store.size_bytes > self._store.most_bytes // 2
        reading.is_over = len(rows) < PORTION or is_full or took_s > _LONGEST_S

    def _forget_all_but_current(self) -> None:
        """Forgets readings whose rows are forgotten."""
        gone = [name for name, reading in self._readings.items() if not self._store.has(name, reading.kind)]
        for name in gone:
            del self._readings[name]
