"""In charge of letting what comes one by one go together when a worker is busy.

A round trip to the database costs as much as ten or twenty rows in it. With few questions under way that does not
matter, and whoever comes goes at once. With many, processors are what is short: then a round trip waits, for
milliseconds at most, for a share of what is to come. It knows nothing of what goes.
"""

import asyncio
from collections.abc import Callable, Sized
from dataclasses import dataclass
from typing import Protocol, TypeVar

_SHARE = 4

Told_contra = TypeVar("Told_contra", contravariant=True)


def _nobody() -> None:
    """Whom a load tells, if nobody wants to know."""


@dataclass(slots=True)
class Load:
    """How many questions are under way in this worker; whoever answers them counts.

    `stirs` is told whenever one begins, goes on or ends.
    """

    under_way: int = 0
    stirs: Callable[[], None] = _nobody

    def begin(self) -> None:
        """Counts a question."""
        self.under_way += 1
        self.stirs()

    def end(self) -> None:
        """Counts one no more."""
        self.under_way -= 1
        self.stirs()

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


class Waiter(Protocol[Told_contra]):
    """Who waits for a value: a future, or whatever goes on at once when it is told. Nothing it is told may raise."""

    def done(self) -> bool:
        """Whether nobody waits any more."""

    def set_result(self, result: Told_contra, /) -> None:
        """Tells the value."""

    def set_exception(self, exception: Exception, /) -> None:
        """Tells why there is none."""

    def cancel(self) -> object:
        """Tells that there will be none."""
