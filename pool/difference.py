"""Staging the rows of a table, and the difference between what was staged and what the pool has.

Rows with a key are inserted, updated where any value differs in its stored image, and deleted; rows without one are
compared whole, as a multiset. Old rows go to the history by the table's own triggers. It decides nothing about bad
rows.
"""

import asyncpg

from pool.relations import EPOCH, ROW_KEY, Column, Relation
from pool.sql import free_of, identifier, identifiers
from pool.types import column_definition

_STAGED = 'pg_temp."__staged"'
_TAKE_OUT = "delete from {staged} where {line} = any($1) returning {line} as line, array[{texts}]::text[] as texts"
_DUPLICATES = """select line, first_line from (
    select {line} as line, min({line}) over (partition by {key}) as first_line from {staged} where ({key}) is not null
) as numbered where line > first_line order by line"""
_KEYS_REPEAT = "select exists (select from {staged} group by {key} having count(*) > 1)"
_DELETE = "delete from {table} as kept where not exists (select from {staged} as staged where {same_key})"
_UPDATE = """update {table} as kept set {assignments}, {epoch} = default from {staged} as staged
    where {same_key} and row({kept})::record *<> row({incoming})::record"""
_INSERT = """insert into {table} ({columns}) select {columns} from {staged} as staged
    where not exists (select from {table} as kept where {same_key}) order by {line}"""
_NUMBERED = """with
    kept as (select {row_key} as id, digest, row_number() over (partition by digest order by {row_key}) as n
        from (select {row_key}, {image} as digest from {table}) as images),
    staged as (select {line} as id, digest, row_number() over (partition by digest order by {line}) as n
        from (select {line}, {image} as digest from {staged}) as images) """
_DELETE_SURPLUS = (
    _NUMBERED
    + """delete from {table} where {row_key} in (
    select kept.id from kept left join staged using (digest, n) where staged.id is null)"""
)
_INSERT_MISSING = (
    _NUMBERED
    + """insert into {table} ({columns}) select {values} from {staged} where {line} in (
    select staged.id from staged left join kept using (digest, n) where kept.id is null) order by {line}"""
)


class Staging:
    """A temporary table holding the rows of one table, with their positions; one at a time on a connection."""

    def __init__(self, connection: asyncpg.Connection, table: Relation) -> None:
        self._connection = connection
        self._table = table
        self.relation_name = "__staged"
        self.line = free_of("__line", table.column_names)

    async def create(self) -> None:
        """Makes the staging table, empty."""
        columns = [_staged_column(column, self._table.key) for column in self._table.columns]
        columns.append(f"{identifier(self.line)} bigint generated always as identity")
        await self._connection.execute(f"create temp table {_STAGED.partition('.')[2]} ({', '.join(columns)})")

    async def drop(self) -> None:
        """Removes the staging table."""
        await self._connection.execute(f"drop table {_STAGED}")

    async def missing_keys(self) -> dict[int, str]:
        """Positions of rows with a null in the key, with the first such key column."""
        found: dict[int, str] = {}
        for name in self._table.key:
            sql = f"select {identifier(self.line)} from {_STAGED} where {identifier(name)} is null"
            for (position,) in await self._connection.fetch(sql):
                found.setdefault(position, name)
        return found

    async def repeated_keys(self) -> dict[int, int]:
        """Positions of rows whose key an earlier row has, with the position of that row."""
        key = identifiers(self._table.key)
        if not await self._connection.fetchval(_KEYS_REPEAT.format(staged=_STAGED, key=key)):
            return {}
        sql = _DUPLICATES.format(staged=_STAGED, key=key, line=identifier(self.line))
        return {row["line"]: row["first_line"] for row in await self._connection.fetch(sql)}

    async def take_out(self, positions: list[int]) -> dict[int, list[str | None]]:
        """Removes the rows at these positions and gives their values as text."""
        texts = ", ".join(f"{identifier(name)}::text" for name in self._table.column_names)
        sql = _TAKE_OUT.format(staged=_STAGED, line=identifier(self.line), texts=texts)
        return {row["line"]: row["texts"] for row in await self._connection.fetch(sql, positions)}

    async def count(self) -> int:
        """How many rows are staged."""
        count: int = await self._connection.fetchval(f"select count(*) from {_STAGED}")
        return count

    async def apply(self) -> tuple[int, int, int]:
        """Makes the table hold exactly the staged rows: how many were inserted, updated, deleted."""
        await self._connection.execute(f"analyze {_STAGED}")
        return await (self._apply_by_key() if self._table.has_key else self._apply_by_row())

    async def _apply_by_key(self) -> tuple[int, int, int]:
        table = self._table
        names = [name for name in table.column_names if name not in table.key]
        parts = {
            "table": table.name,
            "staged": _STAGED,
            "line": identifier(self.line),
            "columns": identifiers(table.column_names),
            "same_key": " and ".join(f"kept.{name} = staged.{name}" for name in map(identifier, table.key)),
            "assignments": ", ".join(f"{name} = staged.{name}" for name in map(identifier, names)),
            "kept": ", ".join(f"kept.{identifier(name)}" for name in names),
            "incoming": ", ".join(f"staged.{identifier(name)}" for name in names),
            "epoch": identifier(EPOCH),
        }
        deleted = await self._run(_DELETE, parts)
        updated = await self._run(_UPDATE, parts) if names else 0
        return await self._run(_INSERT, parts), updated, deleted

    async def _apply_by_row(self) -> tuple[int, int, int]:
        names = identifiers(self._table.column_names)
        parts = {
            "table": self._table.name,
            "staged": _STAGED,
            "line": identifier(self.line),
            "row_key": identifier(ROW_KEY),
            "image": f"sha256(convert_to(row({names})::text, 'UTF8'))",
            "columns": names or identifier(EPOCH),
            "values": names or "platform.batch_epoch()",
        }
        deleted = await self._run(_DELETE_SURPLUS, parts)
        return await self._run(_INSERT_MISSING, parts), 0, deleted

    async def _run(self, statement: str, parts: dict[str, str]) -> int:
        status = await self._connection.execute(statement.format(**parts))
        return int(status.rpartition(" ")[2])


def _staged_column(column: Column, key: tuple[str, ...]) -> str:
    """Key columns may be null here, so that every row without a key is found, not only the first."""
    required = " not null" if column.required and column.name not in key else ""
    return f"{identifier(column.name)} {column_definition(column.sql_type)}{required}"
