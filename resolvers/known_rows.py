"""In charge of rows that were written before: known by their keys for as long as the platform has its state.

Pages that nobody asked for before consist of rows that somebody did. Where most rows of a kind come again, a page is
read as its keys, which an index often has by itself, and only rows that are not known are read and written. So which
rows there are for whom, and in which order, is said by the database each time; and a row leaves only in an answer whose
record is committed under the state it was read under. It knows nothing of what the texts say.
"""

import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import asyncpg

from resolvers.by_key import KEYS
from resolvers.keep import Prepared
from resolvers.run import Connection, Row
from resolvers.sql import ByKey, Statement
from resolvers.values import Variables
from resolvers.written import Page, Reader, keys_of, separator

# The text of a row; with the keys of the other nodes recorded with it, if there can be any.
_Written = bytes | tuple[bytes | None, ...]
_Values = Sequence[Sequence[str | None]] | None

MOST_BYTES = 384 << 20
_ROW_BYTES, _TEXT_BYTES = 150, 40  # of objects and their places, beside what texts are long
_SEEN_BYTES = 64
_MOST_SEEN = 500_000
_MOST_KINDS = 1_000
_LATELY_S = 60.0
_PAGES = 16
_MOST_MISSED = 0.5


class Worth(NamedTuple):
    """When rows of a kind are worth knowing: what share of those of a page were seen before, on average of the latest
    pages; and how many rows a page has that tells of it.
    """

    repeated: float = 0.8
    fewest: int = 8


_WORTH = Worth()


@dataclass(slots=True)
class _Kind:
    """The rows of one kind: those known, or, as long as none are to be known, hashes of the keys seen."""

    is_known: bool = False
    is_hopeless: bool = False
    repeated: float = 0.0
    seen: set[int] = field(default_factory=set)
    rows: dict[str, _Written] = field(default_factory=dict)
    size_bytes: int = 0
    asked: int = 0
    missed: int = 0
    forgotten: int = 0
    used_at: float = 0.0

    def see(self, keys: Sequence[bytes], worth: float) -> None:
        """Counts the rows of a page that was read as a whole; from then on they are to be known if that is worth it."""
        numbers = set(map(hash, keys))
        self.repeated += (len(numbers & self.seen) / len(numbers) - self.repeated) / _PAGES
        self.seen |= numbers
        self.size_bytes = len(self.seen) * _SEEN_BYTES
        if self.repeated >= worth:
            self.seen, self.size_bytes, self.is_known = set(), 0, True
        elif len(self.seen) > _MOST_SEEN:
            self.give_up()

    def learn(self, rows: Mapping[str, _Written]) -> None:
        """Adds rows that were not known."""
        for key, row in rows.items():
            if key not in self.rows:
                self.rows[key] = row
                self.size_bytes += _size_of(key, row)

    def forget(self, size_bytes: int) -> None:
        """Forgets so much, what is known longest first; all of it where most are forgotten before they come again."""
        freed = 0
        while freed < size_bytes and self.rows:
            key = next(iter(self.rows))
            freed += _size_of(key, self.rows.pop(key))
            self.forgotten += 1
        self.size_bytes -= freed
        if not self.is_known or (self.forgotten > len(self.rows) and self.missed > _MOST_MISSED * self.asked):
            self.give_up()
        elif self.forgotten > len(self.rows):
            self.asked = self.missed = self.forgotten = 0

    def give_up(self) -> None:
        """No rows are to be known from now on."""
        self.rows, self.seen, self.size_bytes = {}, set(), 0
        self.is_known, self.is_hopeless = False, True


class KnownRows:
    """The rows of one worker under the newest state it has met, of so many bytes at most. Safe to use concurrently."""

    def __init__(self, most_bytes: int = MOST_BYTES, worth: Worth = _WORTH) -> None:
        self._most_bytes = most_bytes
        self._worth = worth
        self._size_bytes = 0
        self._state: object = None
        self._kinds: OrderedDict[str, _Kind] = OrderedDict()

    @property
    def number(self) -> int:
        """How many rows are known."""
        return sum(len(kind.rows) for kind in self._kinds.values())

    @property
    def size_bytes(self) -> int:
        """How much memory they take, and what is counted to find out which are to be known; about."""
        return self._size_bytes

    async def fetch(self, connection: Connection, prepared: Prepared, state: object) -> list[Sequence[Row]]:
        """The rows of every statement of a plan that is exact; `state` equals itself until anything moves."""
        return [
            await self._rows(connection, statement, prepared.variables, state) for statement in prepared.plan.statements
        ]

    async def _rows(
        self, connection: Connection, statement: Statement, variables: Variables, state: object
    ) -> Sequence[Row]:
        by_key = statement.by_key
        kind = None if by_key is None else self._kind(by_key.name, state)
        if by_key is not None and kind is not None and kind.is_known:
            page = await self._page(connection, by_key, variables, kind)
            if page is not None:
                return [page]
            with self._weighed(by_key.name, kind):
                kind.give_up()
        rows = await connection.fetch(statement.sql, *statement.bind(variables))
        if by_key is not None and kind is not None and not (kind.is_known or kind.is_hopeless):
            keys = (rows[0][2] or b"").split(separator(by_key.reader.width).encode())
            if len(keys) >= self._worth.fewest:
                with self._weighed(by_key.name, kind):
                    kind.see(keys, self._worth.repeated)
        return rows

    async def _page(self, connection: Connection, by_key: ByKey, variables: Variables, kind: _Kind) -> Page | None:
        """The page, of rows known and of those it learns; None where its keys do not tell its rows apart.

        Raises NotWritableError.
        """
        ((count, lines, *values),) = await connection.fetch(by_key.keys.sql, *by_key.keys.bind(variables))
        keys: list[str] = [] if lines is None else lines.split("\n")
        if len(keys) != count:
            return None
        del keys[by_key.size :]
        kind.asked += len(keys)
        try:
            rows = list(map(kind.rows.__getitem__, keys))
        except KeyError:
            learned = await self._learn(connection, by_key, kind, keys)
            if learned is None:
                return None
            rows = list(map(learned.__getitem__, keys))
        return _page_of(by_key.reader, count, keys, rows, values)

    async def _learn(
        self, connection: Connection, by_key: ByKey, kind: _Kind, keys: Sequence[str]
    ) -> Mapping[str, _Written] | None:
        """The rows of the keys, with those that were not known; None where keys do not tell rows apart."""
        rows = {key: row for key in keys if (row := kind.rows.get(key)) is not None}
        unknown = [key for key in keys if key not in rows]
        kind.missed += len(unknown)
        parts = [key.split('","') for key in unknown]
        if any(len(each) != by_key.reader.width for each in parts):
            return None
        columns = list(map(list, zip(*parts, strict=True)))
        written = await connection.fetch(by_key.rows.sql, *by_key.rows.bind({KEYS: columns}))
        learned = _learned(by_key.reader, written) if written else {}
        if not len(written) == len(unknown) == len(learned) or learned.keys() != set(unknown):
            return None  # the rows are gone, or several have one key
        with self._weighed(by_key.name, kind):
            kind.learn(learned)
        return rows | learned

    def _kind(self, name: str, state: object) -> _Kind:
        if state != self._state:
            self._state = state
            self._kinds.clear()
            self._size_bytes = 0
        kind = self._kinds.get(name)
        if kind is None:
            kind = self._kinds[name] = _Kind()
        self._kinds.move_to_end(name)
        kind.used_at = time.monotonic()
        return kind

    @contextmanager
    def _weighed(self, name: str, kind: _Kind) -> Iterator[None]:
        """Counts what the kind takes more after the block, and makes room for it."""
        before = kind.size_bytes
        yield
        if self._kinds.get(name) is not kind:
            return  # the state has moved meanwhile, and it is forgotten already
        self._size_bytes += kind.size_bytes - before
        self._make_room(kind)

    def _make_room(self, kind: _Kind) -> None:
        """What nobody has asked for of late is forgotten first; else this kind has the room that the others leave."""
        while self._size_bytes > self._most_bytes or len(self._kinds) > _MOST_KINDS:
            oldest, other = next(iter(self._kinds.items()))
            is_crowded = len(self._kinds) > _MOST_KINDS
            if other is kind or (not is_crowded and kind.used_at - other.used_at < _LATELY_S):
                before = kind.size_bytes
                kind.forget(self._size_bytes - self._most_bytes)
                self._size_bytes += kind.size_bytes - before
                return
            del self._kinds[oldest]
            self._size_bytes -= other.size_bytes


def _size_of(key: str, row: _Written) -> int:
    texts = (row,) if isinstance(row, bytes) else row
    return _ROW_BYTES + len(key) + sum(_TEXT_BYTES + len(each) for each in texts if each is not None)


def _learned(reader: Reader, written: Sequence[asyncpg.Record]) -> dict[str, _Written]:
    """What is kept of rows that were written. Raises NotWritableError."""
    columns: Sequence[Sequence[Any]] = list(zip(*written, strict=True))
    keys, texts, *others = columns
    shown = zip(reader.recorded[1:], others[::2], strict=True)
    joined = [separator(reader.width).join(keys).encode(), *(_joined(each.width, inner) for each, inner in shown)]
    lines = reader.lines(texts, joined, (len(keys), *map(sum, others[1::2])))
    return dict(zip(keys, zip(lines, *others[::2], strict=True) if others else lines, strict=True))


def _page_of(
    reader: Reader, read: int, keys: Sequence[str], rows: Sequence[_Written], values: Sequence[_Values]
) -> Page:
    """What the reader makes of the whole statement's row."""
    cursors = values[0][: len(keys)] if values and values[0] else ()
    if not rows:
        return Page(read, b"", [[]] * len(reader.recorded), cursors)
    columns: Sequence[Sequence[Any]] = [rows] if isinstance(rows[0], bytes) else list(zip(*rows, strict=True))
    texts, *others = columns
    found = [
        keys_of(_joined(each.width, inner), each.width) if inner.count(None) < len(inner) else []
        for each, inner in zip(reader.recorded[1:], others, strict=True)
    ]
    shown: Sequence[object] = keys if reader.width == 1 else [key.split('","') for key in keys]
    return Page(read, b",".join(texts), [shown, *found], cursors)


def _joined(width: int, keys: Sequence[bytes | None]) -> bytes:
    return separator(width).encode().join(each for each in keys if each is not None)
