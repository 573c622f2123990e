"""In charge of `yishu collect`: files and databases into the pool, as one batch, with a report of what it did."""

import asyncio
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict

from api.commands.arguments import department
from api.commands.command import DONE, CommandError, Parsers, put, put_json, with_json
from api.config import Settings
from api.preparing import fit_database
from api.progress import Bar
from pool.batch import Collection, collect
from pool.errors import CollectionError
from pool.report import BatchReport, ColumnReport, TableReport
from pool.sources.opening import combine, open_sources
from schema.pool import camel


def add(parsers: Parsers) -> None:
    """Adds the command."""
    parser = parsers.add_parser("collect", help="load files or databases into the pool as one batch")
    parser.add_argument("sources", metavar="SOURCE", nargs="+", help="CSV, XLSX, Parquet, NDJSON, or a PostgreSQL URL")
    parser.add_argument("--provider", type=department, required=True, help="the department that provides the data")
    parser.add_argument("--entry", metavar="CODE", help="the catalog entry new tables belong to (default: a new one)")
    parser.add_argument("--key", type=_columns, default=(), metavar="COLUMN,…", help="the columns that tell rows apart")
    parser.add_argument("--schema", metavar="S", help="of a database, only this schema (default: all but the system's)")
    parser.add_argument("--skip-bad", action="store_true", help="leave bad rows out, and write them to a rejects file")
    with_json(parser)
    parser.set_defaults(run=run)


def _columns(text: str) -> tuple[str, ...]:
    return tuple(column.strip() for column in text.split(",") if column.strip())


def run(arguments: Namespace, settings: Settings) -> int:
    """Loads all sources, or none."""
    try:
        report = asyncio.run(_collect(arguments, settings))
    except CollectionError as error:
        raise CommandError(error.message, error.hint, error.details) from error
    if arguments.json:
        put_json(asdict(report))
    else:
        put("\n".join(_lines(report)))
    return DONE


async def _collect(arguments: Namespace, settings: Settings) -> BatchReport:
    collection = Collection(
        provider=arguments.provider,
        source=combine(open_sources(arguments.sources, arguments.schema)),
        entry=arguments.entry,
        key=arguments.key,
        skip_bad=arguments.skip_bad,
    )
    async with fit_database(settings) as connection:
        with Bar("collecting") as bar:
            return await collect(connection, collection, bar)


def _lines(report: BatchReport) -> Iterator[str]:
    yield f"batch {report.epoch}: {len(report.tables)} tables of {report.provider} from {report.source}"
    for table in report.tables:
        yield from _table_lines(report.provider, table)


def _table_lines(provider: str, table: TableReport) -> Iterator[str]:
    place = f"pool.{camel(provider)}.{table.graph_name}"
    state = "new" if table.is_new else "known"
    yield f"{table.name} ({state}, entry {table.entry}, key {', '.join(table.key) or 'none'}): {place}"
    counts = ("inserted", "updated", "deleted", "unchanged", "rejected")
    yield "  " + ", ".join(f"{getattr(table, name)} {name}" for name in counts)
    if table.rejects is not None and table.rejected:
        yield f"  rejected rows are in {table.rejects}"
    for bad_row in table.bad_rows:
        yield f"  line {bad_row.line}: {bad_row.reason}"
    for column in table.columns:
        if column.change:
            yield f"  {_column(column)}"


def _column(column: ColumnReport) -> str:
    return f"{column.name} → {column.graph_name}: {column.sql_type} ({column.change})"
