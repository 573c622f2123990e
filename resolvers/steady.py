"""In charge of statements that need no plan for each call: found out once for each that is asked for again and again.

PostgreSQL plans a statement anew for the values of each call as long as it estimates one plan for all to cost more,
however little the plans differ; for a page of fifty rows planning takes as long as reading. Here the plan for all is
compared with those for values that were really asked: if each has the same shape, the statement is steady. For a value
rarer than any of those the plan for all may be the slower one; it is one that serves the usual ones well.

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
from resolvers.readers import Readers
from resolvers.text import PLAN_FOR_EACH

_USES = 40
_SAMPLES = 8
_LONGEST_SAMPLE = 1_000
_PARTY = "plans"  # in whose name connections are asked for
_FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
_log = logging.getLogger("yishu.graphql")


@dataclass(slots=True)
class _Known:
    """What is known of one plan's statement."""

    uses: int = 0
    samples: list[list[object]] = field(default_factory=list)
    is_steady: bool = False


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
        if known.uses < _USES:
            self._use(prepared, known)
        return known.is_steady

    def _use(self, prepared: Prepared, known: _Known) -> None:
        known.uses += 1
        (statement,) = prepared.plan.statements
        if known.uses > _USES - _SAMPLES:
            values = statement.bind(prepared.variables)
            if not values or not all(map(_is_plain, values)):
                known.uses = _USES
                known.samples.clear()
                return
            known.samples.append(values)
        if known.uses == _USES:
            task = asyncio.create_task(self._compare(statement.sql, known))
            self._comparing.add(task)
            task.add_done_callback(self._comparing.discard)

    async def _compare(self, sql: str, known: _Known) -> None:
        try:
            async with self._readers.connection(_PARTY) as connection:
                known.is_steady = await has_one_shape(connection, sql, known.samples)
        except _FAILURES as error:
            _log.info("a statement was not compared with its plans: %r", error)
        known.samples.clear()


def _is_plain(value: object) -> bool:
    """Whether a value may be kept as a sample: it is one, and short."""
    return isinstance(value, int) or (isinstance(value, str) and len(value) <= _LONGEST_SAMPLE)


async def has_one_shape(
    connection: asyncpg.Connection | asyncpg.pool.PoolConnectionProxy, sql: str, samples: Sequence[Sequence[object]]
) -> bool:
    """Whether the plan for all values has the shape of that for each of the samples. Not within a transaction."""
    shapes: list[object] = []
    await connection.execute(f"prepare compared as {sql}")
    try:
        for mode, chosen in (("force_generic_plan", samples[:1]), ("force_custom_plan", samples)):
            await connection.execute(f"set plan_cache_mode = {mode}")
            for values in chosen:
                literals = [await connection.fetchval("select quote_literal($1::text)", str(each)) for each in values]
                explained = f"explain (format json) execute compared({', '.join(literals)})"
                shapes.append(_shape(orjson.loads(await connection.fetchval(explained))[0]["Plan"]))
    finally:
        await connection.execute("deallocate compared; reset plan_cache_mode")
    return all(shape == shapes[0] for shape in shapes)


def _shape(node: dict[str, object]) -> object:
    """What a plan does, without what it does it with and what it costs.

    Remembering what was looked up is no deed of its own: it comes and goes with the number of rows that is expected.
    """
    below = node.get("Plans", [])
    assert isinstance(below, list)
    if node.get("Node Type") == "Memoize":
        return _shape(below[0])
    told = tuple(node.get(name) for name in ("Node Type", "Relation Name", "Index Name", "Scan Direction", "Join Type"))
    return (told, node.get("Sort Key"), [_shape(each) for each in below])
