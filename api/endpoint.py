"""In charge of what all routes share: the time limit, the one place where unforeseen errors end, origins, counting.

It knows nothing of what a route does. Errors become the contract's codes; what they were is for the operator alone.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import uuid4

import asyncpg
from starlette.types import Receive, Scope, Send

from api.config import Settings
from api.deadlines import Deadlines
from api.errors import Code, RequestError
from api.incoming import ClientGone, Incoming, Streamed
from api.metrics import Metrics
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

Handler = Callable[[Incoming], Awaitable[Reply]]


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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, whatever happens, unless the client has gone."""
        incoming = Streamed(str(scope["method"]), scope["query_string"], scope["headers"], receive)
        reply = await self.reply(incoming)
        if reply is not None:
            if incoming.method == "HEAD":
                reply = reply._replace(body=b"", opening=())
            more_headers = self.more_headers(incoming)
            if reply.stream is not None:
                await send_stream(reply, receive, send, more_headers=more_headers)
            elif reply.spooled is not None:
                await send_spooled(reply, receive, send, more_headers=more_headers)
            else:
                await send_reply(reply, send, more_headers=more_headers)

    async def reply(self, incoming: Incoming) -> Reply | None:
        """The reply to one request, counted; None when the client has gone. To be awaited in a task of its own."""
        started = time.perf_counter()
        self.metrics.in_flight += 1
        task = self.deadlines.begin()
        reply: Reply | None = None
        try:
            reply = self._without_handler(incoming) or await self.handler(incoming)
        except ClientGone:
            pass
        except asyncio.CancelledError:
            if not self.deadlines.is_overdue(task):
                raise
            task.uncancel()
            reply = failure(RequestError(Code.TIMEOUT))
        except Exception as error:  # noqa: BLE001  # it is told apart in the one place
            failed = told(self.route, error)
            reply = failure(failed.error, incident=failed.incident)
        finally:
            self.deadlines.end(task)
            self.metrics.in_flight -= 1
            code = "CLIENT_GONE" if reply is None else reply.code
            self.metrics.observe(self.route, code, time.perf_counter() - started)
        return reply

    def _without_handler(self, incoming: Incoming) -> Reply | None:
        if incoming.method != "OPTIONS" and incoming.method in self.methods:
            return None
        allowed = ((b"allow", ", ".join(self.methods).encode()),)
        if incoming.method == "OPTIONS":
            return Reply(204, b"", "text/plain", headers=allowed)
        refused = RequestError(Code.BAD_REQUEST, f"Only {' and '.join(self.methods)} here.", status=405)
        return failure(refused)._replace(headers=allowed)

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
