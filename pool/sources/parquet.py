"""Apache Parquet files: typed columns, whole row groups at a time, turned into COPY text by Arrow.

Nanoseconds are cut to PostgreSQL's microseconds; lists, structures and maps become JSON.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pool.errors import CollectionError
from pool.json_text import json_text
from pool.sources.copy_text import NULL, field, lines
from pool.sources.headers import clean_name, unique_headers
from pool.sources.source import SourceColumn, SourceTable

_BATCH_ROWS = 20_000
_PLAIN: tuple[tuple[Callable[[pa.DataType], bool], str], ...] = (
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_int8, "smallint"),
    (pa.types.is_int16, "smallint"),
    (pa.types.is_uint8, "smallint"),
    (pa.types.is_int32, "integer"),
    (pa.types.is_uint16, "integer"),
    (pa.types.is_int64, "bigint"),
    (pa.types.is_uint32, "bigint"),
    (pa.types.is_uint64, "numeric(20,0)"),
    (pa.types.is_float64, "double precision"),
    (pa.types.is_floating, "real"),
    (pa.types.is_date, "date"),
    (pa.types.is_time, "time"),
    (pa.types.is_duration, "interval"),
    (pa.types.is_string, "text"),
    (pa.types.is_large_string, "text"),
    (pa.types.is_binary, "bytea"),
    (pa.types.is_large_binary, "bytea"),
    (pa.types.is_fixed_size_binary, "bytea"),
    (pa.types.is_null, "text"),
)


class ParquetSource:
    """A Parquet file as a source of one table, named like the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._positions: dict[str, int] = {}

    @property
    def label(self) -> str:
        """The file's name."""
        return self._path.name

    async def tables(self) -> Sequence[SourceTable]:
        """Reads the file's footer."""
        with self._open() as file:
            schema = file.schema_arrow
            names = unique_headers(schema.names)
            self._positions = {name: position for position, name in enumerate(names)}
            columns = (
                SourceColumn(name, sql_type(kind), title=name) for name, kind in zip(names, schema.types, strict=True)
            )
            return [SourceTable(clean_name(self._path.stem), tuple(columns), expected_rows=file.metadata.num_rows)]

    async def rows(self, table: SourceTable) -> AsyncIterator[bytes]:
        """The rows, batch by batch."""
        with self._open() as file:
            try:
                for batch in file.iter_batches(_BATCH_ROWS):
                    columns = [batch.column(self._positions[column.name]) for column in table.columns]
                    yield lines([_fields(column) for column in columns]) if columns else b"\n" * batch.num_rows
            except (pa.ArrowException, OSError, UnicodeError) as error:
                raise CollectionError(f"cannot read {self._path.name}: {error}") from error

    def _open(self) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self._path)
        except (pa.ArrowException, OSError) as error:
            raise CollectionError(f"cannot read {self._path.name} as Parquet: {error}") from error


def sql_type(kind: pa.DataType) -> str:
    """The PostgreSQL type of an Arrow type; what has no plain one is jsonb.

    >>> sql_type(pa.decimal128(18, 2)), sql_type(pa.timestamp("ns")), sql_type(pa.list_(pa.int32()))
    ('numeric(18,2)', 'timestamp', 'jsonb')
    """
    if pa.types.is_dictionary(kind):
        return sql_type(kind.value_type)
    if pa.types.is_timestamp(kind):
        return "timestamptz" if kind.tz else "timestamp"
    if pa.types.is_decimal(kind):
        return f"numeric({kind.precision},{kind.scale})" if 0 <= kind.scale <= kind.precision else "numeric"
    return next((name for belongs, name in _PLAIN if belongs(kind)), "jsonb")


def _fields(column: pa.Array) -> list[str]:
    """A column as COPY fields; Arrow writes what it can as text at its own speed."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", "UTC" if kind.tz else None), safe=False)
    elif pa.types.is_time(kind):
        column = column.cast(pa.time64("us"), safe=False)
    if pa.types.is_duration(kind):
        seconds = column.cast(pa.duration("us"), safe=False).cast(pa.int64())
        return [NULL if value is None else f"{value} microseconds" for value in seconds.to_pylist()]
    convert = _CONVERSIONS.get(sql_type(kind))
    if convert is not None:
        return [NULL if value is None else field(convert(value)) for value in column.to_pylist()]
    texts: list[str] = pc.fill_null(column.cast(pa.string()), NULL).to_pylist()
    return texts


def _hexadecimal(value: bytes) -> str:
    return "\\x" + value.hex()


_CONVERSIONS: dict[str, Callable[..., str]] = {"text": str, "bytea": _hexadecimal, "jsonb": json_text}
