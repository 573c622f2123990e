"""In charge of one request that came whole and its reply, between a connection and a route.

It stands where the server's protocol keeps its own cycle, so that pipelining, shutdown and a lost connection treat it
like one. It knows nothing of bytes on the wire but how the head of the reply ends.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from api.errors import Code, RequestError
from api.incoming import Incoming, Whole
from api.reply import Headers, Reply, failure

_log = logging.getLogger("yishu.edge")


class Begun(Protocol):
    """An answer that is being made without a task."""

    def abandon(self) -> None:
        """Nobody waits for it any more, if anybody did."""


class Routed(Protocol):
    """A route that can be asked for its reply."""

    def begin(self, incoming: Whole, replied: Callable[[Reply | None], None]) -> asyncio.Task[None] | Begun:
        """Begins to answer; in a task, if it needs one. Who is told gets None if there is nobody to answer."""

    def more_headers(self, incoming: Incoming) -> Headers:
        """Headers of the route's own."""


class _Nobody:
    """Stands for the event on which the server's cycle waits for more of a body: this one waits for nothing."""

    def set(self) -> None:
        """Wakes nobody."""


class Exchange:
    """One request and whether it has been answered. The attributes are those of the server's cycle."""

    __slots__ = ("disconnected", "keep_alive", "response_complete", "whole")
    message_event = _Nobody()

    def __init__(self, whole: Whole, *, keep_alive: bool) -> None:
        self.whole = whole
        self.disconnected = False
        self.keep_alive = keep_alive
        self.response_complete = False

    @property
    def ending(self) -> bytes:
        """The end of the reply's head."""
        return b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n"

    def given_up(self) -> Reply:
        """The reply where the route gave none: a body that is here is not broken off, only the making of an answer."""
        if not self.disconnected:
            _log.error("a request that was there whole was given up")
        return failure(RequestError(Code.INTERNAL))
