"""Comma-separated values (RFC 4180) as offices write them: three delimiters, UTF-8 or GB 18030, quoted line breaks.

The first line names the columns. A row that is narrower or wider than it goes to the intake with its line.
"""

import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Protocol

from pool.errors import CollectionError
from pool.sources.encodings import detect_encoding
from pool.sources.headers import clean_name, unique_headers
from pool.sources.intake import BadRow, Intake
from pool.sources.tabular import BLOCK_ROWS, Block


class Reader(Protocol):
    """What `csv.reader` gives."""

    @property
    def line_num(self) -> int:
        """The line read last, from 1."""

    def __iter__(self) -> Iterator[list[str]]:
        """Itself."""

    def __next__(self) -> list[str]:
        """The next row."""


_DELIMITERS = ",;\t"
_SAMPLE_ROWS = 20


class CsvReader:
    """The one table of a CSV file, named like the file."""

    is_written = True

    def __init__(self, path: Path) -> None:
        self.name = clean_name(path.stem)
        self._path = path
        self._encoding = ""
        self._delimiter = ","
        self._columns: list[str] = []

    def columns(self) -> Sequence[str]:
        """Finds out encoding and delimiter, and reads the first line."""
        self._encoding = detect_encoding(self._path)
        self._delimiter = max(_DELIMITERS, key=self._fit)
        with self._rows(self._delimiter) as rows:
            self._columns = unique_headers(_first(rows, self._path.name))
        return self._columns

    def blocks(self, intake: Intake) -> Iterator[Block]:
        """The rows after the first line."""
        with self._rows(self._delimiter) as rows:
            width = len(_first(rows, self._path.name))
            block = Block()
            for line, found in _numbered(rows, intake):
                row = found if len(found) == width else self._fitted(line, found, intake)
                if row:
                    block.lines.append(line)
                    block.rows.append(row)
                if len(block.lines) == BLOCK_ROWS:
                    yield block
                    block = Block()
            yield block

    def _fitted(self, line: int, row: list[str], intake: Intake) -> list[str]:
        """A row that is wider only by empty fields is cut, another goes to the intake; an empty line is no row."""
        width = len(self._columns)
        if len(row) > width and not any(row[width:]):
            return row[:width]
        if row:
            intake.refuse(BadRow(line, f"{len(row)} fields where the first line names {width}", row))
        return []

    def _fit(self, delimiter: str) -> tuple[bool, int]:
        """How well the delimiter fits: whether the first rows are all equally wide, and how wide."""
        with self._rows(delimiter) as rows:
            try:
                widths = {len(row) for row in islice(rows, _SAMPLE_ROWS) if row}
            except csv.Error:
                return False, 0
        return len(widths) == 1 and max(widths) > 1, max(widths, default=0)

    @contextmanager
    def _rows(self, delimiter: str) -> Iterator[Reader]:
        csv.field_size_limit(sys.maxsize)  # a boundary or a legal text may be longer than the 128 KiB csv stops at
        with self._path.open(encoding=self._encoding, errors="surrogateescape", newline="") as file:
            yield csv.reader(file, delimiter=delimiter, strict=True)


def _first(rows: Reader, name: str) -> list[str]:
    try:
        return next(row for row in rows if any(row))
    except StopIteration:
        raise CollectionError(f"{name} is empty", "its first line must name the columns") from None
    except csv.Error as error:
        raise CollectionError(f"the first line of {name} is not CSV: {error}") from error


def _numbered(rows: Reader, intake: Intake) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line it starts on; what is not CSV goes to the intake."""
    while True:
        line = rows.line_num + 1
        try:
            yield line, next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            intake.refuse(BadRow(line, f"is not CSV: {error}"))
