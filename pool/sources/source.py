"""What the pool can collect from: the contract every source of tables fulfils.

A source names its tables and hands out their rows as chunks of PostgreSQL's COPY text format (documentation of COPY,
"Text Format"): the one shape that a file reader, another database and a generator can all give at full speed.
It knows nothing of batches, of the catalog, or of where the rows go.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from pool.sources.intake import Intake


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column as the source knows it; `sql_type` is a built-in PostgreSQL type, `title` its Chinese title if any."""

    name: str
    sql_type: str
    required: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table as the source knows it; `key` is empty where there is none, `expected_rows` None if it cannot tell.

    `is_guessed` says that the types are guessed from the values: a table that exists then decides on the types.
    """

    name: str
    columns: tuple[SourceColumn, ...]
    key: tuple[str, ...] = ()
    title: str = ""
    expected_rows: int | None = None
    is_guessed: bool = False


class Source(Protocol):
    """One thing to collect from. Its tables are asked for once, then the rows of one table at a time.

    The rows of a table are asked for again when a duplicate key among them must be found; they must be the same rows.
    """

    @property
    def label(self) -> str:
        """What the batch says it came from: a file name or a URL without its password."""

    async def tables(self) -> Sequence[SourceTable]:
        """The tables, in the order they shall be loaded."""

    def rows(self, table: SourceTable) -> AsyncIterator[bytes]:
        """The rows of one table as COPY text chunks of whole lines, columns in the order of `table`."""


@runtime_checkable
class CheckingSource(Protocol):
    """A source whose types are guessed from its values, so it checks each value against what the pool decides on."""

    def checked_rows(self, table: SourceTable, intake: Intake) -> AsyncIterator[bytes]:
        """As `rows`, for the columns, types and requirements of `table`; rows that do not fit go to `intake`."""


@runtime_checkable
class ClosingSource(Protocol):
    """A source that holds something open between its tables and the last of its rows."""

    async def close(self) -> None:
        """Lets go of it; called once the collection has ended either way."""
