"""In charge of the statement that makes records durable, and of the form a record has in it.

The statement is one round trip: log.append() of the database, which docs/log.md specifies. It holds the state row, then
writes the plans not stored yet and every record whose state is still the platform's or that need not match; it returns
the state it held. It refuses to know groups, waiting and failed connections (log.py).
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

# Records, the digests and contents of the plans to store, and whether the caller's transaction holds the state row.
_APPEND = "select log.append($1, $2, $3, $4)"
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
    return await _execute(connection, rows, plans, timeout_s=timeout_s)


async def append_within(connection: Connection, row: Row, plans: Sequence[PlanContent]) -> Written:
    """Writes one record in the caller's transaction, which holds the state row; durable when that commits."""
    return await _execute(connection, [row], plans, is_held=True)


async def _execute(
    connection: Connection,
    rows: Sequence[Row],
    plans: Sequence[PlanContent],
    *,
    is_held: bool = False,
    timeout_s: float | None = None,
) -> Written:
    contents = [plan.content.decode(errors="replace") for plan in plans]
    arguments = (rows, [plan.digest for plan in plans], contents, is_held)
    told = await connection.fetchval(_APPEND, *arguments, timeout=timeout_s)
    return written_of(told)


def written_of(told: Sequence[int]) -> Written:
    """What log.append() tells."""
    policy_version, graph_version, data_epoch, records = told
    return Written(State(policy_version, graph_version, data_epoch), records)
