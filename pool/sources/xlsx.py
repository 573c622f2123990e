"""Office Open XML workbooks (ISO/IEC 29500): each sheet with something in it is a table; its first row names columns.

The first such sheet is named like the file, the others `file.sheet`. Cells keep their kind: text that looks like a
number is text, because somebody typed it so. Formulas give the value that was stored with them.
"""

import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from pool.errors import CollectionError
from pool.sources.headers import clean_name, unique_headers
from pool.sources.intake import BadRow, Intake
from pool.sources.tabular import BLOCK_ROWS, Block


class XlsxReader:
    """One sheet of a workbook."""

    is_written = False

    def __init__(self, path: Path, sheet: str, name: str) -> None:
        self.name = name
        self._path = path
        self._sheet = sheet
        self._columns: list[str] = []

    def columns(self) -> Sequence[str]:
        """Reads the first row that is not empty; unnamed columns to the right of all named ones do not count."""
        with _rows(self._path, self._sheet) as rows:
            header = list(next(rows)[1])
        while header[-1] is None:
            header.pop()
        self._columns = unique_headers(header)
        return self._columns

    def blocks(self, intake: Intake) -> Iterator[Block]:
        """The rows below it."""
        width = len(self._columns)
        block = Block()
        with _rows(self._path, self._sheet) as rows:
            next(rows)
            for line, row in rows:
                if any(value is not None for value in row[width:]):
                    intake.refuse(BadRow(line, "has a value to the right of the named columns", [*map(str, row)]))
                    continue
                block.lines.append(line)
                block.rows.append([*row[:width], *[None] * (width - len(row))])
                if len(block.lines) == BLOCK_ROWS:
                    yield block
                    block = Block()
        yield block


def sheet_readers(path: Path) -> list[XlsxReader]:
    """A reader for every sheet that is not empty. Raises CollectionError for no workbook or one with nothing in it."""
    stem = clean_name(path.stem)
    with _workbook(path) as workbook:
        sheets = [sheet.title for sheet in workbook.worksheets]
    filled = [sheet for sheet in sheets if _has_rows(path, sheet)]
    if not filled:
        raise CollectionError(f"{path.name} is empty", "the first row of a sheet must name the columns")
    names = [stem, *(f"{stem}.{clean_name(sheet)}" for sheet in filled[1:])]
    return [XlsxReader(path, sheet, name) for sheet, name in zip(filled, names, strict=True)]


def _has_rows(path: Path, sheet: str) -> bool:
    with _rows(path, sheet) as rows:
        return next(rows, None) is not None


@contextmanager
def _workbook(path: Path) -> Iterator[Workbook]:
    """The open workbook. What the file is damaged by comes to light in the block as well, since rows are read late."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="openpyxl")  # on styles and extensions, which hold no values
            workbook = load_workbook(path, read_only=True, data_only=True)
            with closing(workbook):
                yield workbook
    except (BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, EOFError, OSError, zlib.error) as error:
        raise CollectionError(f"cannot read {path.name} as an XLSX workbook: {error}") from error


@contextmanager
def _rows(path: Path, sheet: str) -> Iterator[Iterator[tuple[int, Sequence[object]]]]:
    """The rows that are not empty, with their numbers."""
    with _workbook(path) as workbook:
        worksheet = workbook[sheet]
        worksheet.reset_dimensions()  # some programs write a wrong size, and rows beyond it would be lost
        rows = enumerate(worksheet.iter_rows(values_only=True), 1)
        yield ((line, row) for line, row in rows if any(value is not None for value in row))
