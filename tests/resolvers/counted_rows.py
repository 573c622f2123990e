"""Known rows for tests: all worth knowing, the pages made of them counted."""

import math
from collections.abc import Sequence

from resolvers.keep import Prepared
from resolvers.known_rows import KnownRows
from resolvers.read_ahead import ReadAhead
from resolvers.row_kinds import Phase, Worth
from resolvers.run import Connection, Row
from resolvers.written import Page

ALWAYS = Worth(math.inf, 0, Phase.KNOWN)
LATER = Worth(math.inf, 0)


class CountedRows(KnownRows):
    """Known rows that count the pages made of them, and those `cut` from known lists."""

    pages = 0
    cut = 0

    def find(self, prepared: Prepared, state: object) -> list[Sequence[Row]] | None:
        found = super().find(prepared, state)
        self.pages += len(found or ())
        self.cut += len(found or ())
        return found

    async def fetch(
        self, connection: Connection, prepared: Prepared, state: object, ahead: ReadAhead | None = None
    ) -> list[Sequence[Row]]:
        fetched = await super().fetch(connection, prepared, state, ahead)
        self.pages += sum(isinstance(row, Page) for rows in fetched for row in rows)
        return fetched
