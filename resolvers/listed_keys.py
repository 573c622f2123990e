"""In charge of one list of keys in the order the database has it: as far as it was read from the beginning.

Pages in the order of their keys that differ only in where they begin are cut from one list. It knows nothing of rows,
and nothing of what is in the list for whom: lists are told apart by the statement and all that is bound to it but the
beginning.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import asyncpg

from resolvers.row_kinds import Ahead, LeftOver
from resolvers.written import NotWritableError

_LIST_BYTES, _KEY_BYTES = 1_000, 76  # of objects, beside what keys are long
# From which page on that the database cuts the list is read, and so many keys for each: it takes the processors 0.5 µs
# a key, and saves each page 130 and more.
_FIRST, _FOR_EACH = 8, 64


@dataclass(slots=True)
class ListedKeys:
    """The keys of a list, of which some or all are known. Those not to be known any more go to `left_over`."""

    left_over: list[LeftOver]
    size_bytes: int = _LIST_BYTES
    ahead: Ahead = field(default_factory=Ahead)
    used: int = 0
    keeps: bool = True
    rows: list[str] = field(default_factory=list)
    _pages: int = 0

    def earned(self) -> int:
        """Counts a page that the database had to cut; how many keys are to be read for it."""
        self._pages += 1
        return _FOR_EACH if self._pages >= _FIRST else 0

    def learn(self, keys: Mapping[str, bytes]) -> None:
        """Adds the next keys, if those of the list ascend as texts do here: else a key's place is not found."""
        if any(one >= other for one, other in pairwise([*self.rows[-1:], *keys])):
            self.keeps = False
            self.forget(self.size_bytes)
        else:
            self.rows += keys
            self.size_bytes += len(keys) * _KEY_BYTES + sum(map(len, keys))

    def after(self, key: str, limit: int) -> Sequence[str] | None:
        """The keys after one of the list, at most so many; None where that is not known."""
        place = bisect_right(self.rows, key)
        if not place or self.rows[place - 1] != key:
            return None
        found = self.rows[place : place + limit]
        return found if len(found) == limit or self.ahead.is_whole else None

    def forget(self, _: int) -> None:
        """Forgets the list: it is known from its beginning or not at all."""
        self.left_over.append(self.rows)
        self.rows, self.size_bytes = [], _LIST_BYTES


def keys_taken(rows: Sequence[asyncpg.Record]) -> Mapping[str, bytes]:
    """What is to be learned of keys that were read. Raises NotWritableError where one comes twice."""
    keys = {row[0]: b"" for row in rows}
    if len(keys) < len(rows):
        raise NotWritableError
    return keys
