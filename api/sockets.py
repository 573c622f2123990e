"""In charge of /graphql over WebSocket (RFC 6455): one connection from its handshake to its end.

Follows graphql-transport-ws: a connection is initialised once, then carries operations, each under an id of the
client's. It refuses the older sub-protocol and knows nothing of what a document says.
"""

import asyncio
import time
from contextlib import ExitStack, aclosing, suppress
from dataclasses import dataclass, field

from starlette.types import Receive, Scope, Send

from api.config import Settings
from api.endpoint import Failed, attempt
from api.errors import Code, RequestError
from api.identity import Identities
from api.incoming import header_of
from api.metrics import Metrics
from api.parameters import parameters_of_object
from api.question import EventSource, Question, question_of
from api.socket_messages import (
    ACKNOWLEDGED,
    SUB_PROTOCOL,
    Close,
    Closing,
    Message,
    authorization_in,
    body_of,
    complete_message,
    error_message,
    message_of,
    next_message,
    pong,
)
from api.streams import Streams, is_welcome
from policies.principal import Principal

_ROUTE = "/graphql (WebSocket)"
_SHORTEST_WATCH_S = 0.1


@dataclass(frozen=True, slots=True)
class SocketRoute:
    """The WebSocket at /graphql as an ASGI application. Safe to run concurrently."""

    settings: Settings
    source: EventSource
    identities: Identities
    metrics: Metrics
    streams: Streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection until either side closes it; nothing of it is left afterwards."""
        await receive()  # websocket.connect
        headers = scope["headers"]
        if not is_welcome(header_of(headers, b"origin"), header_of(headers, b"host"), self.settings):
            await send({"type": "websocket.close", "code": Close.FORBIDDEN})
            return
        offered = SUB_PROTOCOL in scope.get("subprotocols", ())
        await send({"type": "websocket.accept", "subprotocol": SUB_PROTOCOL if offered else None})
        socket = _Socket(self, receive, send, header_of(headers, b"authorization"))
        try:
            if not offered:
                raise Closing(Close.NO_SUB_PROTOCOL, f"The sub-protocol must be {SUB_PROTOCOL}.")
            with self.streams.place():
                await socket.serve()
        except Closing as closing:
            await socket.close(closing)
        except RequestError as error:
            await socket.close(Closing(Close.TOO_MANY_CONNECTIONS, error.message))
        except OSError:
            pass  # the client has gone


@dataclass(slots=True)
class _Socket:
    """One accepted connection."""

    route: SocketRoute
    receive: Receive
    send: Send
    authorization: str | None
    is_acknowledged: bool = False
    watching: asyncio.Task[None] | None = None
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    places: ExitStack = field(default_factory=ExitStack)

    async def serve(self) -> None:
        """Reads messages until the connection is closed. Raises Closing where it is to be closed from here."""
        with self.places:
            try:
                await self._read()
            finally:
                left = [*self.tasks.values(), *([] if self.watching is None else [self.watching])]
                for task in left:
                    task.cancel()
                await asyncio.gather(*left, return_exceptions=True)

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(self.route.streams.limits.init_timeout_s) as patience:
                while (text := await self._next_text()) is not None:
                    await self._take(message_of(text))
                    if self.is_acknowledged:
                        patience.reschedule(None)
        except TimeoutError as error:
            raise Closing(Close.INIT_TIMEOUT, "The connection was not initialised in time.") from error

    async def close(self, closing: Closing) -> None:
        """Closes the connection, if it is still open."""
        with suppress(OSError, RuntimeError):  # the other side was quicker
            await self.send({"type": "websocket.close", "code": int(closing.code), "reason": closing.reason})

    async def _say(self, message: bytes) -> None:
        """Sends a message. Raises OSError when nobody takes it."""
        try:
            async with asyncio.timeout(self.route.streams.limits.send_timeout_s):
                await self.send({"type": "websocket.send", "text": message.decode()})
        except TimeoutError as error:
            raise ConnectionAbortedError("the client does not read") from error

    async def _next_text(self) -> str | None:
        """The next message's text, empty for a binary one; None when the connection is closed."""
        event = await self.receive()
        return None if event["type"] != "websocket.receive" else event.get("text") or ""

    async def _take(self, message: Message) -> None:
        if message.type == "connection_init":
            await self._initialise(message)
        elif message.type == "ping":
            await self._say(pong(message.payload))
        elif message.type == "subscribe":
            await self._start(message)
        elif message.type == "complete" and (task := self.tasks.pop(message.id, None)) is not None:
            task.cancel()

    async def _initialise(self, message: Message) -> None:
        if self.is_acknowledged:
            raise Closing(Close.INITIALISED_TWICE, "Too many initialisation requests.")
        named = authorization_in(message.payload)
        self.authorization = self.authorization if named is None else named
        try:
            principal = await self._identify()
        except RequestError as error:
            raise _forbidden(error) from error
        self.places.enter_context(self.route.streams.share(principal))
        self.is_acknowledged = True
        self.watching = asyncio.create_task(self._watch())
        await self._say(ACKNOWLEDGED)

    async def _identify(self) -> Principal:
        return await self.route.identities.principal(self.authorization)

    async def _watch(self) -> None:
        """Closes the connection when its token ends."""
        while (until := self.route.identities.holds_until(self.authorization)) is not None:
            await asyncio.sleep(max(until - time.time(), _SHORTEST_WATCH_S))
            try:
                await self._identify()
            except RequestError as error:
                await self.close(_forbidden(error))
                return

    async def _start(self, message: Message) -> None:
        if not self.is_acknowledged:
            raise Closing(Close.NOT_INITIALISED, "Unauthorized: the connection is not initialised.")
        if message.id in self.tasks:
            raise Closing(Close.ID_IN_USE, f"Subscriber for {message.id} already exists")
        if len(self.tasks) >= self.route.streams.limits.operations:
            refused = RequestError(Code.RATE_LIMITED, "Too many operations on one connection.", "Complete some first.")
            await self._say(error_message(message.id, body_of(refused)))
        else:
            self.tasks[message.id] = asyncio.create_task(self._operate(message))

    async def _operate(self, message: Message) -> None:
        """One operation to its end. It is forgotten before the client is told, which may use the id again."""
        streams = self.route.streams
        streams.operations += 1
        try:
            last = await self._answered(message)
            if self.tasks.get(message.id) is asyncio.current_task():
                del self.tasks[message.id]
                await self._say(last)
        except Closing as closing:
            await self.close(closing)
        except OSError:
            pass  # nobody is there any more, which the reader learns too
        finally:
            streams.operations -= 1

    async def _answered(self, message: Message) -> bytes:
        """Sends what the operation gives; returns the message that ends it."""
        question = await attempt(_ROUTE, self._question(message))
        if isinstance(question, Failed):
            return self._failed(message.id, question)
        async with aclosing(self.route.source.events(question, self._identify)) as answers:
            while True:
                started = time.perf_counter()
                answer = await attempt(_ROUTE, anext(answers, None))
                if answer is None:
                    return complete_message(message.id)
                if isinstance(answer, Failed):
                    return self._failed(message.id, answer)
                self.route.metrics.observe(_ROUTE, str(answer.code or "OK"), time.perf_counter() - started)
                if answer.code is not None:
                    return error_message(message.id, answer.body)
                await self._say(next_message(message.id, answer.body))

    async def _question(self, message: Message) -> Question:
        parameters = parameters_of_object(message.payload or {})
        return question_of(parameters, await self._identify(), allows_mutation=True)

    def _failed(self, name: str, failed: Failed) -> bytes:
        """The message that tells it. Raises Closing for a token that has ended: clients come back with a new one."""
        self.route.metrics.observe(_ROUTE, failed.error.code, 0)
        if failed.error.code is Code.UNAUTHENTICATED:
            raise _forbidden(failed.error)
        return error_message(name, body_of(failed.error, failed.incident))


def _forbidden(error: RequestError) -> Closing:
    return Closing(Close.FORBIDDEN, error.message)
