"""Runs a plan: statements over one connection, rows into data, keys and problems.

Statements of one operation may run one after another: the caller compares the data epoch before the first with the one
under which the record is written, and an unmoved epoch is one snapshot.
"""

from collections.abc import Mapping, Sequence, Set
from typing import Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from msgspec import Struct

from resolvers.keep import Prepared
from resolvers.plan import Plan
from resolvers.refusal import Problem
from resolvers.shown_keys import ShownKeys
from schema.times import read_day, read_local_moment, read_moment, told_day, told_moment

Connection = asyncpg.Connection | PoolConnectionProxy
Row = asyncpg.Record | Sequence[Any]  # a record of the database, or what stands for one
_TIMES = (
    ("date", told_day, read_day),
    ("timestamp", told_moment, read_local_moment),
    ("timestamptz", told_moment, read_moment),
)


class Result(Struct, frozen=True):
    """What an operation answers: its data, the keys shown per recorded node, all problems in order, and notes."""

    data: Mapping[str, object]
    keys: Sequence[ShownKeys]
    problems: tuple[Problem, ...]
    notes: Mapping[str, object]

    @property
    def shown(self) -> int:
        """How many nodes were shown."""
        return sum(each.number for each in self.keys)


async def initialise(connection: Connection) -> None:
    """Makes a new connection fit for plans: it learns to read lists of rows, also where the first is inside a row, and
    to tell the days and moments that Python has not.

    asyncpg asks for a type when a result has a column of it; for what is only inside an anonymous row it cannot.
    """
    for name, encoder, decoder in _TIMES:
        await connection.set_type_codec(name, schema="pg_catalog", encoder=encoder, decoder=decoder, format="tuple")
    await connection.execute("set statement_timeout = 0")  # a new connection on a busy server is no slow statement
    await connection.fetch("select array(select row(1))")
    await connection.execute("reset statement_timeout")


async def fetch(connection: Connection, prepared: Prepared) -> list[list[asyncpg.Record]]:
    """The rows of every statement of the plan."""
    variables = prepared.variables
    return [await connection.fetch(statement.sql, *statement.bind(variables)) for statement in prepared.plan.statements]


def assemble(prepared: Prepared, rows: Sequence[Sequence[Row]], computed: Mapping[str, object]) -> Result:
    """The result of a plan whose rows have been read. A key that was promised to be found and was not is a problem."""
    plan = prepared.plan
    keys = [ShownKeys() for _ in range(plan.node_count)]
    data = plan.assemble(rows, keys, computed)
    problems = plan.problems
    if plan.promises and (empty := {each.statement for each in plan.promises if not rows[each.statement]}):
        problems += missing(plan, empty)
    return Result(data, keys, problems, plan.notes)


def missing(plan: Plan, empty: Set[int]) -> tuple[Problem, ...]:
    """What was promised of the statements that found nothing."""
    return tuple(
        Problem("NOT_FOUND", f"There is no {promise.title} with this key, or not for you.", promise.path)
        for promise in plan.promises
        if promise.statement in empty
    )
