"""In charge of reading once what equal events of several subscribers read: the same plan, variables and epochs.

Each still assembles and records its own event; the record's commit proves that the rows are of the state it names. It
knows nothing of subscribers.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine

import asyncpg

from resolvers.plan import Plan

# Events of one batch come close together; rows of older ones nobody asks for again.
_KEPT = 16
Rows = list[list[asyncpg.Record]]
Key = tuple[Plan, bytes | None, int, int]


class SharedRows:
    """Rows by plan, variables, and the epochs an event spans. One per worker."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, asyncio.Task[Rows]] = OrderedDict()

    async def rows(self, key: Key, read: Coroutine[None, None, Rows]) -> Rows:
        """The rows, read by the first who asks; what failed is read again."""
        task = self._kept.get(key)
        if task is not None and not (task.done() and (task.cancelled() or task.exception() is not None)):
            read.close()
        else:
            task = self._kept[key] = asyncio.create_task(read)
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return await asyncio.shield(task)
