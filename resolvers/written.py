"""What the database has written as JSON: texts of objects, looked through and put into the answer as they are.

Beside the text of a connection's nodes come the keys of every node shown and how many there are. It knows nothing of
how they are written.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
from orjson import Fragment

# Stands for null within the quotes of a text. Who sees it sees the statements PostgreSQL runs, and so whatever is read.
NULL = secrets.token_hex(8)
# Stands for what is made here, of a key or of a cursor's values.
_HOLE = secrets.token_hex(8)
_QUOTED_NULL = f'"{NULL}"'.encode()
_HARMLESS = bytes(each for each in range(32, 256) if each not in b'"\\')


class NotWritableError(Exception):
    """A value of the rows cannot stand in JSON as it is."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded node: its index, the quotes written for each, of how many texts its key is, the holes for its ids."""

    index: int
    quotes: int
    width: int
    holes: "Holes"


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


def hole_at(index: int) -> str:
    """The mark of the holes in objects of the node recorded under the index."""
    return f"{_HOLE}-{index}."


class Reader:
    """Reads the row that such a statement gives: of a page of so many nodes, with the values of cursors or without.

    Of those the ones at `positions` are what each edge's cursor is made of, where edges show theirs.
    """

    def __init__(
        self, recorded: Sequence[Recorded], size: int, cursors: Holes | None, positions: Sequence[int] | None
    ) -> None:
        self._recorded = recorded
        self._size = size
        self._cursors = cursors
        self._positions = positions

    def __call__(
        self, row: asyncpg.Record, keys: list[list[object]]
    ) -> tuple[Fragment, bool, Sequence[Sequence[str | None]]]:
        """The list, whether there are more, and the values of each one's cursor; keys are added to `keys`.

        Raises NotWritableError.
        """
        text, quotes, count = row[1], 0, len(self._recorded)
        shown = []
        for position, each in enumerate(self._recorded, start=2):
            if number := row[position + count]:
                quotes += each.quotes * number
                shown.append((each, _keys(row[position], number, each.width)))
        values: Sequence[Sequence[str | None]] = () if self._positions is None else row[-1] or ()
        if not text:
            return Fragment(b"[]"), row[0] > self._size, values
        text = _with_nulls(text, quotes)
        for each, found in shown:
            keys[each.index] += found
            if each.holes.number:
                text = each.holes.fill(text, found if each.width > 1 else [(key,) for key in found])
        if self._cursors is not None and self._positions is not None:
            text = self._cursors.fill(text, [[value[place] for place in self._positions] for value in values])
        return Fragment(b"[%b]" % text), row[0] > self._size, values


def _keys(text: bytes, number: int, width: int) -> list[Any]:
    checked = _checked(text, 2 * (width * number - 1))
    keys: list[Any] = orjson.loads(b'["%b"]' % checked if width == 1 else b'[["%b"]]' % checked)
    return keys


def _with_nulls(text: bytes, quotes: int) -> bytes:
    """The text with its nulls, if it is as _checked() wants it."""
    if _QUOTED_NULL in text:
        length = len(text)
        text = text.replace(_QUOTED_NULL, b"null")
        quotes -= 2 * ((length - len(text)) // (len(_QUOTED_NULL) - len(b"null")))
    return _checked(text, quotes)


def _checked(text: bytes, quotes: int) -> bytes:
    """The text, if it has so many quotes and nothing else that JSON does not let stand."""
    if text.translate(None, _HARMLESS) != b'"' * quotes:
        raise NotWritableError
    return text
