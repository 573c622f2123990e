"""Files of rows: guessing the types of their columns, then handing out their rows, each value checked against its type.

A reader knows a format and gives blocks of raw rows; everything that is the same for all formats is here. The file is
read once for the types and once for the rows, so memory holds one block.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Protocol

from pool.conversion import Convert, Misfit, converter, written
from pool.errors import CollectionError
from pool.inference import Evidence, inferred_type, observe, observe_value
from pool.sources.copy_text import NULL, lines, text_fields
from pool.sources.copy_text import field as copy_field
from pool.sources.intake import BadRow, Intake
from pool.sources.source import SourceColumn, SourceTable

BLOCK_ROWS = 5000


@dataclass(slots=True)
class Block:
    """Some rows, all as wide as the table, and the line each stood on."""

    lines: list[int] = field(default_factory=list)
    rows: list[Sequence[object]] = field(default_factory=list)


class Reader(Protocol):
    """One table of a file. `is_written` says that every value is text as written, never a value with a type."""

    name: str
    is_written: bool

    def columns(self) -> Sequence[str]:
        """The names of the columns, in their order. Raises CollectionError for a file that has none."""

    def blocks(self, intake: Intake) -> Iterator[Block]:
        """The rows from the first on, each time anew; those that cannot be read go to the intake."""


class TabularSource:
    """A file as a source of tables."""

    def __init__(self, path: Path, readers: Sequence[Reader]) -> None:
        self._path = path
        self._reader_by_table = {reader.name: reader for reader in readers}
        self._columns_by_table: dict[str, Sequence[str]] = {}
        self._stamp = _stamp(path)

    @property
    def label(self) -> str:
        """The file's name."""
        return self._path.name

    async def tables(self) -> Sequence[SourceTable]:
        """Reads the file for its columns and their types."""
        with self._readable():
            return [self._survey(reader) for reader in self._reader_by_table.values()]

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (OSError, UnicodeError) as error:
            raise CollectionError(f"cannot read {self._path}: {error}") from error

    def _survey(self, reader: Reader) -> SourceTable:
        names = self._columns_by_table[reader.name] = reader.columns()
        evidence = [Evidence() for _ in names]
        count = 0
        for block in reader.blocks(Intake()):
            count += len(block.rows)
            for seen, values in zip(evidence, zip(*block.rows, strict=True), strict=False):
                _observe(seen, values, written=reader.is_written)
        columns = (
            SourceColumn(name, inferred_type(name, seen, written=reader.is_written), title=name)
            for name, seen in zip(names, evidence, strict=True)
        )
        return SourceTable(reader.name, tuple(columns), expected_rows=count, is_guessed=True)

    async def rows(self, table: SourceTable) -> AsyncIterator[bytes]:
        """The rows; raises CollectionError at their end if one is bad."""
        intake = Intake()
        async for chunk in self.checked_rows(table, intake):
            yield chunk
        for bad_row in intake.first:
            raise CollectionError(f"{table.name}, line {bad_row.line}: {bad_row.reason}")

    async def checked_rows(self, table: SourceTable, intake: Intake) -> AsyncIterator[bytes]:
        """The rows that fit; the others go to the intake."""
        if _stamp(self._path) != self._stamp:
            raise CollectionError(f"{self.label} was changed while it was read", "collect it again")
        reader = self._reader_by_table[table.name]
        checks = [_Check(column, converter(column.sql_type, is_written=reader.is_written)) for column in table.columns]
        placed = 0
        with self._readable():
            for block in reader.blocks(intake):
                columns, kept_lines = _check(_select(block, self._columns_by_table[table.name], table), checks, intake)
                for line in kept_lines:
                    placed += 1
                    intake.place(placed, line)
                if kept_lines:
                    yield lines(columns)


@dataclass(frozen=True, slots=True)
class _Check:
    column: SourceColumn
    convert: Convert


@dataclass(frozen=True, slots=True)
class _Fields:
    """One column of a block as COPY fields, with the reasons of those rows that do not fit."""

    texts: list[str]
    faults: dict[int, str]


def _check(block: Block, checks: Sequence[_Check], intake: Intake) -> tuple[list[list[str]], list[int]]:
    """The block's good rows, as columns of COPY fields and the lines they stood on; the bad ones go to the intake."""
    columns = [_fields(block, number, check) for number, check in enumerate(checks)]
    faults: dict[int, str] = {}
    for column in reversed(columns):
        faults.update(column.faults)
    if not faults:
        return [column.texts for column in columns], block.lines
    for index in sorted(faults):
        values = [None if value is None else written(value) for value in block.rows[index]]
        intake.refuse(BadRow(block.lines[index], faults[index], values))
    kept = [index for index in range(len(block.lines)) if index not in faults]
    return [[column.texts[index] for index in kept] for column in columns], [block.lines[index] for index in kept]


def _fields(block: Block, number: int, check: _Check) -> _Fields:
    values = list(map(itemgetter(number), block.rows))
    if check.column.sql_type == "text" and _is_plain(values) and (not check.column.required or all(values)):
        return _Fields(text_fields(values), {})
    known: dict[tuple[type, object], str] = {}
    texts: list[str] = []
    faults: dict[int, str] = {}
    for index, value in enumerate(values):
        try:
            identity = (value.__class__, value)
            text = known.get(identity)
            if text is None:
                text = known[identity] = _field(value, check)
        except Misfit as misfit:
            text = NULL
            faults[index] = f"column {check.column.name} {misfit}"
        texts.append(text)
    return _Fields(texts, faults)


def _field(value: object, check: _Check) -> str:
    text = check.convert(value)
    if text is None and check.column.required:
        raise Misfit("is empty but required")
    return NULL if text is None else copy_field(text)


def _is_plain(values: list[object]) -> bool:
    """Whether all values are text that PostgreSQL can keep as it is."""
    try:
        joined = "".join(values)  # type: ignore[arg-type]  # the TypeError is the answer
        joined.encode()
    except (TypeError, UnicodeEncodeError):
        return False
    return "\0" not in joined


def _select(block: Block, names: Sequence[str], table: SourceTable) -> Block:
    """The columns that are asked for, where they are not all of the file's."""
    if len(names) == len(table.columns):
        return block
    chosen = [names.index(column.name) for column in table.columns]
    return Block(block.lines, [[row[index] for index in chosen] for row in block.rows])


def _observe(evidence: Evidence, values: Sequence[object], *, written: bool) -> None:
    if written:
        observe(evidence, [value for value in map(str, set(values)) if value and not value.isspace()])
        return
    for value in values:
        observe_value(evidence, value)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise CollectionError(f"cannot read {path}: {error.strerror}") from error
    return status.st_size, status.st_mtime_ns
