"""In charge of the statement that reads a row, completes the record of the answer it stands in, and makes that durable.

It is one round trip instead of two. A record is complete but for what depends on its row: the keys, how many, and the
digest of the answer, which is the row as JSON between two texts. The statement reads, and if there is a row appends the
record as append.py does. docs/log.md specifies it. It refuses to know how rows are found and written, and what becomes
of a question whose row is not there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress

from msgspec import Struct

from audit.append import COLUMNS, Connection, row_of, written_of
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
# By the clock of who asks: the answer is ready when its row is read.
_READ_FOR = "(clock_timestamp() - statement_timestamp())"
# What the statement makes of a record beside what it is given: from these, the texts around the row, and the row.
_MADE = {
    "at": f"{{}} + {_READ_FOR}",
    "keys": "found.keys",
    "shown": "found.shown",
    "response_digest": "sha256(convert_to({before} || found.text || {after}, 'UTF8'))",
    "elapsed_us": f"{{}} + (extract(epoch from {_READ_FOR}) * 1000000)::int",
}
_IS_GIVEN = [name not in _MADE or "{}" in _MADE[name] for name in COLUMNS]
_GIVEN = {name: kind for (name, kind), is_given in zip(COLUMNS.items(), _IS_GIVEN, strict=True) if is_given}


async def complete(connection: Connection, reading: Reading, incomplete: Incomplete) -> Completed | None:
    """The row, None where there is none; its record is durable on return.

    Nothing is written without a row, nor under another state than the record's. Raises RowTooLarge, RecordMissing,
    asyncpg.PostgresError and the like: after an error reported by the server nothing is written; after a lost
    connection that is not known. It takes as long as it waits for what it reads, like any statement that reads.
    """
    record = incomplete.record
    texts = (incomplete.before, incomplete.after, *([incomplete.filling] if reading.hole else ()))
    rows = await connection.fetch(
        _statement(reading.sql, len(reading.constants) + 2, reading.hole),
        incomplete.key,
        *reading.constants,
        *compress(row_of(record, must_match=True), _IS_GIVEN),
        *texts,
    )
    if not rows:
        return None
    if len(rows) > 1:
        raise RecordMissing(f"{len(rows)} rows have one key")
    row = rows[0]
    if row["told"] is None:
        raise RowTooLarge
    written = written_of(row["told"])
    expected = int(written.state == record.state)
    if written.records != expected:
        raise RecordMissing(f"{written.records} of {expected} records were written")
    return Completed(written.state, row["text"], row["keys"], row["shown"])


@lru_cache(maxsize=1_024)
def _statement(reading: str, first: int, hole: str) -> str:
    """The statement of which the record and its texts are the parameters from `first` on."""
    given = {name: f"${number}::{kind}" for number, (name, kind) in enumerate(_GIVEN.items(), first)}
    before, after, filling = (f"${first + len(given) + number}::text" for number in range(3))
    record = ", ".join(_MADE.get(name, "{}").format(given.get(name), before=before, after=after) for name in COLUMNS)
    text = f"replace(text, '{hole}', {filling})" if hole else "text"
    return f"""
with found as materialized (select {text} as text, keys, shown from ({reading}) as read)
select case when is_small then text end as text, keys, shown,
       case when is_small then log.append(array[row({record})::log.appended_record], '{{}}', '{{}}') end as told
  from found, lateral (select octet_length(text) <= {_LARGEST_ROW} as is_small) as measured"""
