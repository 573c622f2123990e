"""In charge of which tables batches have touched between two epochs, asked once for all subscriptions of a worker.

Most batches concern few tables; who watches another need not look at its rows. It knows nothing of rows.
"""

import asyncio
from collections import OrderedDict

from resolvers.readers import Readers
from schema.graph import Table

# In whose name connections are asked for: they are of all who watch, and bounded apart.
EVENTS = "events"
_KEPT = 32
_QUERY = "select distinct schema_name, relation_name from platform.touched where epoch > $1 and epoch <= $2"


class Touched:
    """Tables by span of epochs. One per worker."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self._kept: OrderedDict[tuple[int, int], frozenset[Table]] = OrderedDict()
        self._asking = asyncio.Lock()

    async def includes(self, table: Table, since: int, epoch: int) -> bool:
        """Whether a batch after `since`, up to `epoch`, may have changed a row of the table."""
        async with self._asking:
            span = (since, epoch)
            if span not in self._kept:
                async with self._readers.connection(EVENTS) as connection:
                    rows = await connection.fetch(_QUERY, *span)
                self._kept[span] = frozenset(Table(schema, name) for schema, name in rows)
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            return table in self._kept[span]
