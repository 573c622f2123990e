"""In charge of the statement that reads a row, completes the record of the answer it stands in, and makes that durable.

It is one round trip instead of two. A record is complete but for what depends on its row: the keys, how many, and the
digest of the answer, which is the row as JSON between two texts. The statement reads, holds the state as that of
append.py does, and writes the record if there is a row and the state is the record's. docs/log.md specifies it. It
refuses to know how rows are found and written, and what becomes of a question whose row is not there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import asyncpg
from msgspec import Struct

from audit.append import COLUMNS, Connection, insertion, row_of
from audit.record import Record, State


@dataclass(frozen=True, slots=True)
class Reading:
    """A select of `text`, `keys` and `shown` of the row whose key is $1, and the values of the parameters behind $1.

    `text` is the row as JSON, in which `hole`, unless that is empty, is to be filled; `keys` is as a record has it.
    """

    sql: str
    constants: Sequence[object]
    hole: str


class Incomplete(Struct, frozen=True):
    """A record, the key of its row, what stands before and after that in the answer, and what fills the hole in it."""

    record: Record
    key: str
    before: str
    after: str
    filling: str


class Completed(Struct, frozen=True):
    """A row that was read, and the state that was held meanwhile: if it is the record's, that is durable.

    `keys` is JSON.
    """

    state: State
    text: str
    keys: str
    shown: int


class RecordMissing(Exception):
    """Something between us and the table drops records: whether there is one is not known."""


class RowTooLarge(Exception):
    """The row is too large to be read and recorded at once; nothing was written."""


# Bytes. A row is sent before its statement commits, and so while the state is held: it must fit where it is sent to,
# whether or not anybody reads there.
_LARGEST_ROW = 1 << 16
_IS_SMALL = f"octet_length(found.text) <= {_LARGEST_ROW}"
# The row is read before the state is held, for which nobody has to wait meanwhile.
_HELD = """(select count(*) as rows from found) as read
       cross join lateral (select held.* from platform.hold_state() as held where read.rows >= 0) as held"""
# By the clock of who asks: the answer is ready when its row is read.
_READ_FOR = "(clock_timestamp() - statement_timestamp())"
_TOLD = """
select state.policy_version, state.graph_version, state.data_epoch, (select count(*) from written) as written,
       case when {is_small} then {text} end as text, found.keys, found.shown
  from state left join found on true"""


async def complete(connection: Connection, reading: Reading, incomplete: Incomplete) -> Completed | None:
    """The row, None where there is none; its record is durable on return.

    Nothing is written without a row, nor under another state than the record's. Raises RowTooLarge, RecordMissing,
    asyncpg.PostgresError and the like: after an error reported by the server nothing is written; after a lost
    connection that is not known. It takes as long as it waits for what it reads, like any statement that reads.
    """
    record = incomplete.record
    texts = (incomplete.before, incomplete.after, *([incomplete.filling] if reading.hole else ()))
    row = await connection.fetchrow(
        _statement(reading.sql, len(reading.constants) + 2, reading.hole),
        incomplete.key,
        *reading.constants,
        *row_of(record, must_match=True),
        *texts,
    )
    if row is None:
        raise asyncpg.NoDataFoundError("platform.state has no row")
    state, text, shown = State(*row[:3]), row["text"], row["shown"]
    expected = int(text is not None and state == record.state)
    if row["written"] != expected:
        raise RecordMissing(f"{row['written']} of {expected} records were written")
    if shown is None:
        return None
    if text is None:
        raise RowTooLarge
    return Completed(state, text, row["keys"], shown)


@lru_cache(maxsize=1_024)
def _statement(reading: str, first: int, hole: str) -> str:
    """The statement of which the record and its texts are the parameters from `first` on."""
    record = ", ".join(f"${number}::{kind} as {name}" for number, (name, kind) in enumerate(COLUMNS.items(), first))
    before, after, filling = (f"${first + len(COLUMNS) + number}::text" for number in range(3))
    text = f"replace(found.text, '{hole}', {filling})" if hole else "found.text"
    begun = insertion(
        read=f"found as materialized ({reading}), ",
        held_state=_HELD,
        keys="found.keys",
        shown="found.shown",
        digest=f"sha256(convert_to({before} || {text} || {after}, 'UTF8'))",
        at=f"new.at + {_READ_FOR}",
        elapsed=f"new.elapsed_us + (extract(epoch from {_READ_FOR}) * 1000000)::int4",
        records=f"(select {record}) as new join found on {_IS_SMALL}",
    )
    return begun + _TOLD.format(text=text, is_small=_IS_SMALL)
