"""In charge of what all routes share: the time limit, the one place where unforeseen errors end, origins, counting.

It knows nothing of what a route does. Errors become the contract's codes; what they were is for the operator alone.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar
from uuid import uuid4

import asyncpg
from starlette.types import Receive, Scope, Send

from api.config import Settings
from api.errors import Code, RequestError
from api.metrics import Metrics
from api.reply import Reply, failure, send_reply, send_stream

Value = TypeVar("Value")
_log = logging.getLogger("yishu.edge")
_DATABASE_IS_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.PostgresSystemError,
)


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a handler gets to see of a request: everything but the way to answer it."""

    scope: Scope
    receive: Receive
    headers: Mapping[str, str]

    @property
    def method(self) -> str:
        """The HTTP method, in capitals."""
        return str(self.scope["method"])


Handler = Callable[[Incoming], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Failed:
    """What is told of work that failed, and the id under which the operator finds what was unforeseen."""

    error: RequestError
    incident: str | None = None


class ClientGone(Exception):
    """The client closed the connection while its request was being read; there is nobody to answer."""


async def attempt(route: str, timeout_s: float | None, work: Awaitable[Value]) -> Value | Failed:
    """What the work gives within its time, or what may be told of its failure. Raises ClientGone."""
    try:
        async with asyncio.timeout(timeout_s):
            return await work
    except RequestError as error:
        return Failed(error)
    except (TimeoutError, asyncpg.QueryCanceledError):
        return Failed(RequestError(Code.TIMEOUT))
    except _DATABASE_IS_AWAY as error:
        _log.error("%s: the database is away: %s", route, error)
        return Failed(RequestError(Code.LOG_UNAVAILABLE))
    except ClientGone:
        raise
    except Exception:  # noqa: BLE001  # the one place: nothing of the inside leaves, and the operator gets it whole
        incident = uuid4().hex
        _log.exception("%s: unforeseen error %s", route, incident)
        return Failed(RequestError(Code.INTERNAL), incident)


def headers_of(scope: Scope) -> dict[str, str]:
    """Value by name in lower case; of a header given twice, the first."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A route as an ASGI application. Safe to run concurrently."""

    route: str
    methods: tuple[str, ...]
    handler: Handler
    settings: Settings
    metrics: Metrics
    headers: tuple[tuple[bytes, bytes], ...] = field(default=())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, whatever happens, unless the client has gone."""
        incoming = Incoming(scope, receive, headers_of(scope))
        started = time.perf_counter()
        self.metrics.in_flight += 1
        try:
            reply = await self._reply(incoming)
            self.metrics.observe(self.route, reply.code, time.perf_counter() - started)
            if incoming.method == "HEAD":
                reply = replace(reply, body=b"")
            headers = (*self.headers, *self._origin_headers(incoming))
            if reply.stream is None:
                await send_reply(reply, send, more_headers=headers)
            else:
                await send_stream(reply, receive, send, more_headers=headers)
        except ClientGone:
            self.metrics.observe(self.route, "CLIENT_GONE", time.perf_counter() - started)
        finally:
            self.metrics.in_flight -= 1

    async def _reply(self, incoming: Incoming) -> Reply:
        if incoming.method == "OPTIONS":
            return Reply(204, b"", "text/plain", headers=((b"allow", ", ".join(self.methods).encode()),))
        if incoming.method not in self.methods:
            refused = RequestError(Code.BAD_REQUEST, f"Only {' and '.join(self.methods)} here.", status=405)
            return replace(failure(refused), headers=((b"allow", ", ".join(self.methods).encode()),))
        reply = await attempt(self.route, self.settings.request_timeout_s, self.handler(incoming))
        return failure(reply.error, incident=reply.incident) if isinstance(reply, Failed) else reply

    def _origin_headers(self, incoming: Incoming) -> tuple[tuple[bytes, bytes], ...]:
        """Lets the configured origins' pages read the reply (Fetch standard, CORS protocol)."""
        origin = incoming.headers.get("origin")
        if not self.settings.allowed_origins:
            return ()
        if origin not in self.settings.allowed_origins:
            return ((b"vary", b"Origin"),)
        return (
            (b"vary", b"Origin"),
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-methods", ", ".join(self.methods).encode()),
            (b"access-control-allow-headers", b"authorization, content-type"),
            (b"access-control-expose-headers", b"x-operation-id"),
            (b"access-control-max-age", b"600"),
        )
