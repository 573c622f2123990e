"""How a collection tells what it is doing; what is drawn of it belongs to the edge."""

from typing import Protocol


class Progress(Protocol):
    """Hears of every table in turn, from the task that collects; must not raise and must not wait."""

    def start(self, table: str, expected_rows: int | None) -> None:
        """A table begins; `expected_rows` is None where the source cannot tell."""

    def advance(self, rows: int) -> None:
        """So many more rows of the started table were taken in."""

    def finish(self, table: str) -> None:
        """The started table is in place, within the batch that is still open."""


class SilentProgress:
    """Hears and says nothing."""

    def start(self, table: str, expected_rows: int | None) -> None:
        """Nothing."""

    def advance(self, rows: int) -> None:
        """Nothing."""

    def finish(self, table: str) -> None:
        """Nothing."""
