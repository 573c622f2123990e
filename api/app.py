"""In charge of the routes: which path is answered by what, around an engine it is given.

It knows nothing of where the engine comes from; `serving.py` opens and closes that.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.config import Settings
from api.deadlines import Deadlines
from api.endpoint import Endpoint, Handler
from api.errors import Code, RequestError, error_body
from api.event_stream import EventStreams
from api.heads import Heads
from api.http import GraphQLRoutes, Probes, Readiness
from api.identity import Identities
from api.incoming import RawHeaders
from api.metrics import Metrics
from api.negotiation import names_text
from api.pages import graphiql_page, static_files
from api.protocol import STOPPING
from api.question import EventSource, Service
from api.sockets import SocketRoute
from api.streams import Streams


@dataclass(frozen=True, slots=True)
class Backend:
    """What the routes need behind them, open."""

    service: Service
    events: EventSource
    identities: Identities
    is_ready: Readiness
    metrics: Metrics
    streams: Streams = field(default_factory=Streams)


OpenBackend = Callable[[Settings], AbstractAsyncContextManager[Backend]]


@dataclass(slots=True)
class _Later:
    """A route whose endpoint exists once the backend is open; the server asks nothing before that."""

    endpoint: ASGIApp | None = field(default=None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.endpoint is None:
            raise HTTPException(503, "The platform is not open yet.")
        await self.endpoint(scope, receive, send)


_GRAPHQL = "/graphql"
_TARGET = _GRAPHQL.encode()
_ROUTES = {
    _GRAPHQL: ("GET", "POST", "OPTIONS"),
    "/graphql/schema.graphql": ("GET", "HEAD", "OPTIONS"),
    "/health/live": ("GET", "HEAD"),
    "/health/ready": ("GET", "HEAD"),
    "/metrics": ("GET", "HEAD"),
}


@dataclass(frozen=True, slots=True)
class Application:
    """The ASGI application: our own routes by their exact path, everything else by Starlette.

    A look-up is all the routing a question needs; Starlette's costs it as much as a fifth of the whole edge.
    """

    routes: Mapping[str, _Later]
    socket: _Later
    rest: Starlette
    heads: Heads = field(default_factory=Heads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands one connection on."""
        route = self.routes.get(scope["path"]) if scope["type"] == "http" else None
        if scope["type"] == "websocket" and scope["path"] == _GRAPHQL:
            route = self.socket
        if route is None or route.endpoint is None:
            await self.rest(scope, receive, send)
        else:
            await route.endpoint(scope, receive, send)

    def routed(self, method: bytes, target: bytes, headers: RawHeaders) -> Endpoint | None:
        """What answers this request if it is there whole; only questions are many enough to need it."""
        if (
            method != b"POST"
            or target != _TARGET
            or any(name == b"accept" and names_text(value.decode("latin-1")) for name, value in headers)
        ):
            return None
        endpoint = self.routes[_GRAPHQL].endpoint
        return endpoint if isinstance(endpoint, Endpoint) else None


def create_app(settings: Settings, open_backend: OpenBackend) -> Application:
    """The ASGI application. The backend is opened when the server starts, and closed after its last answer."""
    routes = {path: _Later() for path in _ROUTES}
    socket = _Later()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, object]]:
        async with open_backend(settings) as backend:
            loop = asyncio.get_running_loop()
            deadlines = Deadlines(settings.request_timeout_s, loop, settings.long_timeout_s)
            graphql = _graphql(settings, backend, deadlines)
            handlers = _handlers(graphql, backend)
            for path, route in routes.items():
                without_task = graphql.begin if path == _GRAPHQL else None
                route.endpoint = Endpoint(
                    path, _ROUTES[path], handlers[path], settings, backend.metrics, deadlines, without_task=without_task
                )
            socket.endpoint = SocketRoute(
                settings, backend.events, backend.identities, backend.metrics, backend.streams
            )
            yield {STOPPING: backend.streams.stopping}

    rest = Starlette(
        routes=[
            *(Route(path, route, methods=None) for path, route in routes.items()),
            Mount("/static", static_files()),
        ],
        lifespan=lifespan,
        exception_handlers={HTTPException: _tell, Exception: _tell},
    )
    return Application(routes, socket, rest)


def _graphql(settings: Settings, backend: Backend, deadlines: Deadlines) -> GraphQLRoutes:
    events = EventStreams(backend.events, backend.metrics, backend.streams)
    return GraphQLRoutes(settings, backend.service, backend.identities, graphiql_page, events, deadlines)


def _handlers(graphql: GraphQLRoutes, backend: Backend) -> dict[str, Handler]:
    probes = Probes(backend.is_ready, backend.metrics.exposition)
    return {
        "/graphql": graphql.graphql,
        "/graphql/schema.graphql": graphql.sdl,
        "/health/live": probes.live,
        "/health/ready": probes.ready,
        "/metrics": probes.metrics,
    }


async def _tell(_: Request, error: Exception) -> Response:
    """What no route of ours has answered, in the one shape of errors."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    code = {404: Code.NOT_FOUND, 500: Code.INTERNAL, 503: Code.LOG_UNAVAILABLE}.get(status, Code.BAD_REQUEST)
    told = RequestError(code, status=status)
    return Response(error_body(code, told.message, told.hint), status, media_type="application/json")
