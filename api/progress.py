"""In charge of showing how far a collection is: one bar on stderr, over the rows of all tables.

Where stderr is not a terminal the bar is drawn rarely, so that a log is not filled with it.
"""

import sys
from types import TracebackType
from typing import Self

from tqdm import tqdm

_INTERVAL_S = 0.2
_INTERVAL_IN_LOG_S = 15.0


class Bar:
    """Fulfils the pool's Progress. Used as a context manager, it leaves its last state on the screen."""

    def __init__(self, action: str) -> None:
        self._tables = 0
        self._bar = tqdm(
            desc=action,
            total=0,
            unit=" rows",
            unit_scale=True,
            mininterval=_INTERVAL_S if sys.stderr.isatty() else _INTERVAL_IN_LOG_S,
            dynamic_ncols=True,
            file=sys.stderr,
        )

    def start(self, table: str, expected_rows: int | None) -> None:
        """Makes the whole longer by the table's rows, and names it."""
        self._bar.total += expected_rows or 0
        self._bar.set_postfix_str(f"table {self._tables + 1}: {table}", refresh=False)

    def advance(self, rows: int) -> None:
        """Moves on; a table may turn out longer than it was thought to be."""
        self._bar.total = max(self._bar.total, self._bar.n + rows)
        self._bar.update(rows)

    def finish(self, table: str) -> None:
        """Counts the table."""
        self._tables += 1
        self._bar.set_postfix_str(f"{self._tables} tables", refresh=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()
