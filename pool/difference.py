"""Staging the rows of a table, and the difference between what was staged and what the pool has.

Rows with a key are inserted, updated where any value differs in its stored image, and deleted; rows without one are
compared whole, as a multiset. Old rows go to the history by the table's own triggers. It decides nothing about bad
rows.
"""

import asyncpg

from pool.relations import EPOCH, ROW_KEY, Column, Relation
from pool.sql import digest, free_of, identifier, identifiers, relation
from pool.types import column_definition

_TAKE_OUT = "delete from {staged} where {line} = any($1) returning {line} as line, array[{texts}]::text[] as texts"
_DUPLICATES = """select line, first_line from (
    select {line} as line, min({line}) over (partition by {key}) as first_line from {staged} where ({key}) is not null
) as numbered where line > first_line order by line"""
_KEYS_REPEAT = "select exists (select from {staged} group by {key} having count(*) > 1)"
# Told before it is done, because a statement that changes nothing still fires the table's triggers, whose first firing
# leaves cached plans in the session that the making of every later table has to look through.
_COMPARE = """select count(*) filter (where kept.{a_key} is null) as to_insert,
    count(*) filter (where kept.{a_key} is not null and staged.{line} is not null and {differs}) as to_update,
    count(*) filter (where staged.{line} is null) as to_delete
    from {table} as kept full join {staged} as staged on {same_key}"""
_DELETE = "delete from {table} as kept where not exists (select from {staged} as staged where {same_key})"
_UPDATE = """update {table} as kept set {assignments}, {epoch} = default from {staged} as staged
    where {same_key} and {differs}"""
_INSERT = """insert into {table} ({columns}) select {columns} from {staged} as staged
    where not exists (select from {table} as kept where {same_key}) order by {line}"""
_NUMBERED = """with
    kept as (select {row_key} as id, digest, row_number() over (partition by digest order by {row_key}) as n
        from (select {row_key}, {image} as digest from {table}) as images),
    staged as (select {line} as id, digest, row_number() over (partition by digest order by {line}) as n
        from (select {line}, {image} as digest from {staged}) as images) """
_COMPARE_ROWS = (
    _NUMBERED
    + """select count(*) filter (where kept.id is null) as to_insert, 0::bigint as to_update,
    count(*) filter (where staged.id is null) as to_delete from kept full join staged using (digest, n)"""
)
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
        # One name for all would make every look-up of it wade through the dead ones before it in this transaction.
        self.relation_name = f"__staged_{digest(table.relation_name)}"
        self._name = relation("pg_temp", self.relation_name)
        self.line = free_of("__line", table.column_names)

    async def create(self) -> None:
        """Makes the staging table, empty."""
        columns = [_staged_column(column, self._table.key) for column in self._table.columns]
        columns.append(f"{identifier(self.line)} bigint generated always as identity")
        await self._connection.execute(f"create temp table {identifier(self.relation_name)} ({', '.join(columns)})")

    async def drop(self) -> None:
        """Removes the staging table."""
        await self._connection.execute(f"drop table {self._name}")

    async def missing_keys(self) -> dict[int, str]:
        """Positions of rows with a null in the key, with the first such key column."""
        found: dict[int, str] = {}
        for name in self._table.key:
            sql = f"select {identifier(self.line)} from {self._name} where {identifier(name)} is null"
            for (position,) in await self._connection.fetch(sql):
                found.setdefault(position, name)
        return found

    async def repeated_keys(self) -> dict[int, int]:
        """Positions of rows whose key an earlier row has, with the position of that row."""
        key = identifiers(self._table.key)
        if not await self._connection.fetchval(_KEYS_REPEAT.format(staged=self._name, key=key)):
            return {}
        sql = _DUPLICATES.format(staged=self._name, key=key, line=identifier(self.line))
        return {row["line"]: row["first_line"] for row in await self._connection.fetch(sql)}

    async def take_out(self, positions: list[int]) -> dict[int, list[str | None]]:
        """Removes the rows at these positions and gives their values as text."""
        texts = ", ".join(f"{identifier(name)}::text" for name in self._table.column_names)
        sql = _TAKE_OUT.format(staged=self._name, line=identifier(self.line), texts=texts)
        return {row["line"]: row["texts"] for row in await self._connection.fetch(sql, positions)}

    async def count(self) -> int:
        """How many rows are staged."""
        count: int = await self._connection.fetchval(f"select count(*) from {self._name}")
        return count

    async def apply(self) -> tuple[int, int, int]:
        """Makes the table hold exactly the staged rows: how many were inserted, updated, deleted."""
        await self._connection.execute(f"analyze {self._name}")
        parts = self._parts_by_key() if self._table.has_key else self._parts_by_row()
        compare, *changes = (
            (_COMPARE, _INSERT, _UPDATE, _DELETE)
            if self._table.has_key
            else (_COMPARE_ROWS, _INSERT_MISSING, "", _DELETE_SURPLUS)
        )
        [counts] = await self._connection.fetch(compare.format(**parts))
        for count, change in reversed(list(zip(counts, changes, strict=True))):
            if count:
                await self._connection.execute(change.format(**parts))
        inserted, updated, deleted = counts
        return inserted, updated, deleted

    def _parts_by_key(self) -> dict[str, str]:
        table = self._table
        names = [identifier(name) for name in table.column_names if name not in table.key]
        kept = ", ".join(f"kept.{name}" for name in names)
        staged = ", ".join(f"staged.{name}" for name in names)
        return {
            "table": table.name,
            "staged": self._name,
            "line": identifier(self.line),
            "columns": identifiers(table.column_names),
            "a_key": identifier(table.key[0]),
            "same_key": " and ".join(f"kept.{name} = staged.{name}" for name in map(identifier, table.key)),
            "assignments": ", ".join(f"{name} = staged.{name}" for name in names),
            "differs": f"row({kept})::record *<> row({staged})::record" if names else "false",
            "epoch": identifier(EPOCH),
        }

    def _parts_by_row(self) -> dict[str, str]:
        names = identifiers(self._table.column_names)
        return {
            "table": self._table.name,
            "staged": self._name,
            "line": identifier(self.line),
            "row_key": identifier(ROW_KEY),
            "image": f"sha256(convert_to(row({names})::text, 'UTF8'))",
            "columns": names or identifier(EPOCH),
            "values": names or "platform.batch_epoch()",
        }


def _staged_column(column: Column, key: tuple[str, ...]) -> str:
    """Key columns may be null here, so that every row without a key is found, not only the first."""
    required = " not null" if column.required and column.name not in key else ""
    return f"{identifier(column.name)} {column_definition(column.sql_type)}{required}"
