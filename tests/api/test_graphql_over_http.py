"""The edge passes every audit of the GraphQL-over-HTTP working group's suite (npm package graphql-http)."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn

from api.app import Backend, create_app
from api.config import Settings
from api.identity import identities
from api.metrics import Metrics
from api.protocol import BoundedProtocol
from api.server import Address, listen, url_of
from tests.api.conftest import ThreeDepartments
from tests.api.tiny_service import TinyService

AUDITS = 61
PACKAGES = ("graphql-http@1.23.1", "graphql@16.15.0")
INSTALL = ("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent")


@pytest.fixture(scope="module")
def auditor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder from which Node can run the audits."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("no Node on this system, so the graphql-http audits are not run")
    folder = tmp_path_factory.mktemp("audits")
    shutil.copy(Path(__file__).with_name("audit.mjs"), folder)
    try:
        installed = subprocess.run([*INSTALL, *PACKAGES], cwd=folder, check=False, capture_output=True, timeout=90)
    except subprocess.TimeoutExpired:
        pytest.skip("the npm registry does not answer, so the graphql-http audits are not run")
    if installed.returncode != 0:
        pytest.skip("graphql-http cannot be installed from npm, so its audits are not run")
    return folder


@asynccontextmanager
async def _listening(settings: Settings) -> AsyncIterator[str]:
    @asynccontextmanager
    async def opened(settings: Settings) -> AsyncIterator[Backend]:
        async def is_ready() -> bool:
            return True

        yield Backend(TinyService(), identities(settings, ThreeDepartments()), is_ready, Metrics())

    listener = listen(Address(port=0))
    config = uvicorn.Config(create_app(settings, opened), log_config=None, ws="none", http=BoundedProtocol)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield f"{url_of(listener)}/graphql"
    finally:
        server.should_exit = True
        await serving


@pytest.mark.slow
async def test_every_audit_passes(auditor: Path, tmp_path: Path) -> None:
    async with _listening(Settings(home=tmp_path)) as url:
        node = await asyncio.create_subprocess_exec(
            "node", "audit.mjs", url, cwd=auditor, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        output, complaint = await node.communicate()

    assert node.returncode == 0, complaint.decode()
    audits = [json.loads(line) for line in output.decode().splitlines()]
    assert [audit for audit in audits if audit["status"] != "ok"] == []
    assert len(audits) == AUDITS
