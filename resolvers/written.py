"""What the database has written as JSON: texts of objects, looked through and put into the answer as they are.

Beside the text of a connection's nodes come the keys of every node shown and how many there are. It knows nothing of
how they are written.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import asyncpg
from orjson import Fragment

from resolvers.shown_keys import NO_KEYS, ShownKeys, WrittenKeys

# What stands, in a row that is kept, between its text and what is recorded of it. No JSON has it.
BEHIND = "\x1f"
_BEHIND = BEHIND.encode()
# Stands for null within the quotes of a text. Who sees it sees the statements PostgreSQL runs, and so whatever is read.
NULL = secrets.token_hex(8)
# Stands between two keys of one list. What tells how many there are must be nothing that a value can say.
APART = secrets.token_hex(8)
_APART = APART.encode()
# Stands for what is made here, of a key or of a cursor's values.
_HOLE = secrets.token_hex(8)
# Stands for the row of an answer of which only what is around it is wanted. No JSON has such a character.
AROUND = ("\0",)
_QUOTED_NULL = f'"{NULL}"'.encode()
# The line of a row that has no key of a node.
_NO_KEY = NULL.encode()
_HARMLESS = bytes(each for each in range(32, 256) if each not in b'"\\')
_HARMLESS_IN_LINES = b"\n" + _HARMLESS


class NotWritableError(Exception):
    """A value of the rows cannot stand in JSON as it is."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded node: its index and type, the quotes written for each, how many texts its key is of, holes for ids."""

    index: int
    type_name: str
    quotes: int
    width: int
    holes: "Holes"

    def read(self, keys: bytes | None) -> "Keys":
        """The keys that have a line for each row: null, one, or a list."""
        if keys is None:
            return Keys([], b"", 0)
        between = separator(self.width).encode()
        behind_others = keys.count(_APART)
        if behind_others:
            keys = keys.replace(_APART, between)
        lines = keys.split(b"\n")
        present = _present(lines)
        return Keys(lines, between.join(present), behind_others + len(present))

    def kept(self, lines: Sequence[bytes]) -> WrittenKeys:
        """The keys in such lines of rows that were read and kept."""
        present = _present(lines)
        if not present:
            return NO_KEYS
        between = separator(self.width).encode()
        joined = between.join(present)
        return keys_of(joined, joined.count(between) + 1, self.width)


@dataclass(frozen=True, slots=True)
class Holes:
    """So many places in each object for a text that is made here, of some values: their mark, and what makes it."""

    mark: str
    number: int
    make: Callable[..., str]

    def fill(self, text: bytes, values: Iterable[Sequence[str | None]]) -> bytes:
        """The text with what is made of the values of one object after the other. Raises NotWritableError."""
        made = [self.make(*each).encode() for each in values]
        if self.number > 1:
            made = [each for each in made for _ in range(self.number)]
        parts = text.split(self.mark.encode())
        if len(parts) != len(made) + 1:
            raise NotWritableError
        filled = [b""] * (len(parts) + len(made))
        filled[::2], filled[1::2] = parts, made
        return b"".join(filled)


class Keys(NamedTuple):
    """The keys of one recorded node: a line for each row; of all rows, joined; and how many they are."""

    of_rows: Sequence[bytes]
    joined: bytes
    number: int


def hole_at(index: int) -> str:
    """The mark of the holes in objects of the node recorded under the index."""
    return f"{_HOLE}-{index}."


class Page(NamedTuple):
    """Rows as they stand in an answer, but for their cursors: joined texts, and the keys of each recorded node.

    `read` is how many rows were read, `cursors` are the values of each row's cursor, where they are shown.
    """

    read: int
    text: bytes
    keys: Sequence[WrittenKeys]
    cursors: Sequence[Sequence[str | None]] = ()


class Reader:
    """Reads the row that such a statement gives: of a page of so many nodes, with the values of cursors or without.

    Of those the ones at `positions` are what each edge's cursor is made of, where edges show theirs.
    """

    def __init__(
        self, recorded: Sequence[Recorded], size: int, cursors: Holes | None, positions: Sequence[int] | None
    ) -> None:
        self.recorded = recorded
        self._size = size
        self._cursors = cursors
        self._positions = positions

    @property
    def width(self) -> int:
        """Of how many texts the key of a row is."""
        return self.recorded[0].width

    def __call__(
        self, row: asyncpg.Record | Page, keys: Sequence[ShownKeys]
    ) -> tuple[Fragment, bool, Sequence[Sequence[str | None]]]:
        """The list, whether there are more, and the values of each one's cursor; keys are added to `keys`.

        Raises NotWritableError.
        """
        read, text, found, values = row if isinstance(row, Page) else self._page(row)
        for each, shown in zip(self.recorded, found, strict=True):
            keys[each.index].add(shown)
        if text and self._cursors is not None and self._positions is not None:
            text = self._cursors.fill(text, [[value[place] for place in self._positions] for value in values])
        return Fragment(b"[%b]" % text), read > self._size, values

    def taken_apart(self, row: asyncpg.Record) -> tuple[Page, list[bytes]]:
        """The page that the row is, and each of its rows, to be kept. Raises NotWritableError."""
        text, found, others = self._read(row)
        rows = _with_others(text.split(b"\n"), others) if text else []
        return Page(row[0], text.replace(b"\n", b","), found, self._values(row)), rows

    def kept(
        self, keys: Sequence[str], texts: Sequence[bytes], others: Sequence[Sequence[bytes | None]]
    ) -> list[bytes]:
        """Rows that came one by one, to be kept: of keys, texts and the keys of each other node.

        Raises NotWritableError.
        """
        first = Keys([], separator(self.width).join(keys).encode(), len(keys))
        lines = (b"\n".join([_NO_KEY if key is None else key for key in each]) for each in others)
        told = [each.read(joined) for each, joined in zip(self.recorded[1:], lines, strict=True)]
        if any(len(each.of_rows) != len(texts) for each in told):
            raise NotWritableError
        text, _ = self._checked(b"\n".join(texts), len(texts) - 1, [first, *told])
        return _with_others(text.split(b"\n"), told)

    def put_together(
        self, read: int, keys: Sequence[str], rows: Sequence[bytes], cursors: Sequence[Sequence[str | None]]
    ) -> Page:
        """The page of rows that were kept, of which so many were read, from their keys."""
        if not rows:
            return Page(read, b"", [NO_KEYS] * len(self.recorded), cursors)
        shown = keys_of(separator(self.width).join(keys).encode(), len(keys), self.width)
        width = len(self.recorded)
        if width == 1:
            return Page(read, b",".join(rows), [shown], cursors)
        # One text from which all are cut: looking up hundreds of small ones would wait for memory.
        parts = _BEHIND.join(rows).split(_BEHIND)
        found = [each.kept(parts[place::width]) for place, each in enumerate(self.recorded[1:], 1)]
        return Page(read, b",".join(parts[::width]), [shown, *found], cursors)

    def _page(self, row: asyncpg.Record) -> Page:
        text, found, _ = self._read(row)
        return Page(row[0], text.replace(b"\n", b","), found, self._values(row))

    def _values(self, row: asyncpg.Record) -> Sequence[Sequence[str | None]]:
        return () if self._positions is None else row[-1] or ()

    def _read(self, row: asyncpg.Record) -> tuple[bytes, list[WrittenKeys], list[Keys]]:
        """The texts in the row, each a line; the keys of each recorded node; of all but the first also row by row."""
        _, text, joined, shown, *told = row[: 3 + len(self.recorded)]
        others = [each.read(keys) for each, keys in zip(self.recorded[1:], told, strict=True)]
        if any(len(each.of_rows) != shown for each in others):
            raise NotWritableError
        text, found = self._checked(text or b"", max(shown - 1, 0), [Keys([], joined or b"", shown), *others])
        return text, found, others

    def _checked(self, text: bytes, lines: int, told: Sequence[Keys]) -> tuple[bytes, list[WrittenKeys]]:
        """The text of rows, between which so many lines end, with nulls and ids; and the keys of each recorded node."""
        quotes, found = 0, list[WrittenKeys]()
        for each, keys in zip(self.recorded, told, strict=True):
            quotes += each.quotes * keys.number
            found.append(_keys(keys.joined, keys.number, each.width) if keys.number else NO_KEYS)
        text = _with_nulls(text, quotes, lines)
        for each, shown in zip(self.recorded, found, strict=True):
            if each.holes.number and shown.number:
                values = shown.values()
                text = each.holes.fill(text, values if each.width > 1 else [(key,) for key in values])
        return text, found


def _keys(text: bytes, number: int, width: int) -> WrittenKeys:
    return keys_of(_checked(text, 2 * (width * number - 1)), number, width)


def _present(lines: Sequence[bytes]) -> Sequence[bytes]:
    """The lines that are keys."""
    return [line for line in lines if line != _NO_KEY] if _NO_KEY in lines else lines


def _with_others(texts: list[bytes], others: Sequence[Keys]) -> list[bytes]:
    """The row of each text, as it is kept."""
    return list(map(_BEHIND.join, zip(texts, *(each.of_rows for each in others), strict=True))) if others else texts


def separator(width: int) -> str:
    """What stands between two keys of so many texts, each between its first quote and its last."""
    return '","' if width == 1 else '"],["'


def keys_of(text: bytes, number: int, width: int) -> WrittenKeys:
    """The keys of several nodes, of so many texts each, from what stands between their first quote and their last."""
    return WrittenKeys(b'"%b"' % text if width == 1 else b'["%b"]' % text, number)


def _with_nulls(text: bytes, quotes: int, lines: int) -> bytes:
    """The text with its nulls, if it is as _checked() wants it, but for the ends of so many lines."""
    if text.count(b"\n") != lines:
        raise NotWritableError
    if _QUOTED_NULL in text:
        length = len(text)
        text = text.replace(_QUOTED_NULL, b"null")
        quotes -= 2 * ((length - len(text)) // (len(_QUOTED_NULL) - len(b"null")))
    return _checked(text, quotes, _HARMLESS_IN_LINES)


def _checked(text: bytes, quotes: int, harmless: bytes = _HARMLESS) -> bytes:
    """The text, if it has so many quotes and nothing else that JSON does not let stand."""
    if text.translate(None, harmless) != b'"' * quotes:
        raise NotWritableError
    return text
