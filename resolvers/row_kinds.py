"""In charge of one kind of rows, all written alike: whether it is worth knowing them, which are known, what they take.

As long as it is not known to be worth it, rows are counted and none is kept. It knows nothing of pages and statements.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import islice
from typing import NamedTuple

_PAGES = 16
# A statement for what is not known costs as much as so many rows, and so much of the whole page at least.
_STEP_ROWS, _LEAST_STEP = 8, 0.3
_ALL_UNKNOWN = 1.0 + _LEAST_STEP
# From when on rows are kept that are read with their pages: three of ten come again.
_SOME_KNOWN = 1.0
# How much worse it may become before pages are read as a whole again.
_SLACK = 1.75
# What pages cost more on an average when one of a hundred has a row that is not known.
_HARDLY_ANY = 0.01
# Of rows that come again in no order some come late: so many may be learned for each that was seen.
_FOR_EACH_SEEN = 4
_MOST_ATTEMPTS = 3
_MOST_SEEN = 500_000
_KIND_BYTES, _SEEN_BYTES = 1_000, 64
_ROW_BYTES = 190  # of objects and their places, beside what texts are long
_PARTS = 64


# Rows, or keys, that nobody needs any more.
LeftOver = dict[str, bytes] | list[str]


class Phase(Enum):
    """What is done with the rows of a kind.

    They are counted by their keys; then learned from pages that are read as a whole; then known, and pages read by
    their keys. Or nothing is.
    """

    COUNTED = auto()
    LEARNED = auto()
    KNOWN = auto()
    HOPELESS = auto()


class Worth(NamedTuple):
    """When rows of a kind are worth knowing.

    A page read in two steps costs its keys, and more where rows of it are not known: on an average of the latest pages
    at most `most_extra`, in parts of what it costs as a whole. Pages of fewer rows than `fewest` are read as a whole.
    A kind begins with the phase that is `first`.
    """

    most_extra: float = 0.45
    fewest: int = 8
    first: Phase = Phase.COUNTED


@dataclass(slots=True)
class Ahead:
    """What is read ahead of a kind: how often it was asked for, how many rows that earned, how many were read.

    `last` is the greatest key that was read, `portion` how many rows are read next; it `is_whole` when none are left.
    """

    portion: int = 10
    uses: int = 0
    earned: int = 0
    read: int = 0
    last: str = ""
    is_under_way: bool = False
    is_over: bool = False
    is_whole: bool = False


@dataclass(slots=True)
class RowKind:
    """The rows of one kind: those known, or, as long as none are to be known, hashes of the keys seen.

    Rows that are not to be known any more go to `left_over`, for whoever owns that to let them go.
    """

    worth: Worth
    phase: Phase
    left_over: list[LeftOver] = field(default_factory=list)
    size_bytes: int = _KIND_BYTES
    ahead: Ahead = field(default_factory=Ahead)
    used: int = 0
    rows: dict[str, bytes] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)
    _extra: float = _ALL_UNKNOWN
    _expected: int = 0  # how many rows may still be learned before it is given up for now
    _attempts: int = 0

    def see(self, keys: Collection[bytes]) -> None:
        """Counts the rows of a page; when enough come again, they are learned from then on."""
        numbers = set(map(hash, keys))
        self._average(len(numbers), len(numbers - self._seen))
        self._seen |= numbers
        self.size_bytes = _KIND_BYTES + len(self._seen) * _SEEN_BYTES
        if self._extra <= max(self.worth.most_extra, _SOME_KNOWN):
            self._expected = _FOR_EACH_SEEN * len(self._seen)
            self._begin(Phase.LEARNED)
        elif len(self._seen) > _MOST_SEEN:
            self.give_up()

    def met(self, number: int, unknown: int) -> None:
        """Counts the rows of a page of which so many were not known; what that tells decides how the next one is read.

        Where more are learned than it seemed there were, and still they do not come again, all are counted anew, and in
        the end not even that. Nothing is changed if that has happened since the page was begun.
        """
        if not self.keeps:
            return
        self._average(number, unknown)
        self._expected -= unknown
        if self._extra <= self.worth.most_extra:
            self.phase = Phase.KNOWN
        elif self.phase is Phase.LEARNED and self._expected < 0:
            self._attempts += 1
            self._begin(Phase.COUNTED if self._attempts < _MOST_ATTEMPTS else Phase.HOPELESS)
        elif self.phase is Phase.KNOWN and self._extra > self.worth.most_extra * _SLACK:
            self.phase, self._expected = Phase.LEARNED, 2 * len(self.rows)

    def learn(self, rows: Mapping[str, bytes]) -> None:
        """Adds rows that were not known, if any are kept now."""
        if self.keeps:
            new = {key: row for key, row in rows.items() if key not in self.rows}
            self.rows.update(new)
            self.size_bytes += _size_of_all(new)

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
        self._begin(Phase.HOPELESS)

    @property
    def keeps(self) -> bool:
        """Whether rows are kept now."""
        return self.phase is Phase.LEARNED or self.phase is Phase.KNOWN

    @property
    def misses_some(self) -> bool:
        """Whether rows are kept, and pages of late had some that were not known."""
        return self.keeps and self._extra > _HARDLY_ANY

    def _begin(self, phase: Phase) -> None:
        if self.rows:
            self.left_over.append(self.rows)
        self.rows, self._seen, self.size_bytes, self._extra = {}, set(), _KIND_BYTES, _ALL_UNKNOWN
        self.phase = phase

    def _average(self, number: int, unknown: int) -> None:
        extra = max(_STEP_ROWS / number, _LEAST_STEP) + unknown / number if unknown else 0.0
        self._extra += (extra - self._extra) / _PAGES


def _size_of_all(rows: Mapping[str, bytes]) -> int:
    """What _size_of() is of each, altogether; in a fifth of the time."""
    return len(rows) * _ROW_BYTES + sum(map(len, rows)) + sum(map(len, rows.values()))


def _size_of(key: str, row: bytes) -> int:
    return _ROW_BYTES + len(key) + len(row)
