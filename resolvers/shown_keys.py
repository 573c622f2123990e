"""In charge of the keys that are shown at one recorded node: one by one, or many at a time as they were written.

Hundreds of keys of a page were written by the database, and its record has them as JSON: what stands there is JSON
already. It knows nothing of nodes and records.
"""

from typing import Any, NamedTuple

import orjson
from orjson import Fragment


class WrittenKeys(NamedTuple):
    """Keys as members of a JSON array, without its brackets, and how many they are."""

    text: bytes
    number: int

    def values(self) -> list[Any]:
        """What they are: texts, or lists of texts."""
        values: list[Any] = orjson.loads(b"[%b]" % self.text)
        return values


NO_KEYS = WrittenKeys(b"", 0)


class ShownKeys(list[object]):
    """Keys in the order shown, a JSON array for orjson; its length is not their number.

    >>> shown = ShownKeys()
    >>> shown.append("A")
    >>> shown.add(WrittenKeys(b'"B","C"', 2))
    >>> orjson.dumps(shown), shown.number
    (b'["A","B","C"]', 3)
    """

    __slots__ = ("_more",)

    def __init__(self) -> None:
        super().__init__()
        self._more = 0

    def add(self, written: WrittenKeys) -> None:
        """Adds keys as they were written."""
        if written.number:
            self.append(Fragment(written.text))
            self._more += written.number - 1

    @property
    def number(self) -> int:
        """How many keys there are."""
        return len(self) + self._more
