"""Subscriptions of a server as its operator runs it, over both transports, until it stops."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import asyncpg
import httpx
import orjson
import pytest
from websockets.asyncio.client import connect

from api.config import Settings
from api.tokens import Claims, demo_token
from policies.store import ensure_default
from tests.api.server_process import serving
from tests.api.socket_client import PROTOCOL, closed, heard, say, subscribe

_WATCHED = {"query": "subscription { changed(where: {places: {}}) { nodes { ... on Place { name } } } }"}


@pytest.fixture
async def settings(tmp_path: Path, database_url: str, connection: asyncpg.Connection) -> Mapping[str, str]:
    await ensure_default(connection)
    return {"YISHU_DATABASE_URL": database_url, "YISHU_HOME": str(tmp_path / "home")}


async def _name_a_place(connection: asyncpg.Connection, name: str) -> None:
    async with connection.transaction():
        await connection.execute("select platform.begin_batch()")
        await connection.execute(
            "insert into pool_civil_affairs.division (code, name, level) values ('99', $1, 'province')"
            " on conflict (code) do update set name = excluded.name, __epoch = default",
            name,
        )
        await connection.execute("select platform.end_batch('collection')")


def _names(payload: object) -> list[str]:
    assert isinstance(payload, dict)
    return [each["name"] for each in payload["data"]["changed"]["nodes"]]


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_every_worker_tells_its_subscribers_until_it_stops(
    settings: Mapping[str, str], connection: asyncpg.Connection, workers: str
) -> None:
    token = "Bearer " + demo_token(Settings(home=Path(settings["YISHU_HOME"])), Claims("education", user="li"), 60)
    async with serving(settings, "--workers", workers) as server, httpx.AsyncClient(timeout=10) as client:
        address = server.url.replace("http", "ws") + "/graphql"
        sockets = [await connect(address, subprotocols=[PROTOCOL]) for _ in range(4)]
        for socket in sockets:
            await say(socket, {"type": "connection_init", "payload": {"Authorization": token}})
            await heard(socket)
            await say(socket, subscribe("1", _WATCHED))
        headers = {"accept": "text/event-stream", "authorization": token}
        async with client.stream("POST", f"{server.url}/graphql", json=_WATCHED, headers=headers) as stream:
            await _until_recorded(connection, 5)
            lines = stream.aiter_lines()
            told: list[list[str]] = []
            for name in ("一", "二"):
                await _name_a_place(connection, name)
                for socket in sockets:
                    message = await heard(socket)
                    assert isinstance(message, dict)
                    told.append(_names(message["payload"]))
                line = await _data(lines)
                told.append(_names(orjson.loads(line)))
            recorded = await connection.fetchval("select count(*) from log.record where shown > 0 and actor = 'li'")
            ended = asyncio.create_task(server.end(with_workers=False))
            codes = [(await closed(socket))[0] for socket in sockets]
            status = await asyncio.wait_for(ended, 10)

    assert told == [["一"]] * 5 + [["二"]] * 5
    assert recorded == 10
    assert (set(codes), status) == ({1012}, 0)


@pytest.mark.parametrize(
    ("document", "opening", "ending"),
    [
        ("{ catalog { departments { nodes { code } } } }", b'{"id":"1","type":"next","payload":', b"}"),
        ("{ nothing }", b'{"id":"1","type":"error","payload":', b""),
        ("subscription { changed { epoch } }", b'{"id":"1","type":"error","payload":', b""),
    ],
)
async def test_whoever_was_told_over_a_socket_can_check_the_digest_in_the_log(
    settings: Mapping[str, str], connection: asyncpg.Connection, document: str, opening: bytes, ending: bytes
) -> None:
    async with serving(settings) as server:
        socket = await connect(server.url.replace("http", "ws") + "/graphql", subprotocols=[PROTOCOL])
        await say(socket, {"type": "connection_init"})
        await heard(socket)
        await say(socket, subscribe("1", {"query": document}))
        told = str(await asyncio.wait_for(socket.recv(), 5)).encode()
        await socket.close()

    assert told.startswith(opening)
    body = told.removeprefix(opening).removesuffix(ending)
    body = body if ending else b'{"errors":' + body
    operation_id = orjson.loads(body)["extensions"]["receipt"]["operationId"]
    digest = await connection.fetchval("select response_digest from log.record where id = $1", operation_id)
    assert digest == hashlib.sha256(body).digest()


async def _until_recorded(connection: asyncpg.Connection, count: int) -> None:
    for _ in range(500):
        if await connection.fetchval("select count(*) from log.record") >= count:
            return
        await asyncio.sleep(0.02)
    pytest.fail("not every subscription began")


async def _data(lines: AsyncIterator[str]) -> str:
    async for line in lines:
        if line.startswith("data: {"):
            return str(line.removeprefix("data: "))
    pytest.fail("the stream ended")
