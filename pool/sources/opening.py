"""From what a user names (files and a PostgreSQL URL) to sources, and from several sources to one.

The ending of a file's name says its format; its content is looked at later.
"""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from pool.errors import CollectionError
from pool.sources.csv import CsvReader
from pool.sources.intake import Intake
from pool.sources.ndjson import NdjsonReader
from pool.sources.parquet import ParquetSource
from pool.sources.postgresql import PostgresqlSource
from pool.sources.source import CheckingSource, ClosingSource, Source, SourceTable
from pool.sources.tabular import TabularSource
from pool.sources.xlsx import sheet_readers

_URL_SCHEMES = ("postgresql://", "postgres://")
_FORMATS = "CSV (.csv, .tsv, .txt), XLSX (.xlsx), Parquet (.parquet), NDJSON (.ndjson, .jsonl) or a PostgreSQL URL"


def open_sources(sources: Sequence[str], schema: str | None) -> Sequence[Source]:
    """A source for every name; `schema` limits the databases among them. Raises CollectionError for what is none."""
    if schema is not None and not any(name.startswith(_URL_SCHEMES) for name in sources):
        raise CollectionError("a schema is given, but no source is a PostgreSQL URL", "leave --schema out")
    return [
        PostgresqlSource(name, schema) if name.startswith(_URL_SCHEMES) else open_file(Path(name)) for name in sources
    ]


def open_file(path: Path) -> Source:
    """The source a file is, by the ending of its name."""
    if not path.is_file():
        raise CollectionError(f"there is no file {path}", f"a source is {_FORMATS}")
    match path.suffix.lower():
        case ".csv" | ".tsv" | ".txt":
            return TabularSource(path, [CsvReader(path)])
        case ".ndjson" | ".jsonl":
            return TabularSource(path, [NdjsonReader(path)])
        case ".xlsx" | ".xlsm":
            return TabularSource(path, sheet_readers(path))
        case ".parquet" | ".pq":
            return ParquetSource(path)
        case _:
            raise CollectionError(f"the name of {path.name} does not say what format it has", f"a source is {_FORMATS}")


def combine(sources: Sequence[Source]) -> Source:
    """Several sources as one, so that they are one batch."""
    return sources[0] if len(sources) == 1 else CombinedSource(sources)


class CombinedSource:
    """The tables of several sources, in the order of the sources."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._source_by_table: dict[str, Source] = {}

    @property
    def label(self) -> str:
        """All labels."""
        return ", ".join(source.label for source in self._sources)

    async def tables(self) -> Sequence[SourceTable]:
        """The tables of all; raises CollectionError if two have one name."""
        tables: list[SourceTable] = []
        for source in self._sources:
            for table in await source.tables():
                if table.name in self._source_by_table:
                    raise CollectionError(f"two sources have a table {table.name}", "rename one, or load them apart")
                self._source_by_table[table.name] = source
                tables.append(table)
        return tables

    def rows(self, table: SourceTable) -> AsyncIterator[bytes]:
        """The rows from the table's own source."""
        return self._source_by_table[table.name].rows(table)

    def checked_rows(self, table: SourceTable, intake: Intake) -> AsyncIterator[bytes]:
        """The rows from the table's own source, checked if that source checks."""
        source = self._source_by_table[table.name]
        return source.checked_rows(table, intake) if isinstance(source, CheckingSource) else source.rows(table)

    async def close(self) -> None:
        """Closes those that hold something open."""
        for source in self._sources:
            if isinstance(source, ClosingSource):
                await source.close()
