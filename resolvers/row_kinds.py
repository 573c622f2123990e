"""In charge of one kind of rows, all written alike: whether it is worth knowing them, which are known, what they take.

As long as it is not known to be worth it, rows are counted and none is kept. It knows nothing of pages and statements.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

# The text of a row; with the keys of the other nodes recorded with it, if there can be any.
Written = bytes | tuple[bytes | None, ...]

_PAGES = 16
# A statement for what is not known costs as much as so many rows, and so much of the whole page at least.
_STEP_ROWS, _LEAST_STEP = 8, 0.3
_ALL_UNKNOWN = 1.0 + _LEAST_STEP
# How much worse it may become before rows are counted anew, and how often they are.
_SLACK = 1.75
_MOST_BEGINNINGS = 3
# Of rows that come again in no order some come late: so many are learned before it is judged again.
_FOR_EACH_SEEN = 2
_MOST_SEEN = 500_000
_KIND_BYTES, _SEEN_BYTES = 1_000, 64
_ROW_BYTES, _TEXT_BYTES = 150, 40  # of objects and their places, beside what texts are long
_PARTS = 64


class Worth(NamedTuple):
    """When rows of a kind are worth knowing.

    A page read in two steps costs its keys, and more where rows of it are not known: on an average of the latest pages
    at most `most_extra`, in parts of what it costs as a whole. Pages of fewer rows than `fewest` are read as a whole.
    """

    most_extra: float = 0.45
    fewest: int = 8


@dataclass(slots=True)
class RowKind:
    """The rows of one kind: those known, or, as long as none are to be known, hashes of the keys seen."""

    worth: Worth
    is_known: bool = False
    is_hopeless: bool = False
    size_bytes: int = _KIND_BYTES
    rows: dict[str, Written] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)
    _extra: float = _ALL_UNKNOWN
    _to_learn: int = 0
    _beginnings: int = 0

    def see(self, keys: Collection[bytes]) -> None:
        """Counts the rows of a page that was read as a whole; when it is worth it, they are known from then on."""
        numbers = set(map(hash, keys))
        self._average(len(numbers), len(numbers - self._seen))
        self._seen |= numbers
        self.size_bytes = _KIND_BYTES + len(self._seen) * _SEEN_BYTES
        if self._extra <= self.worth.most_extra:
            self.is_known, self._to_learn = True, len(self._seen) * _FOR_EACH_SEEN
            self._seen, self.size_bytes = set(), _KIND_BYTES
        elif len(self._seen) > _MOST_SEEN:
            self.give_up()

    def met(self, number: int, unknown: int) -> None:
        """Counts the rows of a page that was read by its keys; when it was not worth it, they are counted anew.

        What was seen before it was worth it has to be learned first.
        """
        if self._to_learn > 0:
            self._to_learn -= unknown
            return
        self._average(number, unknown)
        if self._extra > self.worth.most_extra * _SLACK:
            self._beginnings += 1
            if self._beginnings >= _MOST_BEGINNINGS:
                self.give_up()
            else:
                self._empty()
                self.is_known, self._extra = False, _ALL_UNKNOWN

    def learn(self, rows: Mapping[str, Written]) -> None:
        """Adds rows that were not known."""
        for key, row in rows.items():
            if key not in self.rows:
                self.rows[key] = row
                self.size_bytes += _size_of(key, row)

    def forget(self, size_bytes: int) -> None:
        """Forgets so much or some more, what is known longest first."""
        freed = 0
        # Many at a time: the first of a dict is looked for behind the places of all that were taken out before it.
        while freed < size_bytes and self.rows:
            for key in list(islice(self.rows, len(self.rows) // _PARTS + 1)):
                freed += _size_of(key, self.rows.pop(key))
        self.size_bytes -= freed

    def give_up(self) -> None:
        """No rows are to be known from now on."""
        self._empty()
        self.is_known, self.is_hopeless = False, True

    def _empty(self) -> None:
        self.rows, self._seen, self.size_bytes = {}, set(), _KIND_BYTES

    def _average(self, number: int, unknown: int) -> None:
        extra = max(_STEP_ROWS / number, _LEAST_STEP) + unknown / number if unknown else 0.0
        self._extra += (extra - self._extra) / _PAGES


def _size_of(key: str, row: Written) -> int:
    texts = (row,) if isinstance(row, bytes) else row
    return _ROW_BYTES + len(key) + sum(_TEXT_BYTES + len(each) for each in texts if each is not None)
