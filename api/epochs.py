"""In charge of noticing that the platform's data epoch has moved, without asking for it again and again.

A batch notifies at its commit (migration 0001). One connection listens for a whole worker, only while somebody waits;
now and then it asks, too, because a pooler between us and the database may swallow notifications.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg

from resolvers.readers import FAILURES

_CHANNEL = "yishu_state"  # of platform.end_batch
_QUERY = "select data_epoch from platform.state"
_ASK_AFTER_S = 5.0
_TRY_AGAIN_AFTER_S = 1.0
_log = logging.getLogger("yishu.epochs")

Connect = Callable[[], AbstractAsyncContextManager[asyncpg.Connection]]


class Epochs:
    """The newest data epoch this worker knows of."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._newest = -1
        self._moved = asyncio.Condition()
        self._watchers = 0
        self._listening: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """While anybody is inside, moves are noticed."""
        self._watchers += 1
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            self._watchers -= 1
            if not self._watchers:
                await self.close()

    async def beyond(self, epoch: int) -> int:
        """Waits until the newest epoch is beyond this one; returns it. Only while watched."""
        async with self._moved:
            await self._moved.wait_for(lambda: self._newest > epoch)
            return self._newest

    async def close(self) -> None:
        """Ends listening."""
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            try:
                async with self._connect() as connection:
                    await self._hear(connection)
            except FAILURES as error:
                _log.warning("nobody tells of new batches at the moment: %s", error)
            await asyncio.sleep(_TRY_AGAIN_AFTER_S)

    async def _hear(self, connection: asyncpg.Connection) -> None:
        """Follows the epoch until the connection is lost, which raises. What was missed before is asked for first."""
        notified = asyncio.Event()
        await connection.add_listener(_CHANNEL, lambda *_: notified.set())
        connection.add_termination_listener(lambda _: notified.set())
        while True:
            notified.clear()
            await self._tell(int(await connection.fetchval(_QUERY, timeout=_ASK_AFTER_S)))
            try:
                async with asyncio.timeout(_ASK_AFTER_S):
                    await notified.wait()
            except TimeoutError:
                continue

    async def _tell(self, epoch: int) -> None:
        async with self._moved:
            self._newest = max(self._newest, epoch)
            self._moved.notify_all()
