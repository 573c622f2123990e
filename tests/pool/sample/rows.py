"""In charge of reading COPY text back in tests, without a database."""

from collections.abc import Iterator, Sequence

from pool.sources.source import SourceTable

Row = dict[str, str | None]
Rows = Sequence[Row]


def parsed(chunks: Iterator[bytes], table: SourceTable) -> Rows:
    """The rows of COPY text, by column; AssertionError where a line has another number of values."""
    names = [column.name for column in table.columns]
    lines = b"".join(chunks).decode().splitlines()
    return [_row(names, line.split("\t")) for line in lines]


def _row(names: Sequence[str], values: Sequence[str]) -> Row:
    assert len(values) == len(names), values
    return {name: None if value == "\\N" else value for name, value in zip(names, values, strict=True)}


def values(rows: Rows, column: str) -> list[str]:
    """The values of a column that are there."""
    return [value for row in rows if (value := row[column]) is not None]
