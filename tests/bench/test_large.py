"""A large answer of a server that runs: every byte as recorded, and no more memory than a part of it."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from api.config import Settings
from api.tokens import Claims, demo_token
from tests.bench.large import paged, serving, take, watched
from tests.bench.servers.server import running
from tests.bench.site import Site

_WIDE = "nodes { creditCode name status registeredCapital establishedOn industryCode address }"


@pytest.mark.slow
async def test_a_large_answer_is_as_recorded_and_takes_little_memory(sample_url: str, tmp_path: Path) -> None:
    site = Site(tmp_path / "home", tmp_path, sample_url, None, is_embedded=False)
    document = paged(["0"], 150, 5_000, _WIDE)

    with running(serving(site), tmp_path) as server:
        token = demo_token(Settings(home=site.home), Claims("market-regulation", (), "bench", "bench"), 60)
        await asyncio.to_thread(take, server, token, paged(["0"], 150, 1, _WIDE))
        with watched(server.pid) as seen:
            taken = await asyncio.to_thread(take, server, token, document)

    connection = await asyncpg.connect(sample_url)
    record = await connection.fetchrow(
        "select keys, shown, encode(response_digest, 'hex') as digest from log.record where id = $1",
        taken.operation_id,
    )
    parts = await connection.fetchval("select sum(json_array_length(keys)) from log.key_part")
    await connection.close()
    assert record is not None
    assert record["digest"] == taken.digest
    assert record["keys"].startswith('{"parts":')
    assert record["shown"] == parts > 100_000
    assert taken.size_bytes > 30_000_000
    assert seen.above_bytes < 32_000_000
