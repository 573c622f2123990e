"""In charge of the way back over one connection: replies to requests that came whole, at the pace of who takes them.

It knows nothing of what comes in.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing, closing

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.server import ServerState

from api.exchange import Exchange, Routed
from api.reply import SEND_TIMEOUT_S, Reply, head_of, lines_of, longest_to_send_s, longest_to_take_s
from api.spooled import SpooledAnswer

_LARGE_BYTES = 64 << 10
_log = logging.getLogger("yishu.edge")


class Sending:
    """Sends replies over a transport, one after another. `answered` is called when one was handed over as a whole."""

    def __init__(
        self, transport: asyncio.Transport, flow: FlowControl, server: ServerState, answered: Callable[[], None]
    ) -> None:
        self._transport = transport
        self._flow = flow
        self._server = server
        self._answered = answered
        self._more_headers: Sequence[tuple[bytes, bytes]] = ()  # of the server, as they were last
        self._more_lines = b""

    def send(self, exchange: Exchange, routed: Routed, reply: Reply | None) -> None:
        """Sends the reply: at once, or in a task that the server waits for when it stops."""
        reply = reply or exchange.given_up()
        if reply.spooled is not None or self._flow.write_paused:
            task = asyncio.create_task(self._send_slowly(exchange, routed, reply))
            self._server.tasks.add(task)
            task.add_done_callback(self._server.tasks.discard)
        elif not self._is_lost(exchange):
            head = self._head(exchange, routed, reply)
            if reply.opening or len(reply.body) > _LARGE_BYTES:
                self._transport.writelines([head, *reply.opening, reply.body])
            else:
                self._transport.write(head + reply.body)
            self._end(exchange)

    def close(self) -> None:
        """Closes the connection when the client has taken what was sent, or has had the time for it."""
        left_bytes = self._transport.get_write_buffer_size()
        self._transport.close()
        if left_bytes:
            asyncio.get_running_loop().call_later(longest_to_take_s(left_bytes), self._transport.abort)

    async def _send_slowly(self, exchange: Exchange, routed: Routed, reply: Reply) -> None:
        if self._flow.write_paused and not exchange.disconnected and not await self._is_drained():
            self._transport.abort()
            exchange.disconnected = True
        if reply.spooled is None:
            self.send(exchange, routed, reply)
        elif self._is_lost(exchange):
            reply.spooled.close()
        elif await self._send_spooled(exchange, self._head(exchange, routed, reply), reply.spooled):
            self._end(exchange)

    def _is_lost(self, exchange: Exchange) -> bool:
        # Of several requests on a lost connection the server's protocol marks the last alone.
        return exchange.disconnected or self._transport.is_closing()

    def _end(self, exchange: Exchange) -> None:
        exchange.response_complete = True
        if not exchange.keep_alive:
            self.close()
        self._answered()

    def _head(self, exchange: Exchange, routed: Routed, reply: Reply) -> bytes:
        more_headers = routed.more_headers(exchange.whole)
        return b"".join((head_of(reply, more_headers), self._server_lines(), exchange.ending))

    def _server_lines(self) -> bytes:
        """The headers of the server, which are others once a second."""
        if self._server.default_headers is not self._more_headers:
            self._more_headers = self._server.default_headers
            self._more_lines = lines_of(self._more_headers)
        return self._more_lines

    async def _is_drained(self) -> bool:
        """Whether the client has taken what was sent before, once it has; it may take some time for that."""
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._flow.drain()
        except TimeoutError:
            return False
        return True

    async def _send_spooled(self, exchange: Exchange, head: bytes, spooled: SpooledAnswer) -> bool:
        """Whether the client took it all: a chunk when it has taken the one before."""
        try:
            with closing(spooled):
                self._transport.write(head)
                async with asyncio.timeout(longest_to_send_s(spooled)), aclosing(spooled.chunks()) as chunks:
                    async for chunk in chunks:
                        async with asyncio.timeout(SEND_TIMEOUT_S):
                            await self._flow.drain()
                        if exchange.disconnected:
                            return False
                        self._transport.write(chunk)
        except (OSError, TimeoutError) as error:
            _log.warning("an answer was broken off while it was sent: %r", error)
            self._transport.abort()
            return False
        return not exchange.disconnected
