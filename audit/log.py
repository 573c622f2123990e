"""In charge of appending to the access log: group commit, durable before anybody is answered.

While one commit is in flight records queue; the next commit takes all that wait. Where many questions are under way it
waits, for milliseconds at most, for a share of their records. It refuses to know what a record says, and never reads
the log.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterable
from contextlib import suppress

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from msgspec import Struct

from audit.append import Row, Written, append, append_within, row_of
from audit.parts import write_in_parts
from audit.record import KeyPart, PlanContent, Record, State
from resolvers.load import Gathering, Load, Waiter
from resolvers.readers import FAILURES, is_lost

_GROUP_RECORDS = 1_000
_GROUP_BYTES = 8 << 20
_RELEASE_TIMEOUT_S = 2.0
_PATIENCE_S = 0.003

# What one record can cause by what it says. The others of its group must not fail with it.
_UNFIT = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)


class LogUnavailable(Exception):
    """The record is not known to be durable, so nothing may be answered. The message is the operator's."""


class _Pending(Struct, frozen=True):
    """A record that waits for its commit."""

    row: Row
    plan: PlanContent | None
    state: State
    must_match: bool
    size_bytes: int
    settled: Waiter[State]


class AccessLog:
    """Appends the records of one process through one connection of the pool, which it keeps until close()."""

    def __init__(self, pool: asyncpg.Pool, *, timeout_s: float = 10.0, known_plans: int = 50_000) -> None:
        self.load = Load()  # counted by whoever answers the questions whose records come here
        self._pool = pool
        self._timeout_s = timeout_s
        self._connection: PoolConnectionProxy | None = None
        self._queue: deque[_Pending] = deque()
        self._writer: asyncio.Task[None] | None = None
        # Digests this process has seen stored. Forgetting one costs a few bytes on the wire, no more.
        self._known_plans: set[bytes] = set()
        self._known_plans_limit = known_plans
        self._is_closed = False
        self._gathering = Gathering(self.load, _PATIENCE_S)

    async def append(self, record: Record, *, must_match: bool) -> State:
        """The platform's state that was held while the record was committed; the record is durable on return.

        With must_match and another state than the record's, nothing was written: prepare anew. Raises LogUnavailable if
        the record is not known to be durable (it may be). A cancelled caller's record may or may not be written.
        """
        settled: asyncio.Future[State] = asyncio.get_running_loop().create_future()
        self.enqueue(record, settled, must_match=must_match)
        return await settled

    def has_stored(self, plan: bytes) -> bool:
        """Whether this process has seen the plan stored, by its digest, for others that append; never after close()."""
        return plan in self._known_plans and not self._is_closed

    def enqueue(self, record: Record, settled: Waiter[State], *, must_match: bool) -> None:
        """As append(), for one who is told; not before this returns. Raises LogUnavailable if the log is closed."""
        if self._is_closed:
            raise LogUnavailable("the log is closed")
        self._queue.append(_pending(record, settled, must_match=must_match))
        self._gathering.came(self._queue)
        self.load.stirs()
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_queue())

    async def append_within(self, connection: asyncpg.Connection | PoolConnectionProxy, record: Record) -> None:
        """Writes the record in the caller's transaction, which holds the row platform.state; durable with its commit.

        Raises LogUnavailable if it is not written; the caller's transaction is then to be rolled back.
        """
        row = row_of(record, must_match=True)
        plans = () if record.plan is None else (record.plan,)
        try:
            written = await append_within(connection, row, plans)
        except FAILURES as error:
            raise LogUnavailable(_reason(error)) from error
        if written.records != 1:
            raise LogUnavailable("the caller's transaction does not hold the state the record was made under")

    async def append_in_parts(
        self, connection: asyncpg.Connection | PoolConnectionProxy, record: Record, parts: AsyncIterable[KeyPart]
    ) -> State:
        """As append() with must_match, of a record whose keys are in parts; over the caller's connection."""
        try:
            written = await write_in_parts(connection, record, parts, timeout_s=self._timeout_s)
        except FAILURES as error:
            raise LogUnavailable(_reason(error)) from error
        if written.records != (written.state == record.state):
            raise LogUnavailable("the record was not written")
        return written.state

    async def close(self) -> None:
        """Commits what is queued, refuses what comes later, and gives the connection back."""
        self._is_closed = True
        if self._writer is not None:
            await self._writer
        await self._release()

    async def _write_queue(self) -> None:
        group: list[_Pending] = []
        try:
            while self._queue:
                if not self._is_closed:
                    await self._gathering.gather(self._queue)
                group = self._take_group()
                if group:
                    await self._commit(group)
        finally:
            # Only if this task was cancelled is anybody left: no caller may wait for ever.
            _fail([*group, *self._queue], "the log stopped")

    def _take_group(self) -> list[_Pending]:
        group: list[_Pending] = []
        size_bytes = 0
        while self._queue and len(group) < _GROUP_RECORDS and size_bytes < _GROUP_BYTES:
            pending = self._queue.popleft()
            if not pending.settled.done():
                group.append(pending)
                size_bytes += pending.size_bytes
        return group

    async def _commit(self, group: list[_Pending]) -> None:
        plan_by_digest = self._unknown_plans(group)
        rows = [pending.row for pending in group]
        try:
            connection = await self._connected()
            written = await append(connection, rows, tuple(plan_by_digest.values()), timeout_s=self._timeout_s)
        except _UNFIT as error:
            await self._commit_each(group, error)
        except FAILURES as error:
            _fail(group, _reason(error))
            await self._release()
        else:
            self._remember(plan_by_digest)
            _settle(group, written)

    async def _commit_each(self, group: list[_Pending], error: asyncpg.PostgresError) -> None:
        """After a group of which the server wrote nothing: each record alone, with its plan even if that was known."""
        if len(group) == 1 and not self._known_plans:
            _fail(group, _reason(error))
            return
        for pending in group:
            self._known_plans.clear()
            await self._commit([pending])

    def _unknown_plans(self, group: list[_Pending]) -> dict[bytes, PlanContent]:
        plans = (pending.plan for pending in group)
        return {plan.digest: plan for plan in plans if plan is not None and plan.digest not in self._known_plans}

    def _remember(self, plan_by_digest: dict[bytes, PlanContent]) -> None:
        if len(self._known_plans) + len(plan_by_digest) > self._known_plans_limit:
            self._known_plans.clear()
        self._known_plans.update(plan_by_digest)

    async def _connected(self) -> PoolConnectionProxy:
        if self._connection is not None and is_lost(self._connection):
            await self._release()
        if self._connection is None:
            self._connection = await self._pool.acquire(timeout=self._timeout_s)
        return self._connection

    async def _release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # The pool cancels a statement still running, and replaces what it cannot bring back in order.
            with suppress(*FAILURES):
                await self._pool.release(connection, timeout=_RELEASE_TIMEOUT_S)


def _pending(record: Record, settled: Waiter[State], *, must_match: bool) -> _Pending:
    size_bytes = len(record.keys) + len(record.variables or b"") + len(record.document or "")
    return _Pending(row_of(record, must_match=must_match), record.plan, record.state, must_match, size_bytes, settled)


def _settle(group: list[_Pending], written: Written) -> None:
    expected = sum(not pending.must_match or pending.state == written.state for pending in group)
    if expected != written.records:
        # Something between us and the table drops records: then none of the group counts as written.
        _fail(group, f"{written.records} of {expected} records were written")
        return
    for pending in group:
        if not pending.settled.done():  # else its caller was cancelled while it was written
            pending.settled.set_result(written.state)


def _fail(group: list[_Pending], reason: str) -> None:
    for pending in group:
        if not pending.settled.done():
            pending.settled.set_exception(LogUnavailable(reason))


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
