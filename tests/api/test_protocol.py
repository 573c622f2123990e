"""Whatever a client sends instead of a request, or however slowly: it is told so, cut off, and the server stays up."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from api import watch
from api.protocol import BoundedProtocol
from api.server import Address, listen, url_of
from api.watch import HEAD_LIMIT_BYTES

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
    monkeypatch.setattr(watch, "HEAD_TIMEOUT_S", 0.2)

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


@pytest.mark.parametrize("trailers", [b"x: 1\r\n" * 100_000, b"x: " + b"1" * 1_000_000])
async def test_endless_trailers_are_cut_off(port: int, trailers: bytes) -> None:
    chunked = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n"

    assert await _send(port, chunked, trailers) == b""


async def test_a_body_of_single_bytes_is_taken(port: int) -> None:
    chunked = GET.replace(b"GET", b"POST") + b"connection: close\r\ntransfer-encoding: chunked\r\n\r\n"

    answer = await _send(port, chunked + b"1\r\nx\r\n" * 50_000 + b"0\r\n\r\n")

    assert answer.endswith(b"00050000")


async def test_a_long_body_does_not_count_for_the_head_behind_it(port: int) -> None:
    first = GET.replace(b"GET", b"POST") + b"content-length: %d\r\n\r\n" % (70 << 10) + b"x" * (70 << 10)
    second = GET + b"connection: close\r\n\r\n"

    answer = await _send(port, first + second[:9], second[9:])

    assert answer.count(b"200 OK") == 2


async def test_each_head_has_its_own_time(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "HEAD_TIMEOUT_S", 0.5)
    head = GET + b"\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    for piece in (head[:9], head[9:] + head[:9], head[9:] + head[:9], head[9:] + GET, b"connection: close\r\n\r\n"):
        writer.write(piece)
        await asyncio.sleep(0.3)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()

    assert answer.count(b"200 OK") == 4


async def test_what_follows_the_wish_for_another_protocol_is_no_request(port: int) -> None:
    inner = GET + b"connection: close\r\n\r\n"
    wish = GET.replace(b"GET", b"POST") + b"connection: upgrade\r\nupgrade: foo\r\ncontent-length: %d\r\n\r\n"

    answer = await _send(port, wish % len(inner), inner)

    assert answer.count(b"HTTP/1.1 ") == 1
