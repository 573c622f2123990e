"""What the database has written as JSON: texts of objects, looked through and put into the answer as they are.

Beside the text of a connection's nodes come the keys of every node shown and how many there are. It knows nothing of
how they are written.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
import orjson
from orjson import Fragment

# Stands for null within the quotes of a text. Nobody who could write it into a table can know it.
NULL = secrets.token_hex(8)
_QUOTED_NULL = f'"{NULL}"'.encode()
_HARMLESS = bytes(each for each in range(32, 256) if each not in b'"\\')


class NotWritableError(Exception):
    """A value of the rows cannot stand in JSON as it is."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded node: its index, the quotes written for each, and of how many texts its key is."""

    index: int
    quotes: int
    width: int


class Reader:
    """Reads the row that such a statement gives: of a page of so many nodes, with the values of cursors or without."""

    def __init__(self, recorded: Sequence[Recorded], size: int, *, has_cursors: bool) -> None:
        self._recorded = recorded
        self._size = size
        self._has_cursors = has_cursors

    def __call__(
        self, row: asyncpg.Record, keys: list[list[object]]
    ) -> tuple[Fragment, bool, Sequence[Sequence[str | None]]]:
        """The list of nodes, whether there are more, and the values of each one's cursor; keys are added to `keys`.

        Raises NotWritableError.
        """
        text, quotes, count = row[1], 0, len(self._recorded)
        for position, each in enumerate(self._recorded, start=2):
            if number := row[position + count]:
                quotes += each.quotes * number
                keys[each.index] += _keys(row[position], number, each.width)
        nodes = Fragment(b"[%b]" % _checked(text, quotes)) if text else Fragment(b"[]")
        return nodes, row[0] > self._size, (row[-1] or ()) if self._has_cursors else ()


def _keys(text: bytes, number: int, width: int) -> list[object]:
    checked = _checked(text, 2 * (width * number - 1))
    keys: list[object] = orjson.loads(b'["%b"]' % checked if width == 1 else b'[["%b"]]' % checked)
    return keys


def _checked(text: bytes, quotes: int) -> bytes:
    """The text with its nulls, if it has so many quotes and nothing else that JSON does not let stand."""
    if _QUOTED_NULL in text:
        length = len(text)
        text = text.replace(_QUOTED_NULL, b"null")
        quotes -= 2 * ((length - len(text)) // (len(_QUOTED_NULL) - len(b"null")))
    if text.translate(None, _HARMLESS) != b'"' * quotes:
        raise NotWritableError
    return text
