"""In charge of what all long-lived connections share: how many a worker holds, who may open one, and their end.

A connection that stays open costs memory as long as its client likes; hence bounds, and hence one place that knows of
all of them when the server stops. It knows nothing of protocols.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from api.config import Settings
from api.errors import Code, RequestError
from policies.principal import Principal


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Bounds on what stays open."""

    per_worker: int = 1000
    per_department: int = 250
    operations: int = 100
    init_timeout_s: float = 10.0
    send_timeout_s: float = 60.0
    keep_alive_s: float = 12.0


@dataclass(slots=True)
class Streams:
    """The connections of one worker that stay open: WebSockets and event streams."""

    limits: StreamLimits = field(default_factory=StreamLimits)
    open: int = 0
    operations: int = 0
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _open_by_department: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place for one connection. Raises RequestError RATE_LIMITED when there is none left."""
        if self.open >= self.limits.per_worker:
            raise _too_many()
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1

    @contextmanager
    def share(self, principal: Principal) -> Iterator[None]:
        """A place among those of its department, or of the public. Raises RequestError RATE_LIMITED."""
        department = principal.department
        if self._open_by_department[department] >= self.limits.per_department:
            raise _too_many()
        self._open_by_department[department] += 1
        try:
            yield
        finally:
            self._open_by_department[department] -= 1
            if not self._open_by_department[department]:
                del self._open_by_department[department]

    def check(self, principal: Principal) -> None:
        """Raises RequestError RATE_LIMITED when there is no place left."""
        with self.place(), self.share(principal):
            pass


def _too_many() -> RequestError:
    return RequestError(Code.RATE_LIMITED, "Too many connections stay open.", "Close some, or try later.")


def is_welcome(origin: str | None, host: str | None, settings: Settings) -> bool:
    """Whether a page of this origin may open a WebSocket, which no browser asks beforehand (RFC 6455, section 10.2).

    Programs name no origin; pages may be our own or of a configured origin.
    """
    return origin is None or origin in settings.allowed_origins or origin in (f"http://{host}", f"https://{host}")
