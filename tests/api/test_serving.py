"""The server as a process: it answers, and however it ends, nothing a client was told is lost."""

import asyncio
import signal
import time
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import httpx
import jwt
import pytest

from api.commands.demo import QUERY
from api.config import Settings
from api.tokens import Claims, demo_token
from policies.store import ensure_default
from tests.api.server_process import ServerProcess, serving
from tests.api.wire import request_of
from tests.conftest import TestServer

DOCUMENT = "{ catalog { departments(first: 1) { nodes { code } } } }"


@pytest.fixture
async def settings(tmp_path: Path, database_url: str, connection: asyncpg.Connection) -> Mapping[str, str]:
    """What a server needs to serve the database of this test."""
    await ensure_default(connection)
    return {"YISHU_DATABASE_URL": database_url, "YISHU_HOME": str(tmp_path / "home")}


async def _ask(server: ServerProcess, headers: Mapping[str, str] | None = None) -> httpx.Response:
    async with httpx.AsyncClient(base_url=server.url, timeout=30, headers=headers) as client:
        return await client.post("/graphql", json={"query": DOCUMENT})


@pytest.mark.every_postgresql
async def test_it_answers_with_a_recorded_operation(
    settings: Mapping[str, str], connection: asyncpg.Connection
) -> None:
    token = demo_token(Settings(home=Path(settings["YISHU_HOME"])), Claims("education", user="li"), 60)
    async with serving(settings) as server:
        answer = await _ask(server, {"authorization": f"Bearer {token}"})
        status = await server.end()

    operation_id = answer.json()["extensions"]["receipt"]["operationId"]
    assert answer.json()["data"] == {"catalog": {"departments": {"nodes": [{"code": "agriculture"}]}}}
    assert answer.headers["x-operation-id"] == operation_id
    assert await connection.fetchval("select actor from log.record where id = $1", operation_id) == "li"
    assert status == 0


@pytest.mark.parametrize("workers", [1, 2])
async def test_stopping_answers_and_records_what_is_under_way(
    settings: Mapping[str, str], connection: asyncpg.Connection, workers: int
) -> None:
    async with serving(settings, "--workers", str(workers)) as server:
        await _ask(server)
        async with connection.transaction():
            await connection.execute("select from platform.state for update")  # the record has to wait for this
            asked = asyncio.create_task(_ask(server))
            await _until_waiting(connection)
            ended = asyncio.create_task(server.end())
            await asyncio.sleep(0.5)
            assert not asked.done()
        answer, status = await asked, await ended

    assert (answer.status_code, status) == (200, 0)
    assert await connection.fetchval("select count(*) from log.record") == 2


async def test_what_is_still_read_when_the_time_to_stop_is_over_is_given_up(home: Path, shared_sample_url: str) -> None:
    settings = {"YISHU_DATABASE_URL": shared_sample_url, "YISHU_HOME": str(home), "YISHU_DRAIN_TIMEOUT_S": "1"}
    connection = await asyncpg.connect(shared_sample_url)
    async with serving(settings) as server, asyncio.timeout(20):
        await _ask(server)
        async with connection.transaction():
            await connection.execute("lock table pool_civil_affairs.division in access exclusive mode")
            reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(server.url).port)
            writer.write(request_of(b'{"query": "{ places(first: 1) { nodes { code } } }"}'))  # in one piece
            await _until_waiting(connection)
            started = time.monotonic()
            status = await server.end()
            ended_s = time.monotonic() - started
        answer = await reader.read()
        writer.close()
    await connection.close()

    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b'"code":"LOG_UNAVAILABLE"' in answer
    assert (status, ended_s < 8) == (0, True)  # a pool whose connections are in use is given ten


async def _until_waiting(connection: asyncpg.Connection) -> None:
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    for _ in range(500):
        await connection.execute("select pg_stat_clear_snapshot()")  # a transaction sees who waits as it saw it first
        if await connection.fetchval(waiting):
            return
        await asyncio.sleep(0.02)
    pytest.fail("the record never had to wait")


async def test_the_demo_prints_tokens_that_work(home: Path, shared_sample_url: str) -> None:
    settings = {"YISHU_DATABASE_URL": shared_sample_url, "YISHU_HOME": str(home)}
    async with serving(settings, command="demo") as server:
        public = await _ask(server)
        token = demo_token(Settings(home=home), Claims("education"), 60)
        education = await _ask(server, {"authorization": f"Bearer {token}"})
        await server.end()
        printed = await server.printed()
        tokens = [line for line in printed.splitlines() if line.count(".") == 2 and line.startswith("ey")]

    assert (public.status_code, education.status_code) == (200, 200)
    assert [jwt.decode(each, options={"verify_signature": False})["dept"] for each in tokens] == [
        "market-regulation",
        "education",
        "town-330784105",
        "audit",
    ]
    assert f"Open {server.url}/graphql in a browser" in printed
    assert QUERY in printed


async def test_workers_end_when_their_parent_is_killed(settings: Mapping[str, str]) -> None:
    async with serving(settings, "--workers", "2") as server:
        await _ask(server)
        await server.end(signal.SIGKILL)

        for _ in range(200):
            try:
                await _ask(server)
            except (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError):
                break
            await asyncio.sleep(0.05)
        else:
            pytest.fail("a worker still answers")


async def test_a_killed_server_is_not_in_the_way_of_the_next(home: Path) -> None:
    settings = {"YISHU_HOME": str(home)}
    async with serving(settings) as server:
        answered = await _ask(server)
        await server.end(signal.SIGKILL)

    async with serving(settings) as server:
        again = await _ask(server)
        status = await server.end(signal.SIGINT)

    assert (answered.status_code, again.status_code, status) == (200, 200, 0)


async def test_without_its_database_it_says_unavailable_and_recovers(
    settings: Mapping[str, str], connection: asyncpg.Connection, postgresql: TestServer
) -> None:
    database = await connection.fetchval("select current_database()")
    async with serving(settings) as server:
        await _ask(server)
        await postgresql.execute(f"alter database {database} allow_connections false")
        await postgresql.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'")
        away = await _ask(server)
        await postgresql.execute(f"alter database {database} allow_connections true")
        async with httpx.AsyncClient(base_url=server.url, timeout=10) as client:
            probe = await client.get("/health/ready")
        back = await _ask(server)

    assert (away.status_code, away.json()["errors"][0]["extensions"]["code"]) == (503, "LOG_UNAVAILABLE")
    assert probe.status_code == 200
    assert back.status_code == 200
