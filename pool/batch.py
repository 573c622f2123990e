"""One collection as one batch: one transaction, the next data epoch, nothing visible before it commits.

It composes planning, loading and cataloguing, and turns what PostgreSQL says into what a department understands. It
knows nothing of the formats rows come from.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from operator import attrgetter
from pathlib import Path

import asyncpg

from pool.catalog_rows import Measured, write_catalog
from pool.cataloguing import TableSpec
from pool.errors import CollectionError
from pool.inventory import read_inventory
from pool.loading import Load, Loaded, load, measure
from pool.planning import PlannedItem, PlannedTable, Planner, Wishes
from pool.progress import Progress
from pool.rejects import RejectsFolder
from pool.relations import ROW_KEY, create_schema
from pool.report import BatchReport, ColumnReport, TableReport
from pool.sources.intake import Intake
from pool.sources.source import ClosingSource, Source, SourceTable

# Text forms must be the same on both sides of a COPY, whatever the server's or the role's defaults are.
_SETTINGS = """
set local datestyle = 'ISO, MDY'; set local intervalstyle = 'postgres'; set local timezone = 'UTC';
set local bytea_output = 'hex'; set local extra_float_digits = 1;
set local maintenance_work_mem = '256MB'; set local work_mem = '64MB'; set local client_min_messages = 'warning';
set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0; set local synchronous_commit = on"""
_END_BATCH = "select platform.end_batch('collection', $1, $2, $3, $4, $5, $6, graph_moved => $7)"


@dataclass(frozen=True, slots=True)
class Collection:
    """What to collect, for whom. `specs` says by table name what is already known about a new table.

    Bad rows refuse the whole batch, unless `skip_bad`, which writes them to `<table>.rejects.csv` in `rejects`.
    """

    provider: str
    source: Source
    entry: str | None = None
    key: tuple[str, ...] = ()
    specs: Mapping[str, TableSpec] = field(default_factory=dict)
    skip_bad: bool = False
    rejects: Path = Path()


async def collect(connection: asyncpg.Connection, collection: Collection, progress: Progress) -> BatchReport:
    """Take in all tables of the source, or none: on return they are durable, on CollectionError nothing is changed.

    Batches wait for one another; the source is asked for its tables before, for its rows while the batch is open.
    """
    rejects = RejectsFolder(collection.rejects)
    try:
        tables = await collection.source.tables()
        _check_names(tables)
        with ExitStack() as failure:
            failure.callback(rejects.discard)
            work = _Work(connection, collection, rejects, progress)
            report = await _collect(work, tables)
            failure.pop_all()
        return report
    finally:
        if isinstance(collection.source, ClosingSource):
            await collection.source.close()


@dataclass(frozen=True, slots=True)
class _Work:
    connection: asyncpg.Connection
    collection: Collection
    rejects: RejectsFolder
    progress: Progress


async def _collect(work: _Work, tables: Sequence[SourceTable]) -> BatchReport:
    connection, collection = work.connection, work.collection
    async with _explained(), connection.transaction(isolation="read_committed"):
        epoch: int = await connection.fetchval("select platform.begin_batch()")
        await connection.execute(_SETTINGS)
        inventory = await read_inventory(connection, collection.provider)
        planner = Planner(inventory, Wishes(collection.entry, collection.key, collection.specs))
        planned = [planner.plan(table) for table in tables]
        await connection.execute(create_schema(collection.provider))
        outcomes = [await _load_table(work, table) for table in planned]
        reports = tuple(report for report, _ in outcomes)
        _check_bad_rows(reports, skip_bad=collection.skip_bad)
        measured = [each for _, each in outcomes]
        graph_moved = await write_catalog(connection, collection.provider, planner.entries.new, measured)
        totals = [sum(counts) for counts in zip(*map(_counts, reports), strict=True)] or [0, 0, 0, 0]
        await connection.execute(_END_BATCH, collection.provider, collection.source.label, *totals, graph_moved)
    return BatchReport(epoch, collection.provider, collection.source.label, reports)


def _counts(report: TableReport) -> tuple[int, int, int, int]:
    return report.inserted, report.updated, report.deleted, report.rejected


async def _load_table(work: _Work, table: PlannedTable) -> tuple[TableReport, Measured]:
    name = table.asked.name
    columns = [column.name for column in table.asked.columns]
    rejects = work.rejects.open(name, columns) if work.collection.skip_bad else None
    table_load = Load(work.connection, work.collection.source, table, Intake(rejects), work.progress)
    work.progress.start(name, table.asked.expected_rows)
    try:
        loaded = await load(table_load)
        rows, missing = await measure(table_load)
    except asyncpg.PostgresError as error:
        error.add_note(name)
        raise
    finally:
        path = work.rejects.close(rejects) if rejects else None
    work.progress.finish(name)
    report = replace(_report(table, loaded, table_load.intake), rejects=path)
    return report, Measured(table, rows, missing)


def _report(table: PlannedTable, loaded: Loaded, intake: Intake) -> TableReport:
    return TableReport(
        name=table.asked.name,
        graph_name=table.graph_name,
        type_name=table.type_name,
        entry=table.entry,
        is_new=table.is_new,
        key=() if table.relation.key == (ROW_KEY,) else table.relation.key,
        columns=tuple(_column_report(table, item) for item in table.items),
        inserted=loaded.inserted,
        updated=loaded.updated,
        deleted=loaded.deleted,
        unchanged=loaded.unchanged,
        rejected=intake.rejected,
        bad_rows=tuple(sorted(intake.first, key=attrgetter("line"))),
    )


def _column_report(table: PlannedTable, item: PlannedItem) -> ColumnReport:
    change = f"widened from {item.widened_from}" if item.widened_from else ""
    if item.item is None:
        change = "new" if table.is_new else "added"
    return ColumnReport(item.column.name, item.spec.graph_name, item.column.sql_type, change)


def _check_names(tables: Sequence[SourceTable]) -> None:
    names = [table.name for table in tables]
    if not names:
        raise CollectionError("the source has no table")
    repeated = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else ()
    if repeated:
        raise CollectionError(
            f"two tables of one batch are called {', '.join(repeated)}", "rename one, or load them apart"
        )


def _check_bad_rows(reports: Sequence[TableReport], *, skip_bad: bool) -> None:
    """The whole batch stands or falls: whoever wants the good rows alone has to say so."""
    rejected = sum(report.rejected for report in reports)
    if not rejected or skip_bad:
        return
    details = [
        f"{report.name}, line {bad_row.line}: {bad_row.reason}" for report in reports for bad_row in report.bad_rows
    ]
    more = rejected - len(details)
    raise CollectionError(
        f"{rejected} bad row{'s' if rejected > 1 else ''}, nothing was taken in: {details[0]}",
        "mend them, or leave them out with --skip-bad, which writes them to a rejects file",
        (*details, *([f"… and {more} more"] if more else [])),
    )


@asynccontextmanager
async def _explained() -> AsyncIterator[None]:
    """Failures of PostgreSQL as failures of the collection, naming the table and, where it is known, the remedy."""
    try:
        yield
    except asyncpg.OutOfMemoryError as error:
        raise CollectionError(
            f"the database cannot hold so many tables in one batch: {error.message}",
            "raise max_locks_per_transaction of the PostgreSQL server to 1024 and restart it",
        ) from error
    except asyncpg.PostgresError as error:
        table = " ".join(getattr(error, "__notes__", ()))
        raise CollectionError(f"PostgreSQL refused {f'table {table}' if table else 'the batch'}: {error}") from error
    except (asyncpg.InterfaceError, OSError) as error:
        raise CollectionError(f"the connection to the database failed: {error}") from error
