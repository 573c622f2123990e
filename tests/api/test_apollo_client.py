"""Apollo Client's own link for persisted queries gets along with a real server."""

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest

from api.config import Settings
from api.tokens import Claims, demo_token
from tests.api.npm import install
from tests.api.server_process import serving

PACKAGES = ("@apollo/client@4.3.8", "graphql@16.15.0", "rxjs@7.8.2")
_REGISTER = """
insert into platform.document (id, text, digest) values ('towns', $1, sha256(convert_to($1, 'UTF8')))"""
_TEXT = "query Towns($first: Int!) { places(first: $first) { nodes { name } } }"


@pytest.mark.slow
async def test_hashes_are_asked_for_documents_once_and_ids_never(home: Path, tmp_path: Path, sample_url: str) -> None:
    install(tmp_path, "apollo_client.mjs", *PACKAGES)
    settings = {"YISHU_HOME": str(home), "YISHU_DATABASE_URL": sample_url}
    token = demo_token(Settings(home=home), Claims("education", application="desk"), 60)
    connection = await asyncpg.connect(sample_url)
    await connection.execute(_REGISTER, _TEXT)
    async with serving(settings) as server:
        node = await asyncio.create_subprocess_exec(
            "node", "apollo_client.mjs", f"{server.url}/graphql", f"Bearer {token}", "towns",
            cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, complaint = await asyncio.wait_for(node.communicate(), 60)
    documents = await connection.fetch("select document from log.operation where document like 'query Towns%'")
    await connection.close()

    assert node.returncode == 0, complaint.decode()
    told = json.loads(output)
    hashed = "POST hash"
    assert told["post"] == {"sent": [hashed, "POST document", hashed, hashed], "answers": [1, 2, 3]}
    assert told["get"] == {"sent": ["GET hash", "GET hash"], "answers": [1, 2]}
    assert told["registered"] == {"sent": [hashed, hashed], "answers": [1, 2]}
    assert told["refused"]["sent"] == [hashed, "POST document"]
    assert "Cannot query field 'nothing'" in told["refused"]["answers"][0]
    assert len(documents) == 3 + 2 + 2
