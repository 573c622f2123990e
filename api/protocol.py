"""In charge of what may arrive before there is a request: how large and how slow the head of one may be (RFC 9112).

It adds to the server's HTTP protocol what that leaves to a proxy: bounds on the request line and headers together, and
on the time they take. It knows nothing of paths; what breaks a bound is told in the one shape of errors, and cut off.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from api.errors import Code, RequestError, error_body

HEAD_LIMIT_BYTES = 64 << 10
HEAD_TIMEOUT_S = 30.0
STOPPING = "stopping"  # the event in the application's state that ends what would stay open


class BoundedProtocol(HttpToolsProtocol):
    """One connection. The server makes it; inherited because that is the only way the server takes a protocol."""

    _head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to wait for the first head."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits for nothing any more."""
        self._end_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feeds the parser, unless the head it is in has become too large."""
        if self._head_timer is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        # One chunk may hold the end of the head and a long body: only what is still a head afterwards counts.
        if self._head_timer is not None and self._head_bytes > HEAD_LIMIT_BYTES:
            self._cut_off(f"The request line and headers are larger than {HEAD_LIMIT_BYTES} bytes.", 431)

    def shutdown(self) -> None:
        """Lets the reply under way come to its end, and tells the application, for replies that have none."""
        super().shutdown()
        stopping = self.app_state.get(STOPPING)
        if isinstance(stopping, asyncio.Event):
            stopping.set()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """The head is here."""
        self._end_head()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Tells that this is not HTTP."""
        self._cut_off(msg, 400)

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_bytes = 0
            self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self._cut_off, "The request came too slowly.", 408)

    def _end_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _cut_off(self, message: str, status: int) -> None:
        self._end_head()
        if self.transport.is_closing():
            return
        under_way: RequestResponseCycle | None = self.cycle
        if under_way is None or under_way.response_complete:
            error = RequestError(Code.BAD_REQUEST, message, status=status)
            body = error_body(error.code, error.message, error.hint)
            head = (
                f"HTTP/1.1 {status} Refused\r\ncontent-type: application/json; charset=utf-8\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        self.transport.close()


class BoundedSocket(WebSocketsSansIOProtocol):
    """One WebSocket connection, cut off when its client answers no ping: it would keep what it does not read."""

    def keepalive_timeout(self) -> None:
        """Ends the connection at once."""
        super().keepalive_timeout()
        self.transport.abort()
