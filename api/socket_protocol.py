"""In charge of one WebSocket connection, on top of what the server's own protocol does (RFC 6455).

It bounds what a client can make the server keep. It knows nothing of what is said over it.
"""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from api.reply import refusal

_MOST_FRAMES = 1_000


class BoundedSocket(WebSocketsSansIOProtocol):
    """One WebSocket connection, cut off when its client makes it keep what is not read, or asks for it wrongly."""

    def data_received(self, data: bytes) -> None:
        """Takes what has come. A request that is none the server's protocol leaves without an answer, for ever."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_complete and not self.transport.is_closing():
            self.transport.write(refusal("This is no request for a WebSocket.", 400))
            self.transport.close()

    def handle_ping(self) -> None:
        """Answers a ping, unless answers to others are still not taken."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.transport.abort()

    def handle_cont(self, event: Frame) -> None:
        """Takes a piece of a message, which is not made of endlessly many."""
        if len(self.frames) < _MOST_FRAMES:
            super().handle_cont(event)
        else:
            self.transport.abort()

    def keepalive_timeout(self) -> None:
        """Ends the connection at once: it answers no ping, and would keep what it does not read."""
        super().keepalive_timeout()
        self.transport.abort()
