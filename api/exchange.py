"""In charge of one request that came whole and its reply, between a connection and a route.

It stands where the server's protocol keeps its own cycle, so that pipelining, shutdown and a lost connection treat it
like one. It knows nothing of bytes on the wire but the head of the reply.
"""

import logging
from collections.abc import Awaitable
from typing import NamedTuple, Protocol

from api.errors import Code, RequestError
from api.incoming import Incoming, Whole
from api.reply import Headers, Reply, failure, head_of
from api.spooled import SpooledAnswer

_log = logging.getLogger("yishu.edge")


class Routed(Protocol):
    """A route that can be asked for its reply."""

    def reply(self, incoming: Incoming) -> Awaitable[Reply | None]:
        """The reply; None if there is nobody to answer."""

    def more_headers(self, incoming: Incoming) -> Headers:
        """Headers of the route's own."""


class Written(NamedTuple):
    """A reply as it goes over the wire: its head but for what the connection adds, and its body, maybe spooled."""

    head: bytes
    body: bytes
    spooled: SpooledAnswer | None = None


class _Nobody:
    """Stands for the event on which the server's cycle waits for more of a body: this one waits for nothing."""

    def set(self) -> None:
        """Wakes nobody."""


class Exchange:
    """One request and whether it has been answered. The attributes are those of the server's cycle."""

    __slots__ = ("_whole", "disconnected", "keep_alive", "response_complete")
    message_event = _Nobody()

    def __init__(self, whole: Whole, *, keep_alive: bool) -> None:
        self._whole = whole
        self.disconnected = False
        self.keep_alive = keep_alive
        self.response_complete = False

    @property
    def ending(self) -> bytes:
        """The end of the reply's head."""
        return b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n"

    async def reply(self, routed: Routed) -> Written:
        """What the route answers."""
        reply = await routed.reply(self._whole)
        if reply is None:  # a body that is here cannot be broken off, only the making of an answer
            if not self.disconnected:
                _log.error("a request that was there whole was given up")
            reply = failure(RequestError(Code.INTERNAL))
        return Written(head_of(reply, routed.more_headers(self._whole)), reply.body, reply.spooled)
