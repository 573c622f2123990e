"""A server killed at any moment under load: every answer a client has received is in the log, whole."""

import asyncio
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from random import Random
from uuid import UUID

import asyncpg
import httpx
import pytest

from policies.store import ensure_default
from tests.api.server_process import serving

ROUNDS = 6
CLIENTS = 16
DOCUMENT = "query Load($n: Int!) { catalog { departments(first: $n) { nodes { code title } } } }"
HALF = "select count(*) from log.record r left join log.plan p on p.digest = r.plan where p.digest is null"


@pytest.fixture
async def settings(tmp_path: Path, database_url: str, connection: asyncpg.Connection) -> Mapping[str, str]:
    """What a server needs to serve the database of this test."""
    await ensure_default(connection)
    return {"YISHU_DATABASE_URL": database_url, "YISHU_HOME": str(tmp_path / "home")}


async def _ask(client: httpx.AsyncClient, shown: int, answered: dict[UUID, int]) -> None:
    answer = await client.post("/graphql", json={"query": DOCUMENT, "variables": {"n": shown}}, timeout=30)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["data"]["catalog"]["departments"]["nodes"]) == shown
    answered[UUID(answer.json()["extensions"]["receipt"]["operationId"])] = shown


async def _ask_until_it_dies(client: httpx.AsyncClient, random: Random, answered: dict[UUID, int]) -> None:
    with suppress(httpx.TransportError):
        while True:
            await _ask(client, random.randint(1, 29), answered)


@pytest.mark.slow
async def test_every_received_answer_has_its_whole_record(
    settings: Mapping[str, str], connection: asyncpg.Connection
) -> None:
    random, answered = Random(330784), dict[UUID, int]()
    for number in range(ROUNDS):
        workers = str(1 + number % 2)
        async with serving(settings, "--workers", workers) as server, httpx.AsyncClient(base_url=server.url) as client:
            await _ask(client, 1, answered)
            asking = [asyncio.create_task(_ask_until_it_dies(client, random, answered)) for _ in range(CLIENTS)]
            await asyncio.sleep(random.uniform(0.02, 0.6))
            await server.end(signal.SIGKILL, with_workers=True)
            await asyncio.gather(*asking)

    rows = await connection.fetch("select id, shown, outcome, response_digest from log.record")
    shown_by_id = {row["id"]: row["shown"] for row in rows}
    assert {operation_id for operation_id in answered if operation_id not in shown_by_id} == set()
    assert len(answered) > ROUNDS * CLIENTS
    assert all(row["outcome"] == "ok" and len(row["response_digest"]) == 32 for row in rows)
    assert await connection.fetchval(HALF) == 0
