"""Every table of another PostgreSQL database, whole, from one snapshot of it, through COPY on both sides.

A column keeps its type if the type is built in; domains are their underlying type, enumerations text, composite values
JSON, and a type of an extension its text. Partitioned tables are one table, views are none. Row-level security that
would leave rows out is an error, not a smaller table.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import asyncpg

from pool.errors import CollectionError
from pool.sources.catalog_types import TypeCatalog, read_types, resolve
from pool.sources.source import SourceColumn, SourceTable
from pool.sql import identifier, relation

_QUEUED_CHUNKS = 8
_LONGEST_TITLE = 100
_SETTINGS = """
set datestyle = 'ISO, MDY'; set intervalstyle = 'postgres'; set timezone = 'UTC'; set bytea_output = 'hex';
set extra_float_digits = 1; set row_security = off; set statement_timeout = 0; set lock_timeout = '60s'"""
_TABLES = """
select c.oid::bigint, n.nspname, c.relname, c.relkind = 'p' as is_partitioned, greatest(c.reltuples, 0)::bigint as rows,
       coalesce(obj_description(c.oid, 'pg_class'), '') as title,
       coalesce((select array_agg(a.attname::text order by k.position)
          from pg_index i cross join unnest(i.indkey) with ordinality as k(number, position)
          join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
         where i.indrelid = c.oid and i.indisprimary and k.position <= i.indnkeyatts), '{}') as key
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
   and n.nspname <> 'information_schema' and n.nspname !~ '^pg_' and ($1::text is null or n.nspname = $1)
 order by n.nspname <> 'public', n.nspname, c.relname"""
_COLUMNS = """
select a.attrelid::bigint as relation, a.attname, a.atttypid::bigint as type, a.attnotnull,
       format_type(a.atttypid, a.atttypmod) as written, coalesce(col_description(a.attrelid, a.attnum), '') as title
  from pg_attribute a where a.attnum > 0 and not a.attisdropped and a.attrelid::bigint = any($1)
 order by a.attrelid, a.attnum"""


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where the rows of a table are and how each column is selected."""

    relation: str
    expression_by_column: Mapping[str, str]


class PostgresqlSource:
    """A PostgreSQL database as a source: one schema of it, or all that are not the system's."""

    def __init__(self, url: str, schema: str | None) -> None:
        self._url = url
        self._label = label_of(url)
        self._schema = schema
        self._connection: asyncpg.Connection | None = None
        self._origin_by_table: dict[str, _Origin] = {}

    @property
    def label(self) -> str:
        """The URL without user, password and parameters."""
        return self._label

    async def tables(self) -> Sequence[SourceTable]:
        """Connects and opens the snapshot that all rows are read from."""
        await self.close()
        try:
            self._connection = await asyncpg.connect(self._url, timeout=30)
            return await self._read_tables(self._connection)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
            await self.close()
            raise CollectionError(f"cannot read {self.label}: {error}") from error

    async def _read_tables(self, connection: asyncpg.Connection) -> Sequence[SourceTable]:
        await connection.execute(_SETTINGS)
        await connection.execute("begin isolation level repeatable read read only")
        found = await connection.fetch(_TABLES, self._schema)
        if not found:
            where = f"schema {self._schema} of {self.label}" if self._schema else self.label
            raise CollectionError(
                f"{where} has no table that {connection.get_settings().session_authorization} may see"
            )
        types = await read_types(connection)
        columns: dict[int, list[asyncpg.Record]] = {}
        for row in await connection.fetch(_COLUMNS, [table["oid"] for table in found]):
            columns.setdefault(row["relation"], []).append(row)
        qualified = {f"{table['nspname']}.{table['relname']}" for table in found if table["nspname"] != "public"}
        return [self._table(table, columns.get(table["oid"], []), types, qualified) for table in found]

    def _table(
        self, row: asyncpg.Record, columns: Sequence[asyncpg.Record], types: TypeCatalog, qualified: set[str]
    ) -> SourceTable:
        name = f"{row['nspname']}.{row['relname']}"
        if row["nspname"] == "public" and row["relname"] not in qualified:
            name = row["relname"]
        resolved = [resolve(types, column["type"], column["written"]) for column in columns]
        only = "" if row["is_partitioned"] else "only "
        self._origin_by_table[name] = _Origin(
            only + relation(row["nspname"], row["relname"]),
            {
                column["attname"]: kind.template.format(identifier(column["attname"]))
                for column, kind in zip(columns, resolved, strict=True)
            },
        )
        return SourceTable(
            name,
            tuple(
                SourceColumn(column["attname"], kind.sql_type, column["attnotnull"], _title(column["title"]))
                for column, kind in zip(columns, resolved, strict=True)
            ),
            key=tuple(row["key"]),
            title=_title(row["title"]),
            expected_rows=row["rows"] or None,
        )

    async def rows(self, table: SourceTable) -> AsyncIterator[bytes]:
        """The rows of a table in the snapshot, as the other server writes them."""
        if self._connection is None:
            raise CollectionError(f"{self.label} is not open")
        origin = self._origin_by_table[table.name]
        expressions = ", ".join(origin.expression_by_column[column.name] for column in table.columns)
        chunks: asyncio.Queue[bytes] = asyncio.Queue(_QUEUED_CHUNKS)
        copying = asyncio.create_task(
            _copy_out(self._connection, f"select {expressions} from {origin.relation}", chunks)
        )
        try:
            while chunk := await chunks.get():
                yield chunk
            await copying
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise CollectionError(f"cannot read table {table.name} of {self.label}: {error}") from error
        finally:
            copying.cancel()
            with suppress(asyncio.CancelledError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await copying

    async def close(self) -> None:
        """Gives the snapshot up and disconnects."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


def label_of(url: str) -> str:
    """The URL without user, password and parameters. Raises CollectionError if it is none.

    >>> label_of("postgresql://reader:secret@db.example/county?sslmode=require")
    'postgresql://db.example/county'
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise CollectionError(f"cannot read the PostgreSQL URL: {error}") from error
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


async def _copy_out(connection: asyncpg.Connection, query: str, chunks: "asyncio.Queue[bytes]") -> None:
    """Puts the rows of a query in the queue, then an empty chunk, also when it fails: the reader then finds out why."""
    try:
        await connection.copy_from_query(query, output=chunks.put)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        if chunks.full():
            chunks.get_nowait()
        chunks.put_nowait(b"")
        raise
    await chunks.put(b"")


def _title(comment: str) -> str:
    """The first line of a comment, if it is short enough to be a title."""
    first = comment.strip().partition("\n")[0].strip()
    return first if len(first) <= _LONGEST_TITLE else ""
