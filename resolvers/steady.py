"""In charge of statements that need no plan for each call: found out once for each that is asked for again and again.

PostgreSQL plans a statement anew for the values of each call as long as it estimates one plan for all to cost more,
however little they differ; for a page of fifty rows planning takes as long as reading. Here the plan for all is
measured against those for values that were really asked: if it takes less time for all together, planning included, and
for none of them much more, the statement is steady. A call that takes unusually long is measured too: it may have met a
value for which the plan for all takes much more. What was found not to be steady is measured again, twice at most, each
time after ten times as many uses: other work may have disturbed what was measured.

It knows nothing of what a statement is for.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import asyncpg
import orjson

from resolvers.keep import Prepared
from resolvers.plan import Plan
from resolvers.readers import FAILURES, Readers
from resolvers.text import PLAN_FOR_EACH

_USES = 40
_LATER, _MOST_USES = 10, 4_000  # when it is measured again, if that said no, and when for the last time
_SAMPLES = 24
_LONGEST_SAMPLE = 1_000
_REPEATS = 3
# Of what a call takes: less is not worth measuring for.
_LEAST_PLANNING = 0.05
# A few milliseconds more for a rare value are made good by what all others save.
_MOST_SLOWER, _SLACK_MS = 2, 4.0
# How long a call may take before it is doubted: so many times as long as the samples did, and no less than this.
_UNUSUAL, _LEAST_UNUSUAL_S = 10, 0.02
_PARTY = "plans"  # in whose name connections are asked for
_log = logging.getLogger("yishu.graphql")


@dataclass(slots=True)
class _Known:
    """What is known of one plan's statement."""

    uses: int = 0
    until: int = _USES
    samples: list[list[object]] = field(default_factory=list)
    is_steady: bool = False
    is_measured: bool = False
    unusual_s: float = 0.0


class Steadiness:
    """Which plans are steady. One per worker."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self._known: WeakKeyDictionary[Plan, _Known] = WeakKeyDictionary()
        self._comparing: set[asyncio.Task[None]] = set()

    def is_steady(self, prepared: Prepared) -> bool:
        """Whether the plan's one statement needs no plan for each call; to be asked at each use."""
        plan = prepared.plan
        if len(plan.statements) != 1 or plan.is_aggregate or PLAN_FOR_EACH in plan.statements[0].sql:
            return False
        known = self._known.get(plan)
        if known is None:
            known = self._known[plan] = _Known()
        if known.uses < known.until:
            self._use(prepared, known)
        return known.is_steady

    def _use(self, prepared: Prepared, known: _Known) -> None:
        known.uses += 1
        (statement,) = prepared.plan.statements
        if known.uses > known.until - _SAMPLES:
            values = statement.bind(prepared.variables)
            if not values or not all(map(_is_plain, values)):
                known.uses = known.until
                known.samples.clear()
                return
            known.samples.append(values)
        if known.uses == known.until:
            self._begin(statement.sql, known, known.samples)

    def took(self, prepared: Prepared, elapsed_s: float) -> None:
        """Tells how long a call of a steady plan took, also one that failed or was broken off."""
        known = self._known.get(prepared.plan)
        if known is None or not known.is_steady or known.is_measured or elapsed_s <= known.unusual_s:
            return
        known.unusual_s *= 2  # not by what it took: one long wait for something else would hide all that is slow
        (statement,) = prepared.plan.statements
        values = statement.bind(prepared.variables)
        if all(map(_is_value, values)):
            self._begin(statement.sql, known, [values], is_doubted=True)
        else:
            known.is_steady = False

    async def compared(self) -> None:
        """Returns when nothing is being measured any more."""
        while self._comparing:
            await asyncio.wait(self._comparing)

    def _begin(self, sql: str, known: _Known, samples: list[list[object]], *, is_doubted: bool = False) -> None:
        known.is_measured = True
        task = asyncio.create_task(self._compare(sql, known, samples, is_doubted=is_doubted))
        self._comparing.add(task)
        task.add_done_callback(self._comparing.discard)

    async def _compare(self, sql: str, known: _Known, samples: list[list[object]], *, is_doubted: bool) -> None:
        longest_ms = None
        try:
            async with self._readers.connection(_PARTY) as connection:
                longest_ms = await one_plan_takes_ms(connection, sql, samples, is_doubted=is_doubted)
        except FAILURES as error:
            _log.info("a statement was not compared with its plans: %r", error)
        # What cannot be measured, because it takes longer than a statement may, is planned for each call again.
        known.is_steady = longest_ms is not None
        if longest_ms is not None:
            known.unusual_s = max(known.unusual_s, _LEAST_UNUSUAL_S, _UNUSUAL * longest_ms / 1_000)
        elif not is_doubted and known.until < _MOST_USES:
            known.until *= _LATER
        known.is_measured = False
        known.samples.clear()


def _is_value(value: object) -> bool:
    """Whether a statement that is measured can be given it as text."""
    return isinstance(value, int | str)


def _is_plain(value: object) -> bool:
    """Whether a value may be kept as a sample: it is one, and short."""
    return isinstance(value, int) or (isinstance(value, str) and len(value) <= _LONGEST_SAMPLE)


async def one_plan_takes_ms(
    connection: asyncpg.Connection | asyncpg.pool.PoolConnectionProxy,
    sql: str,
    samples: Sequence[Sequence[object]],
    *,
    is_doubted: bool = False,
) -> float | None:
    """How long the statement takes at most with one plan for all values, None if that is not worth it.

    It is not if that takes much longer for one of them; nor if it saves nothing, unless one plan is used already and
    `is_doubted` for these values alone. The statement runs with each sample a few times. Not within a transaction.
    """
    own_ms = shared_ms = longest_ms = 0.0
    await connection.execute(f"prepare compared as {sql}")
    try:
        for values in samples:
            literals = [await connection.fetchval("select quote_literal($1::text)", str(each)) for each in values]
            call = f"compared({', '.join(literals)})"
            planning_ms, own = await _measured(connection, "force_custom_plan", call)
            if planning_ms < _LEAST_PLANNING * own and not is_doubted:
                return None
            _, shared = await _measured(connection, "force_generic_plan", call)
            if shared > _MOST_SLOWER * own + _SLACK_MS:
                return None
            own_ms, shared_ms, longest_ms = own_ms + own, shared_ms + shared, max(longest_ms, shared)
    finally:
        await connection.execute("deallocate compared; reset plan_cache_mode")
    return longest_ms if shared_ms < own_ms or is_doubted else None


async def _measured(
    connection: asyncpg.Connection | asyncpg.pool.PoolConnectionProxy, mode: str, call: str
) -> tuple[float, float]:
    """How long a call's planning takes, and all of it, at best of some times."""
    await connection.execute(f"set plan_cache_mode = {mode}")
    times: list[tuple[float, float]] = []
    for _ in range(_REPEATS):
        text = await connection.fetchval(f"explain (analyze, timing off, format json) execute {call}")
        (told,) = orjson.loads(text)
        times.append((told["Planning Time"], told["Planning Time"] + told["Execution Time"]))
    return min(planning for planning, _ in times), min(whole for _, whole in times)
