"""A source that holds its rows, for tests of what becomes of rows whatever they come from."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from pool.sources.source import SourceTable


@dataclass(frozen=True, slots=True)
class MemorySource:
    """Tables with their rows as COPY text lines."""

    contents: Mapping[SourceTable, Sequence[str]]
    label: str = "memory"

    async def tables(self) -> Sequence[SourceTable]:
        """Those given."""
        return list(self.contents)

    async def rows(self, table: SourceTable) -> AsyncIterator[bytes]:
        """Those given for the table of this name, in two chunks."""
        lines = next(rows for known, rows in self.contents.items() if known.name == table.name)
        for part in (lines[:2], lines[2:]):
            yield "".join(f"{line}\n" for line in part).encode()
