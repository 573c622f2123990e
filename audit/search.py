"""In charge of finding records of the log by who asked, what was touched, whose data it was, and when.

It reads the views log.operation and log.resolved_field (docs/log.md), and refuses to know who may read the log and that
reading it is recorded too: that is its caller's duty.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

_SHOWN = """
select operation_id, at, department, application, actor, purpose_code, case_no, operation_name, outcome, error_codes,
       shown, elapsed_us
  from found join log.operation on operation_id = id
 order by operation_id desc"""
# Records are walked from the newest back.
_NEWEST = f"""
with found as materialized (
    select id from log.record
     where ($1::text is null or department = $1)
       and ($2::timestamptz is null or at >= $2)
       and ($3::timestamptz is null or at < $3)
       and ($4::text is null or exists (
           select from log.resolved_field as field where field.operation_id = record.id and field.coordinate = $4))
     order by id desc
     limit $5
){_SHOWN}"""
_OF_KEY = f"""
with found as materialized (select log.showing($6, $4, $1, $2, $3, $5) as id){_SHOWN}"""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search asks for; what is None is not asked. since is included, until is not."""

    department: str | None = None
    coordinate: str | None = None
    key: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One found record, without its document and variables."""

    operation_id: UUID
    at: datetime
    department: str
    application: str
    actor: str
    purpose_code: str | None
    case_no: str | None
    operation_name: str | None
    outcome: str
    error_codes: tuple[str, ...]
    shown: int
    elapsed_us: int


async def search(connection: asyncpg.Connection, filters: Filters, limit: int) -> tuple[Operation, ...]:
    """The newest operations that pass all filters, newest first; coordinate and key must meet in one resolved field.

    A composite key is its JSON array without spaces. Cost: a key is looked for in the records that show it and in those
    too new to be in a block; a coordinate in every record of the other filters, until there are enough.
    """
    asked = (filters.department, filters.since, filters.until, filters.coordinate, limit)
    rows = await (
        connection.fetch(_NEWEST, *asked) if filters.key is None else connection.fetch(_OF_KEY, *asked, filters.key)
    )
    return tuple(Operation(**{**row, "error_codes": tuple(row["error_codes"])}) for row in rows)
