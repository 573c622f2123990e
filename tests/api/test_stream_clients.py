"""The clients that front ends use, graphql-ws and graphql-sse, get what they ask for over either transport."""

import asyncio
import json
from pathlib import Path

import pytest

from api.config import Settings
from tests.api.listening import listening
from tests.api.npm import install

PACKAGES = ("graphql-ws@6.4.2", "graphql-sse@2.6.1", "ws@8.23.0", "graphql@16.15.0")


@pytest.mark.slow
async def test_queries_subscriptions_and_refusals_arrive(tmp_path: Path) -> None:
    install(tmp_path, "stream_clients.mjs", *PACKAGES)
    async with listening(Settings(home=tmp_path)) as server:
        node = await asyncio.create_subprocess_exec(
            "node",
            "stream_clients.mjs",
            server.url,
            server.token("education"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, complaint = await asyncio.wait_for(node.communicate(), 60)

    assert node.returncode == 0, complaint.decode()
    told = json.loads(output)
    for client in ("socket", "stream"):
        assert told[client]["query"] == {"results": [{"me": "education"}]}
        assert told[client]["subscription"] == {"results": [{"ticks": tick} for tick in range(3)]}
    assert told["socket"]["refused"]["error"] == ["Cannot query field 'nothing' on type 'Query'."]
    assert told["stream"]["refused"] == {"results": [["Cannot query field 'nothing' on type 'Query'."]]}
