"""A served application around the tiny engine, and tokens its identities trust."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from api.app import Backend, create_app
from api.config import Settings
from api.identity import identities
from api.metrics import Metrics
from api.tokens import Claims, demo_token
from tests.api.tiny_service import TinyService

SENT_AS_JSON = {"content-type": "application/json"}
KNOWN = ("education", "market-regulation", "statistics", "town-330784105")


@dataclass(slots=True)
class ThreeDepartments:
    """The departments there are in tests of the edge."""

    failure: Exception | None = None

    async def knows(self, department: str) -> bool:
        """Whether it is one of them."""
        if self.failure is not None:
            raise self.failure
        return department in KNOWN

    def knew(self, department: str) -> bool:
        """Whether that can be told without asking anybody."""
        return self.failure is None and department in KNOWN


@dataclass(slots=True)
class Served:
    """A served application: a client to ask it with, and what stands behind it."""

    client: httpx.AsyncClient
    settings: Settings
    service: TinyService
    departments: ThreeDepartments
    metrics: Metrics = field(default_factory=Metrics)
    is_ready: bool = True

    def token(self, department: str, *, lifetime_s: int = 60) -> str:
        """A valid token of a department."""
        return demo_token(self.settings, Claims(department, ("auditor",), "li", "test"), lifetime_s)

    async def ask(self, document: str, **parameters: object) -> httpx.Response:
        """Posts one request as the anonymous public."""
        return await self.client.post("/graphql", json={"query": document, **parameters})


@asynccontextmanager
async def serve(settings: Settings) -> AsyncIterator[Served]:
    """The application by these settings, open."""
    departments, service = ThreeDepartments(), TinyService()
    served: Served

    @asynccontextmanager
    async def opened(settings: Settings) -> AsyncIterator[Backend]:
        async def is_ready() -> bool:
            return served.is_ready

        yield Backend(service, service, identities(settings, departments), is_ready, served.metrics)

    app = create_app(settings, opened)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://yishu.test") as client:
        served = Served(client, settings, service, departments)
        async with app.rest.router.lifespan_context(app.rest):
            yield served


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """The application with the settings a developer gets."""
    async with serve(Settings(home=tmp_path, request_timeout_s=5)) as opened:
        yield opened


def error_code(response: httpx.Response) -> str:
    """The code of an answer that has nothing but an error."""
    body = response.json()
    assert set(body) == {"errors"}
    assert body["errors"][0]["message"]
    code: str = body["errors"][0]["extensions"]["code"]
    return code
