"""The intake of one table: on which line of the source each row stood, and which rows were refused.

It knows neither what a line is made of nor what becomes of refused rows: those it hands on as they come.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

REPORTED_BAD_ROWS = 20


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken in: its line in the source, from 1, why, and its values as the source has them."""

    line: int
    reason: str
    values: Sequence[str | None] = ()


class Keeper(Protocol):
    """Where every refused row goes, whole."""

    def keep(self, bad_row: BadRow) -> None:
        """Takes one more."""

    def clear(self) -> None:
        """Forgets what was kept: the table is read again from its beginning."""


class Intake:
    """Counts what is refused and remembers the first of it; every refused row goes to the keeper, if there is one.

    Lines are kept as the positions from which they run in step with the rows, so a clean file costs one pair.
    """

    def __init__(self, keeper: Keeper | None = None) -> None:
        self._keeper = keeper
        self._start()

    def _start(self) -> None:
        self.rejected = 0
        self.first: list[BadRow] = []
        self._positions = [1]
        self._lines = [1]

    def begin_again(self) -> None:
        """The table is read again: nothing was refused yet."""
        self._start()
        if self._keeper is not None:
            self._keeper.clear()

    def refuse(self, bad_row: BadRow) -> None:
        """Counts a row that is not handed out."""
        self.rejected += 1
        if len(self.first) < REPORTED_BAD_ROWS:
            self.first.append(bad_row)
        if self._keeper is not None:
            self._keeper.keep(bad_row)

    def place(self, position: int, line: int) -> None:
        """Says on which line the row handed out at this position stood; positions are from 1 and must rise."""
        if self.line_of(position) != line:
            self._positions.append(position)
            self._lines.append(line)

    def line_of(self, position: int) -> int:
        """The line of the row handed out at this position."""
        step = bisect_right(self._positions, position) - 1
        return self._lines[step] + position - self._positions[step]
