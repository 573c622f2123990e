"""The edge passes every audit of the GraphQL-over-HTTP working group's suite (npm package graphql-http)."""

import asyncio
import json
from pathlib import Path

import pytest

from api.config import Settings
from tests.api.listening import listening
from tests.api.npm import install

AUDITS = 61
PACKAGES = ("graphql-http@1.23.1", "graphql@16.15.0")


@pytest.fixture(scope="module")
def auditor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder from which Node can run the audits."""
    folder = tmp_path_factory.mktemp("audits")
    install(folder, "audit.mjs", *PACKAGES)
    return folder


@pytest.mark.slow
async def test_every_audit_passes(auditor: Path, tmp_path: Path) -> None:
    async with listening(Settings(home=tmp_path)) as server:
        node = await asyncio.create_subprocess_exec(
            "node", "audit.mjs", server.url, cwd=auditor, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        output, complaint = await node.communicate()

    assert node.returncode == 0, complaint.decode()
    audits = [json.loads(line) for line in output.decode().splitlines()]
    assert [audit for audit in audits if audit["status"] != "ok"] == []
    assert len(audits) == AUDITS
