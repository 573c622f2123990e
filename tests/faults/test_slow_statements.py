"""A question whose statement takes too long is given up, and that is recorded like any refusal."""

from pathlib import Path
from uuid import UUID

import asyncpg
import httpx

from policies.store import ensure_default
from tests.api.server_process import serving

_DOCUMENT = {"query": "{ enterprises { nodes { name } } }"}


async def test_a_question_that_took_too_long_has_a_record(
    tmp_path: Path, database_url: str, connection: asyncpg.Connection
) -> None:
    await ensure_default(connection)
    environment = {
        "YISHU_DATABASE_URL": database_url,
        "YISHU_HOME": str(tmp_path / "home"),
        "YISHU_REQUEST_TIMEOUT_S": "2",
    }
    async with serving(environment) as server, httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        assert (await client.post("/graphql", json=_DOCUMENT)).status_code == 200
        async with connection.transaction():
            await connection.execute("lock table pool_market_regulation.enterprise in access exclusive mode")
            told = await client.post("/graphql", json=_DOCUMENT)

    assert told.status_code == 504
    assert told.json()["errors"][0]["extensions"]["code"] == "TIMEOUT"
    operation_id = UUID(told.json()["extensions"]["receipt"]["operationId"])
    record = await connection.fetchrow("select outcome, error_codes, shown from log.record where id = $1", operation_id)
    assert record is not None
    assert tuple(record) == ("error", ["TIMEOUT"], 0)
