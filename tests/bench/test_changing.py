"""A change of one table is seen by the first question after it, on a server that runs."""

from pathlib import Path

import asyncpg
import pytest

from api.config import Settings
from api.tokens import Claims, demo_token
from tests.bench.asking import asking
from tests.bench.changing import CHANGES, measure
from tests.bench.servers.server import running
from tests.bench.site import Site
from tests.bench.targets import yishu


@pytest.mark.slow
async def test_every_change_is_seen_at_once_and_leaves_nothing_behind(sample_url: str, tmp_path: Path) -> None:
    site = Site(tmp_path / "home", tmp_path, sample_url, None, is_embedded=False)
    connection = await asyncpg.connect(sample_url)
    before = await connection.fetchval("select array[max(id), count(*)] from catalog.resource")

    with running(yishu(site), tmp_path) as server:
        token = demo_token(Settings(home=site.home), Claims("education", (), "bench", "bench"), 60)
        with asking(server.port, token) as asker:
            taken = await measure(connection, asker, 1)

    assert taken.keys() == {change.name for change in CHANGES}
    assert before == await connection.fetchval("select array[max(id), count(*)] from catalog.resource")
    await connection.close()
