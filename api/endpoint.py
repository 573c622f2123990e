"""In charge of what all routes share: the time limit, the one place where unforeseen errors end, origins, counting.

It knows nothing of what a route does. Errors become the contract's codes; what they were is for the operator alone.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import uuid4

import asyncpg
from msgspec.structs import replace
from starlette.types import Receive, Scope, Send

from api.config import Settings
from api.deadlines import Deadlines
from api.errors import Code, RequestError
from api.incoming import ClientGone, Incoming, Streamed, Whole
from api.metrics import Metrics
from api.question import UnderWay
from api.reply import Headers, Reply, failure, send_reply, send_spooled, send_stream

Value = TypeVar("Value")
_log = logging.getLogger("yishu.edge")
_DATABASE_IS_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what asyncpg says when its connection breaks while a statement is being sent
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.PostgresSystemError,
)

Handler = Callable[[Incoming], Coroutine[None, None, Reply]]
# Who is told the reply to a request that is there whole; None if there is nobody to answer.
Replied = Callable[[Reply | None], None]


@dataclass(frozen=True, slots=True)
class Failed:
    """What is told of work that failed, and the id under which the operator finds what was unforeseen."""

    error: RequestError
    incident: str | None = None


async def attempt(route: str, work: Awaitable[Value]) -> Value | Failed:
    """What the work gives, or what may be told of its failure. Raises ClientGone."""
    try:
        return await work
    except Exception as error:  # noqa: BLE001  # it is told apart in the one place
        return told(route, error)


def told(route: str, error: Exception) -> Failed:
    """What may be told of this failure. Raises it again if it is ClientGone: then there is nobody to tell."""
    match error:
        case ClientGone():
            raise error
        case RequestError():
            return Failed(error)
        case TimeoutError() | asyncpg.QueryCanceledError():
            return Failed(RequestError(Code.TIMEOUT))
    if isinstance(error, _DATABASE_IS_AWAY):
        _log.error("%s: the database is away: %s", route, error)
        return Failed(RequestError(Code.LOG_UNAVAILABLE))
    # The one place: nothing of the inside leaves, and the operator gets it whole.
    incident = uuid4().hex
    _log.error("%s: unforeseen error %s", route, incident, exc_info=error)
    return Failed(RequestError(Code.INTERNAL), incident)


def do_step(step: Callable[[Value], None], value: Value, failed: Callable[[Exception], None]) -> None:
    """Does a step of what is answered without a task. What it raises is told: whoever calls this has others to tell."""
    try:
        step(value)
    except Exception as error:  # noqa: BLE001  # it is told apart in the one place
        failed(error)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A route: as an ASGI application, or asked directly for its reply. Safe to run concurrently."""

    route: str
    methods: tuple[str, ...]
    handler: Handler
    settings: Settings
    metrics: Metrics
    deadlines: Deadlines
    headers: Headers = field(default=())
    without_task: "WithoutTask | None" = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, whatever happens, unless the client has gone."""
        incoming = Streamed(str(scope["method"]), scope["query_string"], scope["headers"], receive)
        reply = await self.reply(incoming)
        if reply is not None:
            if incoming.method == "HEAD":
                reply = replace(reply, body=b"", opening=())
            more_headers = self.more_headers(incoming)
            if reply.stream is not None:
                await send_stream(reply, receive, send, more_headers=more_headers)
            elif reply.spooled is not None:
                await send_spooled(reply, receive, send, more_headers=more_headers)
            else:
                await send_reply(reply, send, more_headers=more_headers)

    def begin(self, incoming: Whole, replied: Replied) -> "asyncio.Task[None] | Call":
        """Begins to answer a request, which is counted and has its time: in the task given back, if it needs one."""
        work: Coroutine[None, None, Reply] | UnderWay
        if self.without_task is None:
            work = self.handler(incoming)
        else:
            call = Call(self, replied)
            try:
                work = self.without_task(incoming, call)
            except Exception as error:  # noqa: BLE001  # it is told apart in the one place
                work = _raised(error)
            if isinstance(work, UnderWay):
                call.begin(work)
                return call
        return asyncio.create_task(self._tell(work, replied))

    async def _tell(self, work: Awaitable[Reply], replied: Replied) -> None:
        replied(await self._counted(work))

    async def reply(self, incoming: Incoming) -> Reply | None:
        """The reply to one request, counted; None when the client has gone. To be awaited in a task of its own."""
        return await self._counted(self._handled(incoming))

    async def _handled(self, incoming: Incoming) -> Reply:
        return self._without_handler(incoming) or await self.handler(incoming)

    async def _counted(self, work: Awaitable[Reply]) -> Reply | None:
        started = time.perf_counter()
        self.metrics.in_flight += 1
        task = self.deadlines.begin()
        reply: Reply | None = None
        try:
            reply = await work
        except asyncio.CancelledError:
            if not self.deadlines.is_overdue(task):
                raise
            task.uncancel()
            reply = failure(RequestError(Code.TIMEOUT))
        except Exception as error:  # noqa: BLE001  # it is told apart in the one place
            reply = self.reply_of(error)
        finally:
            self.deadlines.end(task)
            self.count(reply, started)
        return reply

    def reply_of(self, error: Exception) -> Reply | None:
        """The reply to a request that failed; None when the client has gone."""
        try:
            failed = told(self.route, error)
        except ClientGone:
            return None
        return failure(failed.error, incident=failed.incident)

    def count(self, reply: Reply | None, started: float) -> None:
        """Counts a request that was in flight."""
        self.metrics.in_flight -= 1
        code = "CLIENT_GONE" if reply is None else reply.code
        self.metrics.observe(self.route, code, time.perf_counter() - started)

    def _without_handler(self, incoming: Incoming) -> Reply | None:
        if incoming.method != "OPTIONS" and incoming.method in self.methods:
            return None
        allowed = ((b"allow", ", ".join(self.methods).encode()),)
        if incoming.method == "OPTIONS":
            return Reply(204, b"", "text/plain", headers=allowed)
        refused = RequestError(Code.BAD_REQUEST, f"Only {' and '.join(self.methods)} here.", status=405)
        return replace(failure(refused), headers=allowed)

    def more_headers(self, incoming: Incoming) -> Headers:
        """The route's own headers, and those by which the configured origins' pages may read the reply (CORS)."""
        if not self.settings.allowed_origins:
            return self.headers
        origin = incoming.header(b"origin")
        if origin not in self.settings.allowed_origins:
            return (*self.headers, (b"vary", b"Origin"))
        return (
            *self.headers,
            (b"vary", b"Origin"),
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-methods", ", ".join(self.methods).encode()),
            (b"access-control-allow-headers", b"authorization, content-type"),
            (b"access-control-expose-headers", b"x-operation-id"),
            (b"access-control-max-age", b"600"),
        )


class Call:
    """A request that is answered without a task."""

    __slots__ = ("_endpoint", "_replied", "_started", "_under_way")

    def __init__(self, endpoint: Endpoint, replied: Replied) -> None:
        self._endpoint = endpoint
        self._replied: Replied | None = replied
        self._started = time.perf_counter()
        self._under_way: UnderWay | None = None

    def begin(self, under_way: UnderWay) -> None:
        """From now on it is under way, and has its time."""
        self._under_way = under_way
        self._endpoint.metrics.in_flight += 1
        self._endpoint.deadlines.add(self)

    def go_on(self) -> None:
        """It makes progress, here or in a task of its own."""
        self._endpoint.deadlines.go_on(self)

    def finish(self, outcome: Reply | Exception) -> None:
        """Tells the reply. What comes after the time was over is told to nobody."""
        replied, self._replied, self._under_way = self._replied, None, None
        if replied is not None:
            endpoint = self._endpoint
            endpoint.deadlines.end(self)
            reply = endpoint.reply_of(outcome) if isinstance(outcome, Exception) else outcome
            endpoint.count(reply, self._started)
            replied(reply)
        elif isinstance(outcome, Reply) and outcome.spooled is not None:
            outcome.spooled.close()

    def cancel(self) -> None:
        """Its time is over."""
        self._give_up(failure(RequestError(Code.TIMEOUT)))

    def abandon(self) -> None:
        """Its client has gone. What has been told already stays told."""
        self._give_up(ClientGone())

    def _give_up(self, outcome: Reply | Exception) -> None:
        if self._under_way is not None:
            self._under_way.give_up()
        self.finish(outcome)


# The reply to be awaited, or what is under way, where it needs no task: then the call is told it once, not before that.
WithoutTask = Callable[[Whole, Call], Coroutine[None, None, Reply] | UnderWay]


async def _raised(error: Exception) -> Reply:
    raise error
