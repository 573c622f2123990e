"""In charge of letting what comes one by one go together when a worker is busy.

A round trip to the database costs as much as ten or twenty rows in it. With few questions under way that does not
matter, and whoever comes goes at once. With many, processors are what is short: then a round trip waits, for
milliseconds at most, for a share of what is to come. It knows nothing of what goes.
"""

import asyncio
from collections.abc import Iterator, Sequence, Sized
from dataclasses import dataclass
from typing import TypeVar

_SHARE = 3
_FEW = 12

Value = TypeVar("Value")


@dataclass(slots=True)
class Load:
    """How many questions are under way in this worker; whoever answers them counts."""

    under_way: int = 0

    @property
    def worth(self) -> int:
        """How many together are worth a round trip: the first to come, unless many are under way."""
        return max(1, self.under_way // _SHARE)


class Gathering:
    """Those who wait for one kind of round trip."""

    def __init__(self, load: Load, patience_s: float) -> None:
        self._load = load
        self._patience_s = patience_s
        self._enough = asyncio.Event()

    def came(self, waiting: Sized) -> None:
        """Somebody has joined those waiting."""
        if len(waiting) >= self._load.worth:
            self._enough.set()

    async def gather(self, waiting: Sized) -> None:
        """Returns when enough wait, or have waited long enough."""
        if len(waiting) >= self._load.worth:
            return
        self._enough.clear()
        patience = asyncio.get_running_loop().call_later(self._patience_s, self._enough.set)
        try:
            await self._enough.wait()
        finally:
            patience.cancel()


def few_at_a_time(many: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """Those who came together, to be let go on a few after the others.

    What the first few send is then on its way while the others go on; let go all at once they would all be done before
    anything is sent, and the database would wait for the worker as the worker for the database.
    """
    return (many[start : start + _FEW] for start in range(0, len(many), _FEW))
