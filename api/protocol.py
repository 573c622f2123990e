"""In charge of one HTTP/1.1 connection, on top of what the server's own protocol does (RFC 9112).

It bounds what that leaves to a proxy: how large and how slow the head of a request may be. And a request that arrives
in one piece goes to its route directly: a scope, messages and a cycle for it cost three times what the bytes cost. All
others go the server's way; both end in the same endpoint. It knows nothing of what a route does.
"""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Protocol, runtime_checkable

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.exchange import Begun, Exchange, Routed
from api.framing import Fault, FaultyHeadError, check_head
from api.heads import Heads, Known
from api.incoming import RawHeaders, Whole, read_head
from api.reply import refusal
from api.sending import Sending
from api.watch import HEAD_TOO_LARGE, Watch

_LINGER_S = 1.0
STOPPING = "stopping"  # the event in the application's state that ends what would stay open


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
    _idle_timer: asyncio.TimerHandle | None = None
    _idle_since = 0.0
    _is_last = False  # the request being answered: nothing is read after it
    _fault: Fault | None = None  # of the head that stopped the parser
    _refusal: bytes | None = None  # of what came behind it, to be told when all before it is answered
    _is_between = True  # two requests, or before the first: what comes next begins one
    _routed: Routed | None = None  # of a request that may yet turn out to be there whole
    _content = b""
    _met: Known | None = None  # the head of a request that turned out to be there whole
    _begun: Begun | None = None  # the answer that is, or was last, made without a task

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to wait for the first head."""
        super().connection_made(transport)
        self._application = self.app if isinstance(self.app, AnswersWhole) else None
        self._sending = Sending(transport, self.flow, self.server_state, self.on_response_complete)
        self._watch = Watch(self.loop, self._cut_off, lambda: not self.flow.read_paused)

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits for nothing any more, and lets nothing be made that nobody waits for."""
        self._watch.stop()
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        super().connection_lost(exc)
        if self._begun is not None:
            self._begun.abandon()

    def data_received(self, data: bytes) -> None:
        """Takes a request whose head was met before, or feeds the parser."""
        if self._is_last or self._refusal is not None:
            return
        is_first = self._is_between
        if is_first and self._application is not None and not self._is_busy():
            found = self._application.heads.find(data)
            if found is not None:
                self._take(*found)
                return
        self._feed(data)
        if self._routed is not None:
            self._go_the_long_way()
        if self._met is not None:
            self._remember(data, is_whole=is_first and self._is_between)

    def _feed(self, data: bytes) -> None:
        """Feeds the parser no more at a time than a head may have: so it is known before the head is too large."""
        while data and not (self._is_last or self._refusal is not None or self.transport.is_closing()):
            was_between = self._is_between
            room_bytes = self._watch.room_bytes(is_between=was_between)
            if room_bytes == 0:
                self._cut_off(*HEAD_TOO_LARGE)
                return
            piece, data = data[:room_bytes], data[room_bytes:]
            self._watch.chunk_begins()
            super().data_received(piece)
            if self._refusal is None:
                self._watch.chunk_ends(len(piece), was_between=was_between)

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
        self._is_between = False
        self._watch.message_begins()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header is here. What follows a body is none: nobody reads it, and it must not change what was decided."""
        if self._watch.is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is here."""
        self._check_head()
        self._watch.head_ends()
        # To another protocol than ours nobody goes over, but the parser takes what follows for that protocol's.
        self._is_last = self.parser.should_upgrade() and not self._should_upgrade()
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
        if self._is_last:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """A piece of a body is here."""
        self._watch.body_came(len(body))
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
        known = Known(read_head(self.headers), routed, len(content))
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
        if self._refusal is not None:
            self._refuse(self._refusal)
            return
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._close_if_idle)

    def handle_websocket_upgrade(self) -> None:
        """Hands the connection on to a WebSocket, unless a reply is still to come over it."""
        if self._is_busy():
            self._cut_off("A WebSocket needs a connection of its own.", 400)
        else:
            if self._idle_timer is not None:
                self._idle_timer.cancel()
            self._is_last = True
            super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Tells that this is not HTTP, or what is wrong with its head."""
        self._cut_off(*(self._fault or (msg, 400)))

    def _check_head(self) -> None:
        try:
            check_head(self.parser.get_http_version(), self.url, self.headers)
        except FaultyHeadError as error:
            self._fault = error.fault
            raise  # which stops the parser

    def _remember(self, data: bytes, *, is_whole: bool) -> None:
        """The head of the request just met, if nothing came before it or after it."""
        met, self._met = self._met, None
        if is_whole and met is not None and self._application is not None:
            self._application.heads.learn(data, self.headers, met)

    def _take(self, known: Known, content: bytes) -> None:
        """Begins to answer a request that the parser need not see: between two of them it keeps nothing."""
        self._watch.skip()
        self._begin(known, content, keep_alive=True)

    def _begin(self, known: Known, content: bytes, *, keep_alive: bool) -> None:
        exchange = Exchange(Whole("POST", b"", known.head, content, self.transport), keep_alive=keep_alive)
        self.cycle = exchange  # type: ignore[assignment]  # all the server's protocol asks of one is there
        begun = known.routed.begin(exchange.whole, partial(self._sending.send, exchange, known.routed))
        if isinstance(begun, asyncio.Task):
            self.tasks.add(begun)
            begun.add_done_callback(self.tasks.discard)
        else:
            self._begun = begun

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
        if remaining_s > 0 or self._watch.is_in_head:
            delay_s = max(remaining_s, 1.0)
            self._idle_timer = self.loop.call_later(delay_s, self._close_if_idle)
        else:
            self._sending.close()

    def _cut_off(self, message: str, status: int) -> None:
        """Reads nothing any more: tells why when what came before is answered, at once if all of that is."""
        self._watch.stop()
        if self._refusal is not None or self.transport.is_closing():
            return
        self._refusal = refusal(message, status)
        self._routed = None
        is_broken = not (self._is_between or self._watch.is_in_head)  # the last request itself, in its body
        if not self._is_busy():
            self._refuse(self._refusal)
        elif is_broken and self.pipeline:
            self.pipeline.popleft()  # it is not to be begun; those before it are
        elif is_broken:
            self.transport.close()

    def _refuse(self, told: bytes) -> None:
        """Tells it, and reads on for a while without looking: closed before that, it could be lost (section 9.6)."""
        self.transport.write(told)
        with suppress(OSError):  # the client may have gone in this moment
            self.transport.write_eof()
        self.loop.call_later(_LINGER_S, self._sending.close)
