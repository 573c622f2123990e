"""Loading one planned table within an open batch, straight into place or as a difference, and measuring it.

A table that is new or empty is copied straight into place; if its key does not hold there, the rows are read again into
a staging table, where the bad ones can be named. It knows nothing of the catalog.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

import asyncpg

from pool.difference import Staging
from pool.errors import CollectionError
from pool.planning import PlannedTable
from pool.progress import Progress
from pool.relations import add_columns, create_key, create_relation, widen_columns
from pool.sources.intake import BadRow, Intake
from pool.sources.source import CheckingSource, Source
from pool.sql import identifier, relation

# Smaller tables are planned well enough by their size, and autovacuum gets to them.
_ANALYZED_ROWS = 10_000
# What indexes over parts of texts have put off is done before the batch ends, not by those who search.
_SETTLE = """select gin_clean_pending_list(indexrelid) from pg_index
    where indrelid = $1::text::regclass
      and indexrelid in (select oid from pg_class where relam = (select oid from pg_am where amname = 'gin'))"""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading did to a table."""

    inserted: int
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Load:
    """One table being loaded: from where, into what, with whom it speaks."""

    connection: asyncpg.Connection
    source: Source
    table: PlannedTable
    intake: Intake
    progress: Progress


async def load(work: Load) -> Loaded:
    """Makes the pool's table hold what the source's has, except for the rows that went to the intake."""
    await _prepare(work)
    loaded = await _load_rows(work)
    if not work.table.is_new:
        await work.connection.fetch(_SETTLE, work.table.relation.name)
    if loaded.inserted >= _ANALYZED_ROWS:
        await work.connection.execute(f"analyze {work.table.relation.name}")
    return loaded


async def _load_rows(work: Load) -> Loaded:
    if work.table.is_new or await _is_empty(work):
        try:
            async with work.connection.transaction():
                return Loaded(inserted=await _load_directly(work))
        except (asyncpg.UniqueViolationError, asyncpg.NotNullViolationError) as error:
            if not work.table.relation.has_key or error.column_name not in (None, *work.table.relation.key):
                raise
        if work.table.is_new:
            await work.connection.execute(create_relation(work.table.relation))
            await work.connection.execute(create_key(work.table.relation))
    return await _load_difference(work)


async def measure(work: Load) -> tuple[int, tuple[int, ...]]:
    """How many rows the table has, and in how many of them each of its columns is null."""
    counts = "".join(f", count({identifier(name)})" for name in work.table.relation.column_names)
    [(rows, *present)] = await work.connection.fetch(f"select count(*){counts} from {work.table.relation.name}")
    return rows, tuple(rows - count for count in present)


async def _prepare(work: Load) -> None:
    """Brings an existing table to the planned columns and types."""
    if work.table.is_new:
        return
    added = [item.column.name for item in work.table.items if item.item is None]
    widened = [item.column.name for item in work.table.items if item.widened_from]
    if added:
        await work.connection.execute(add_columns(work.table.relation, added))
    if widened:
        await work.connection.execute(widen_columns(work.table.relation, widened))


async def _is_empty(work: Load) -> bool:
    return not await work.connection.fetchval(f"select exists (select from {work.table.relation.name})")


async def _load_directly(work: Load) -> int:
    """New tables are made here: COPY may then freeze their rows, which spares every later reader and vacuum."""
    table = work.table.relation
    if work.table.is_new:
        await work.connection.execute(create_relation(table))
    count = await _copy(work, table.schema_name, table.relation_name, freeze=work.table.is_new)
    if work.table.is_new:
        await work.connection.execute(create_key(table))
    return count


async def _load_difference(work: Load) -> Loaded:
    work.intake.begin_again()
    work.progress.start(work.table.asked.name, work.table.asked.expected_rows)
    staging = Staging(work.connection, work.table.relation)
    await staging.create()
    await _copy(work, "pg_temp", staging.relation_name, freeze=False)
    if work.table.relation.has_key:
        await _refuse_bad_keys(work, staging)
    count = await staging.count()
    inserted, updated, deleted = await staging.apply()
    await staging.drop()
    return Loaded(inserted, updated, deleted, count - inserted - updated)


async def _refuse_bad_keys(work: Load, staging: Staging) -> None:
    """Takes rows out of the staging table that have no key or one that an earlier row has."""
    key = ", ".join(work.table.relation.key)
    reasons = {position: f"key column {name} is empty" for position, name in (await staging.missing_keys()).items()}
    for position, first in (await staging.repeated_keys()).items():
        reasons[position] = f"key ({key}) is on line {work.intake.line_of(first)} already"
    if reasons:
        values = await staging.take_out(list(reasons))
        for position in sorted(reasons):
            work.intake.refuse(BadRow(work.intake.line_of(position), reasons[position], values[position]))


async def _copy(work: Load, schema_name: str, relation_name: str, *, freeze: bool) -> int:
    """Copies the source's rows; how many. A row that PostgreSQL refuses fails the collection, with its line."""
    columns = work.table.relation.column_names
    async with aclosing(_chunks(work)) as chunks:
        if not columns:
            return await _insert_rows_without_columns(work, chunks, relation(schema_name, relation_name))
        try:
            status = await work.connection.copy_to_table(
                relation_name, schema_name=schema_name, columns=columns, source=chunks, freeze=freeze or None
            )
        except asyncpg.DataError as error:
            raise CollectionError(f"table {work.table.asked.name}: {error.message} ({error.context})") from error
    return int(status.rpartition(" ")[2])


async def _insert_rows_without_columns(work: Load, chunks: AsyncIterator[bytes], target: str) -> int:
    """COPY has no way to name no columns."""
    count = sum([chunk.count(b"\n") async for chunk in chunks])
    await work.connection.execute(f"insert into {target} select from generate_series(1, {count})")
    return count


async def _chunks(work: Load) -> AsyncGenerator[bytes]:
    if isinstance(work.source, CheckingSource):
        rows = work.source.checked_rows(work.table.asked, work.intake)
    else:
        rows = work.source.rows(work.table.asked)
    async for chunk in rows:
        work.progress.advance(chunk.count(b"\n"))
        yield chunk
