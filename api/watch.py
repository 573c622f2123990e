"""In charge of what is sent of a request beside its body: how large it may be, and how slow its head.

The server's parser leaves both to a proxy. It knows nothing of what is said.
"""

import asyncio
import sys
from collections.abc import Callable

HEAD_LIMIT_BYTES = 64 << 10
HEAD_TIMEOUT_S = 30.0
HEAD_TOO_LARGE = (f"The request line and headers are larger than {HEAD_LIMIT_BYTES} bytes.", 431)
_MOST_FRAME = 16  # bytes for each byte of a body: as many as there can be where each is a chunk of its own


class Watch:
    """Over the requests of one connection. `cut_off` is called with why, and the status that says so.

    `is_reading` tells whether the server takes what is sent; while it does not, nobody is slow.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        cut_off: Callable[[str, int], None],
        is_reading: Callable[[], bool],
    ) -> None:
        self.is_in_head = True  # from the start, or the first byte of a later request, to the end of its headers
        self._loop = loop
        self._cut_off = cut_off
        self._is_reading = is_reading
        self._head_bytes = 0
        self._message_bytes = 0  # since the chunk in which the head ended
        self._body_bytes = 0
        self._begun = 0  # requests, in the chunk being read
        self._has_met_any = False
        self._timer: asyncio.TimerHandle | None = None
        self._await_head()

    def stop(self) -> None:
        """Waits for nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def skip(self) -> None:
        """A request came that nobody needs to watch."""
        self.is_in_head = False
        self._has_met_any = True
        self.stop()

    def room_bytes(self, *, is_between: bool) -> int:
        """How much the parser may be fed: what the head may still have that is under way, or that may begin."""
        if is_between:
            return HEAD_LIMIT_BYTES
        return HEAD_LIMIT_BYTES - self._head_bytes if self.is_in_head else sys.maxsize

    def chunk_begins(self) -> None:
        """The parser is about to be fed."""
        self._begun = 0

    def message_begins(self) -> None:
        """A head begins, which has its time from now on; the first one of a connection from when that was opened."""
        self.is_in_head = True
        self._head_bytes = 0
        self._begun += 1
        if self._has_met_any:
            self.stop()
        self._has_met_any = True

    def head_ends(self) -> None:
        """The headers are here."""
        self.is_in_head = False
        self._message_bytes = self._body_bytes = 0

    def body_came(self, size_bytes: int) -> None:
        """So much of a body is here."""
        self._body_bytes += size_bytes

    def chunk_ends(self, size_bytes: int, *, was_between: bool) -> None:
        """The parser was fed so many bytes, which began between two requests or within one."""
        if self.is_in_head:
            # Where in a chunk a head begins that is not its first is not known: it counts from the next one on.
            self._head_bytes += size_bytes if self._begun == int(was_between) else 0
            if self._head_bytes > HEAD_LIMIT_BYTES:
                self._cut_off(*HEAD_TOO_LARGE)
            elif self._timer is None:
                self._await_head()
            return
        self.stop()
        self._message_bytes += size_bytes
        if self._message_bytes > 2 * HEAD_LIMIT_BYTES + _MOST_FRAME * self._body_bytes:
            self._cut_off("There is too much beside the body.", 431)

    def _await_head(self) -> None:
        self._timer = self._loop.call_later(HEAD_TIMEOUT_S, self._end_of_patience)

    def _end_of_patience(self) -> None:
        if self._is_reading():
            self._cut_off("The request came too slowly.", 408)
        else:
            self._await_head()
