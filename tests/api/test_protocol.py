"""Whatever a client sends instead of a request, or however slowly: it is told so, cut off, and the server stays up."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from api import protocol
from api.protocol import HEAD_LIMIT_BYTES, BoundedProtocol
from api.server import Address, listen, url_of

GET = b"GET / HTTP/1.1\r\nhost: x\r\n"


async def _application(scope: Scope, receive: Receive, send: Send) -> None:
    body = b""
    while (message := await receive()).get("more_body"):
        body += message["body"]
    body += message.get("body", b"")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"8")]})
    await send({"type": "http.response.body", "body": b"%08d" % len(body)})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    listener = listen(Address(port=0))
    config = uvicorn.Config(_application, http=BoundedProtocol, lifespan="off", ws="none", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield int(url_of(listener).rpartition(":")[2])
    finally:
        server.should_exit = True
        await serving


async def _send(port: int, *chunks: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b""
    finally:
        writer.close()


def _refusal(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), json.loads(body)["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x02\x00\x01", b"HELLO\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\r\nx y z\r\n\r\n"]
)
async def test_what_is_not_http_is_told_so(port: int, garbage: bytes) -> None:
    assert _refusal(await _send(port, garbage)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("name", ["many", "long", "line"])
async def test_a_head_beyond_the_limit_is_cut_off(port: int, name: str) -> None:
    endless = {
        "many": GET + b"x: 1\r\n" * HEAD_LIMIT_BYTES,
        "long": GET + b"x: " + b"1" * HEAD_LIMIT_BYTES,
        "line": b"GET /" + b"x" * HEAD_LIMIT_BYTES,
    }[name]

    answer = await _send(port, endless)

    assert answer == b"" or _refusal(answer) == (431, "BAD_REQUEST")
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"http://127.0.0.1:{port}/")).text == "00000000"


async def test_a_head_that_comes_too_slowly_is_cut_off(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_TIMEOUT_S", 0.2)

    silent, slow = await asyncio.gather(_send(port), _send(port, GET))

    assert _refusal(silent) == _refusal(slow) == (408, "BAD_REQUEST")


async def test_a_long_body_is_no_head(port: int) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(3):
            answer = await client.post(f"http://127.0.0.1:{port}/", content=b"x" * (8 * HEAD_LIMIT_BYTES))
            assert answer.text == f"{8 * HEAD_LIMIT_BYTES:08d}"


async def test_requests_one_behind_the_other_are_each_answered(port: int) -> None:
    answer = await _send(port, (GET + b"\r\n") * 2 + GET + b"connection: close\r\n\r\n")

    assert answer.count(b"200 OK") == 3
