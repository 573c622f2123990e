"""In charge of finding records of the log by who asked, what was touched, whose data it was, and when.

It reads the views log.operation and log.resolved_field (docs/log.md), and refuses to know who may read the log and that
reading it is recorded too: that is its caller's duty.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

# Records are walked from the newest back. The raw text of the keys tells most of those without the key apart before any
# is expanded: JSON strings stand in it as to_json writes them, composite keys as they are given.
_SEARCH = """
with found as materialized (
    select id from log.record
     where ($1::text is null or department = $1)
       and ($2::timestamptz is null or at >= $2)
       and ($3::timestamptz is null or at < $3)
       and ($5::text is null or position($5 in keys::text) > 0 or position(to_json($5)::text in keys::text) > 0
            or json_typeof(keys) = 'object' and exists (
                select from log.key_part as part
                 where part.record = id
                   and (position($5 in part.keys::text) > 0 or position(to_json($5)::text in part.keys::text) > 0)))
       and ($4::text is null and $5 is null or exists (
           select from log.resolved_field as field
            where field.operation_id = record.id
              and ($4 is null or field.coordinate = $4)
              and ($5 is null or field.key = $5)))
     order by id desc
     limit $6
)
select operation_id, at, department, application, actor, purpose_code, case_no, operation_name, outcome, error_codes,
       shown, elapsed_us
  from found join log.operation on operation_id = id
 order by operation_id desc"""


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

    A composite key is its JSON array without spaces. Cost: a key is looked for in every record of the other filters.
    """
    rows = await connection.fetch(
        _SEARCH, filters.department, filters.since, filters.until, filters.coordinate, filters.key, limit
    )
    return tuple(Operation(**{**row, "error_codes": tuple(row["error_codes"])}) for row in rows)
