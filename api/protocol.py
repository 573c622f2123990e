"""In charge of one HTTP/1.1 connection, on top of what the server's own protocol does (RFC 9112).

It bounds what that leaves to a proxy: how large and how slow the head of a request may be. And a request that arrives
in one piece goes to its route directly: a scope, messages and a cycle for it cost three times what the bytes cost. All
others go the server's way; both end in the same endpoint. It knows nothing of what a route does.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing, closing
from typing import Protocol, runtime_checkable

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.exchange import Exchange, Routed
from api.heads import Heads, Known
from api.incoming import Head, RawHeaders, Whole
from api.reply import SEND_TIMEOUT_S, head_of, lines_of, longest_to_send_s, refusal
from api.spooled import SpooledAnswer

HEAD_LIMIT_BYTES = 64 << 10
HEAD_TIMEOUT_S = 30.0
STOPPING = "stopping"  # the event in the application's state that ends what would stay open
_LARGE_BYTES = 64 << 10
_log = logging.getLogger("yishu.edge")


@runtime_checkable
class AnswersWhole(Protocol):
    """An application that can be asked for the reply to a request that is there whole."""

    @property
    def heads(self) -> Heads:
        """The heads that were met."""

    def routed(self, method: bytes, target: bytes, headers: RawHeaders) -> Routed | None:
        """What answers such a request, None if only ASGI will do."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection. The server makes it; inherited because that is the only way the server takes a protocol."""

    flow: FlowControl
    _head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None
    _is_in_head = True  # from the start, or the first byte of a later request, to the end of its headers
    _idle_timer: asyncio.TimerHandle | None = None
    _idle_since = 0.0
    _is_between = True  # two requests, or before the first: what comes next begins one
    _routed: Routed | None = None  # of a request that may yet turn out to be there whole
    _content = b""
    _met: Known | None = None  # the head of a request that turned out to be there whole
    _more_headers: Sequence[tuple[bytes, bytes]] = ()  # of the server, as they were last
    _more_lines = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to wait for the first head."""
        super().connection_made(transport)
        self._application = self.app if isinstance(self.app, AnswersWhole) else None
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits for nothing any more."""
        self._end_head()
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes a request whose head was met before, or feeds the parser."""
        is_first = self._is_between
        if is_first and self._application is not None and not self._is_busy():
            found = self._application.heads.find(data)
            if found is not None:
                self._take(*found)
                return
        super().data_received(data)
        if self._routed is not None:
            self._go_the_long_way()
        if self._met is not None:
            self._remember(data, is_whole=is_first and self._is_between)
        self._watch_head(len(data))

    def shutdown(self) -> None:
        """Lets the reply under way come to its end, and tells the application, for replies that have none."""
        super().shutdown()
        stopping = self.app_state.get(STOPPING)
        if isinstance(stopping, asyncio.Event):
            stopping.set()

    def on_message_begin(self) -> None:
        """A head begins. What the server's protocol keeps of it is made when it is known to be needed."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._is_in_head = True
        self._is_between = False
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        """The head is here."""
        self._is_in_head = False
        if (
            self._application is not None
            and not self._is_busy()
            and not self.expect_100_continue
            and not self.parser.should_upgrade()
        ):
            self._routed = self._application.routed(self.parser.get_method(), self.url, self.headers)
            self._content = b""
        if self._routed is None:
            self._begin_cycle()

    def on_body(self, body: bytes) -> None:
        """A piece of a body is here."""
        if self._routed is not None:
            self._content = self._content + body if self._content else body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is here as a whole."""
        self._is_between = True
        routed, self._routed = self._routed, None
        if routed is None:
            super().on_message_complete()
            return
        keep_alive = self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive()
        content, self._content = self._content, b""
        known = Known(Head(self.headers), routed, len(content))
        if keep_alive:
            self._met = known
        self._begin(known, content, keep_alive=keep_alive)

    def on_response_complete(self) -> None:
        """Goes on with the next request, or waits for one: with one timer a connection instead of one a request."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
            return
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._close_if_idle)

    def handle_websocket_upgrade(self) -> None:
        """Hands the connection on to a WebSocket, unless a reply is still to come over it."""
        if self._is_busy():
            self._cut_off("A WebSocket needs a connection of its own.", 400)
        else:
            super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Tells that this is not HTTP."""
        self._routed = None
        self._cut_off(msg, 400)

    def _remember(self, data: bytes, *, is_whole: bool) -> None:
        """The head of the request just met, if nothing came before it or after it."""
        met, self._met = self._met, None
        if is_whole and met is not None and self._application is not None:
            self._application.heads.learn(data, self.headers, met)

    def _watch_head(self, size_bytes: int) -> None:
        """Bounds the head that is being read, in size and in time."""
        # One chunk may hold the end of the head and a long body: only what is still a head afterwards counts.
        if self._is_in_head:
            self._head_bytes += size_bytes
            if self._head_bytes > HEAD_LIMIT_BYTES:
                self._cut_off(f"The request line and headers are larger than {HEAD_LIMIT_BYTES} bytes.", 431)
            elif self._head_timer is None:
                self._await_head()
        elif self._head_timer is not None:
            self._end_head()

    def _take(self, known: Known, content: bytes) -> None:
        """Begins to answer a request that the parser need not see: between two of them it keeps nothing."""
        self._is_in_head = False
        if self._head_timer is not None:
            self._end_head()
        self._begin(known, content, keep_alive=True)

    def _begin(self, known: Known, content: bytes, *, keep_alive: bool) -> None:
        exchange = Exchange(Whole("POST", b"", known.head, content, self.transport), keep_alive=keep_alive)
        self.cycle = exchange  # type: ignore[assignment]  # all the server's protocol asks of one is there
        task = self.loop.create_task(self._answer(exchange, known.routed))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _answer(self, exchange: Exchange, routed: Routed) -> None:
        reply = await routed.reply(exchange.whole) or exchange.given_up()
        if self.flow.write_paused and not exchange.disconnected:
            await self.flow.drain()
        if exchange.disconnected:
            if reply.spooled is not None:
                reply.spooled.close()
            return
        more_headers = routed.more_headers(exchange.whole)
        head = b"".join((head_of(reply, more_headers), self._server_lines(), exchange.ending))
        if reply.spooled is not None:
            if not await self._send_spooled(exchange, head, reply.spooled):
                return
        elif reply.opening or len(reply.body) > _LARGE_BYTES:
            self.transport.writelines([head, *reply.opening, reply.body])
        else:
            self.transport.write(head + reply.body)
        exchange.response_complete = True
        if not exchange.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _server_lines(self) -> bytes:
        """The headers of the server, which are others once a second."""
        if self.server_state.default_headers is not self._more_headers:
            self._more_headers = self.server_state.default_headers
            self._more_lines = lines_of(self._more_headers)
        return self._more_lines

    async def _send_spooled(self, exchange: Exchange, head: bytes, spooled: SpooledAnswer) -> bool:
        """Whether the client took it all: a chunk when it has taken the one before."""
        try:
            with closing(spooled):
                self.transport.write(head)
                async with asyncio.timeout(longest_to_send_s(spooled)), aclosing(spooled.chunks()) as chunks:
                    async for chunk in chunks:
                        async with asyncio.timeout(SEND_TIMEOUT_S):
                            await self.flow.drain()
                        if exchange.disconnected:
                            return False
                        self.transport.write(chunk)
        except (OSError, TimeoutError) as error:
            _log.warning("an answer was broken off while it was sent: %r", error)
            self.transport.abort()
            return False
        return not exchange.disconnected

    def _go_the_long_way(self) -> None:
        """The rest of a request has yet to come: it becomes a cycle of the server's, with what there is of it."""
        self._routed = None
        if self.transport.is_closing():
            return
        self._begin_cycle()
        if self._content:
            content, self._content = self._content, b""
            super().on_body(content)

    def _begin_cycle(self) -> None:
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        super().on_headers_complete()

    def _is_busy(self) -> bool:
        under_way: RequestResponseCycle | None = self.cycle
        return under_way is not None and not under_way.response_complete

    def _close_if_idle(self) -> None:
        self._idle_timer = None
        if self._is_busy():
            return  # its end begins to wait anew
        remaining_s = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if remaining_s > 0 or self._is_in_head:
            delay_s = max(remaining_s, 1.0)
            self._idle_timer = self.loop.call_later(delay_s, self._close_if_idle)
        else:
            self.timeout_keep_alive_handler()

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self._cut_off, "The request came too slowly.", 408)

    def _end_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _cut_off(self, message: str, status: int) -> None:
        self._end_head()
        if self.transport.is_closing():
            return
        if not self._is_busy():
            self.transport.write(refusal(message, status))
        self.transport.close()
