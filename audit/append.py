"""In charge of the statement that makes records durable, and of the form a record has in it.

The statement is one round trip. It holds the state row, then writes the plans not stored yet and every record whose
state is still the platform's or that need not match; it returns the state it held. docs/log.md specifies it.
It refuses to know groups, waiting and failed connections (log.py).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from audit.record import PlanContent, Record, State

Connection = asyncpg.Connection | PoolConnectionProxy
Row = tuple[object, ...]

# synchronous_commit is raised here, not in the server's settings: "durable on return" must not depend on them.
# What is in braces is the same for all records that are complete: see _PLAIN.
_INSERTION = """
with {read}state as materialized (
    select policy_version, graph_version, data_epoch,
           set_config('synchronous_commit', case current_setting('synchronous_commit')
                                            when 'remote_apply' then 'remote_apply' else 'on' end, true)
      from {held_state}
{stored_plan}), written as (
    insert into log.record (
        id, at, department, application, actor, roles, purpose, plan, document, operation_name, variables,
        policy_version, graph_version, data_epoch, keys, shown, response_digest, outcome, error_codes, elapsed_us)
    select new.id, {at}, new.department, new.application, new.actor, new.roles::text[], new.purpose::json, new.plan,
           new.document, new.operation_name, new.variables::json, new.policy_version, new.graph_version,
           new.data_epoch, {keys}::json, {shown}, {digest}, new.outcome, new.error_codes::text[], {elapsed}
      from state, {records}
     where not new.must_match
        or (new.policy_version, new.graph_version, new.data_epoch)
           = (state.policy_version, state.graph_version, state.data_epoch)
    returning 1
)"""
_PLAIN = {
    "held_state": "platform.hold_state()",
    "read": "",
    "stored_plan": "",
    "at": "new.at",
    "keys": "new.keys",
    "shown": "new.shown",
    "digest": "new.response_digest",
    "elapsed": "new.elapsed_us",
    "records": "unnest($1::log.appended_record[]) as new",
}
_TOLD = """
select policy_version, graph_version, data_epoch, (select count(*) from written) as written from state"""
_STORE_PLANS = """), stored_plan as (
    insert into log.plan (digest, content)
    select plan.digest, plan.content::json
      from state, unnest($2::bytea[], $3::text[]) as plan(digest, content)
     order by plan.digest
        on conflict do nothing
"""
# The caller's transaction holds the row already. Waiting at the gate would be a deadlock with a change behind that row.
_HELD_BY_CALLER = "platform.state for share"


def insertion(**parts: str) -> str:
    """The beginning of a statement that holds the state (`state`) and writes records (`written`, a row for each).

    `records` is what `new`, records as row_of() makes them, comes from, `read` the common tables before the state's.
    """
    return _INSERTION.format(**(_PLAIN | parts))


_APPEND_HOLDING, _APPEND_WITHIN = (
    (insertion(held_state=held) + _TOLD, insertion(held_state=held, stored_plan=_STORE_PLANS) + _TOLD)
    for held in (_PLAIN["held_state"], _HELD_BY_CALLER)
)
_UNSTORABLE = re.compile(f"[\0{chr(0xD800)}-{chr(0xDFFF)}]")


@dataclass(frozen=True, slots=True)
class Written:
    """What one statement did: the state it held while it wrote, and how many records it wrote."""

    state: State
    records: int


# What row_of() gives, in its order.
COLUMNS = {
    "id": "uuid",
    "at": "timestamptz",
    "department": "text",
    "application": "text",
    "actor": "text",
    "roles": "text",
    "purpose": "text",
    "plan": "bytea",
    "document": "text",
    "operation_name": "text",
    "variables": "text",
    "policy_version": "bigint",
    "graph_version": "bigint",
    "data_epoch": "bigint",
    "keys": "text",
    "shown": "int",
    "response_digest": "bytea",
    "outcome": "text",
    "error_codes": "text",
    "elapsed_us": "int",
    "must_match": "boolean",
}


def row_of(record: Record, *, must_match: bool) -> Row:
    """The record as a value of log.appended_record."""
    state = record.state
    return (
        record.id,
        record.at,
        *_who(record.department, record.application, record.actor, record.roles),
        _text(record.purpose),
        None if record.plan is None else record.plan.digest,
        None if record.document is None else storable(record.document),
        None if record.operation_name is None else storable(record.operation_name),
        _text(record.variables),
        state.policy_version,
        state.graph_version,
        state.data_epoch,
        _text(record.keys),
        record.shown,
        record.response_digest,
        record.outcome,
        _array(record.error_codes) if record.error_codes else "{}",
        record.elapsed_us,
        must_match,
    )


@lru_cache(maxsize=4_096)
def _who(department: str, application: str, actor: str, roles: tuple[str, ...]) -> tuple[str, str, str, str]:
    return storable(department), storable(application), storable(actor), _array(roles)


def _array(texts: Sequence[str]) -> str:
    r"""The texts as PostgreSQL writes an array of them.

    >>> print(_array(("a b", '"\\')))
    {"a b","\"\\\\"}
    """
    quoted = (storable(text).replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{each}"' for each in quoted) + "}"


def storable(text: str) -> str:
    """The text, with U+FFFD for what PostgreSQL cannot hold in one: NUL and lone surrogates.

    >>> storable("a\\0b")
    'a\ufffdb'
    """
    return text if text.isascii() and text.isprintable() else _UNSTORABLE.sub("\ufffd", text)


def _text(json: bytes | None) -> str | None:
    # Bytes that are no UTF-8 are no JSON of ours: a digest over them will not hold, and the record is refused for that.
    return None if json is None else json.decode(errors="replace")


async def append(
    connection: Connection, rows: Sequence[Row], plans: Sequence[PlanContent], *, timeout_s: float
) -> Written:
    """Writes the records in a transaction of their own, durable on return.

    Records that must match a state the platform has left are not written. Raises asyncpg.PostgresError and the like:
    after an error reported by the server nothing is written; after a lost connection or a timeout that is not known.
    """
    return await _execute(connection, _APPEND_HOLDING, rows, plans, timeout_s)


async def append_within(connection: Connection, row: Row, plans: Sequence[PlanContent]) -> Written:
    """Writes one record in the caller's transaction, which holds the state row; durable when that commits."""
    return await _execute(connection, _APPEND_WITHIN, [row], plans, None)


async def _execute(
    connection: Connection,
    statements: tuple[str, str],
    rows: Sequence[Row],
    plans: Sequence[PlanContent],
    timeout_s: float | None,
) -> Written:
    """The statement without plans to store, or the one with them: most groups have none, and it takes a tenth less."""
    if plans:
        contents = [plan.content.decode(errors="replace") for plan in plans]
        arguments = (rows, [plan.digest for plan in plans], contents)
        found = await connection.fetchrow(statements[1], *arguments, timeout=timeout_s)
    else:
        found = await connection.fetchrow(statements[0], rows, timeout=timeout_s)
    if found is None:
        raise asyncpg.NoDataFoundError("platform.state has no row")
    return Written(State(found["policy_version"], found["graph_version"], found["data_epoch"]), found["written"])
