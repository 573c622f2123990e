"""In charge of records that are completed and made durable where what they tell of is read: who asks, who is told.

For few at a time: each has a statement of its own. It refuses to know what a row says.
"""

import asyncio

import asyncpg

from audit.completing import Completed, Incomplete, Reading, RecordMissing, RowTooLarge, complete
from audit.log import LogUnavailable
from resolvers.load import Waiter
from resolvers.readers import FAILURES, Readers

# Where more are under way, processors are short, and a statement for many takes less of them than one for each.
FEW = 2
# Connections that are left to who looks up one row after the other, beside as many more: of those that questions read
# over, one may have to wait for the same locked table, and one is spare.
_LEFT = 2
_PARTY = "look-ups"  # whose place they take: of everybody together, and quick


class NotAtOnce(Exception):
    """Nothing was written; one after the other the question may yet be answered."""


class Readings:
    """Reads and records for one worker."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self._most = min(FEW, (readers.most - _LEFT) // 2)
        self._under_way = 0
        self._running: set[asyncio.Task[None]] = set()

    @property
    def is_full(self) -> bool:
        """Whether so many statements are under way that one more may have to wait, and others for connections.

        They may wait for a table that somebody has locked, when nobody waits for them any more.
        """
        return self._under_way >= self._most

    def ask(self, reading: Reading, incomplete: Incomplete, found: Waiter[Completed | None]) -> None:
        """Reads the row and records it, for one who is told; not before this returns.

        Who is told of a row, and of the record's state, has a durable record. Of another state, without a row, and when
        NotAtOnce or an error of the database is told, nothing is written; LogUnavailable is told if that is not known.
        """
        self._under_way += 1
        task = asyncio.create_task(self._run(reading, incomplete, found))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, reading: Reading, incomplete: Incomplete, found: Waiter[Completed | None]) -> None:
        is_foreseen = False
        try:
            outcome = await self._outcome(reading, incomplete)
            is_foreseen = True
        finally:
            self._under_way -= 1
            if not is_foreseen and not found.done():
                found.cancel()  # nobody may wait for ever
        if found.done():
            return  # it was given up meanwhile
        if isinstance(outcome, Exception):
            found.set_exception(outcome)
        else:
            found.set_result(outcome)

    async def _outcome(self, reading: Reading, incomplete: Incomplete) -> Completed | Exception | None:
        try:
            async with self._readers.connection(_PARTY, steady=True) as connection:
                try:
                    return await complete(connection, reading, incomplete)
                except RowTooLarge:  # the connection is in order
                    return NotAtOnce("the row is too large")
        except asyncpg.PostgresError as error:
            return error
        except (RecordMissing, *FAILURES) as error:
            return LogUnavailable(f"{type(error).__name__}: {error}")
