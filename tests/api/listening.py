"""The application around the tiny engine, listening on a port of this machine, in the test's own process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn

from api.app import Backend, create_app
from api.config import Settings
from api.identity import identities
from api.metrics import Metrics
from api.protocol import BoundedProtocol
from api.server import Address, listen, url_of
from api.socket_protocol import BoundedSocket
from api.streams import StreamLimits, Streams
from api.tokens import Claims, demo_token
from tests.api.conftest import ThreeDepartments
from tests.api.tiny_service import TinyService


@dataclass(slots=True)
class Listening:
    """A server, and what stands behind it."""

    settings: Settings
    url: str
    server: uvicorn.Server
    streams: Streams
    service: TinyService
    metrics: Metrics = field(default_factory=Metrics)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.split(":")[2].partition("/")[0])

    @property
    def socket_url(self) -> str:
        """The address of its WebSocket."""
        return self.url.replace("http", "ws", 1)

    def token(self, department: str, *, lifetime_s: int = 60) -> str:
        """A header value that names a department."""
        return "Bearer " + demo_token(self.settings, Claims(department), lifetime_s)

    async def stop(self) -> None:
        """Stops it as a signal would; returns when it has begun."""
        self.server.should_exit = True
        await asyncio.sleep(0.2)


@asynccontextmanager
async def listening(
    settings: Settings, limits: StreamLimits | None = None, *, keep_alive_s: int = 5
) -> AsyncIterator[Listening]:
    """The application, listening; stopped at the end."""
    listener = listen(Address(port=0))
    opened: Listening

    @asynccontextmanager
    async def backend(settings: Settings) -> AsyncIterator[Backend]:
        async def is_ready() -> bool:
            return True

        known = identities(settings, ThreeDepartments())
        yield Backend(opened.service, opened.service, known, is_ready, opened.metrics, opened.streams)

    config = uvicorn.Config(
        create_app(settings, backend),
        log_config=None,
        ws=BoundedSocket,
        ws_max_size=settings.body_limit_bytes,
        ws_per_message_deflate=False,
        http=BoundedProtocol,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=keep_alive_s,
        interface="asgi3",
        proxy_headers=False,
        server_header=False,
    )
    server = uvicorn.Server(config)
    service = TinyService()
    streams = Streams(limits or StreamLimits(), stopping=service.stopping)
    opened = Listening(settings, f"{url_of(listener)}/graphql", server, streams, service)
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield opened
    finally:
        server.should_exit = True
        await serving
