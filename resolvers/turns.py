"""Places that few can have at a time, and whose turn it is: fair between parties, whoever asks more.

Who waits is served before those whose party holds more places, and some places are spare: only for a party that holds
none. So a party that takes all it gets, and keeps it for long, makes nobody else wait. It knows nothing of what a place
is for.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """So many places, of which some are spare."""

    def __init__(self, most: int, spare: int = 0) -> None:
        self._free = most
        self._spare = spare
        self._held: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    async def take(self, party: str) -> None:
        """Takes a place for a party, as soon as it may have one; to be given back by give(), whatever happens."""
        if self._may_have(party):  # then nobody of it waits: whoever may have a place has got it
            self._free -= 1
            self._held[party] += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(party, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give(party)  # the turn had come: it is the next one's
            else:
                self._forget(party, turn)
            raise

    def give(self, party: str) -> None:
        """Gives a place back."""
        self._free += 1
        self._held[party] -= 1
        if not self._held[party]:
            del self._held[party]
        while self._waiting and (next_one := self._next_party()) is not None:
            self._serve(next_one)

    @asynccontextmanager
    async def place(self, party: str) -> AsyncIterator[None]:
        """A place for the length of the block."""
        await self.take(party)
        try:
            yield
        finally:
            self.give(party)

    def _may_have(self, party: str) -> bool:
        return self._free > self._spare or (self._free > 0 and party not in self._held)

    def _next_party(self) -> str | None:
        """Of those who may have a place the one that holds fewest, and of these the one served longest ago."""
        able = [party for party in self._waiting if self._may_have(party)]
        return min(able, key=self._held.__getitem__, default=None)

    def _serve(self, party: str) -> None:
        waiting = self._waiting.pop(party)
        turn = waiting.popleft()
        if waiting:
            self._waiting[party] = waiting  # behind the others
        if not turn.done():
            self._free -= 1
            self._held[party] += 1
            turn.set_result(None)

    def _forget(self, party: str, turn: asyncio.Future[None]) -> None:
        waiting = self._waiting.get(party)
        if waiting is not None and turn in waiting:
            waiting.remove(turn)
            if not waiting:
                del self._waiting[party]
