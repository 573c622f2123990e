"""A request that comes in one piece takes the short way, any other the server's: answers are the same to the byte."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from api import sending
from api.config import Settings
from api.heads import Heads
from api.incoming import Incoming, RawHeaders, Whole
from api.protocol import BoundedProtocol
from api.reply import Headers, Reply
from api.server import Address, listen, url_of
from tests.api.listening import Listening, listening
from tests.api.wire import BODY, LAST, request_of, send

_LARGE_BYTES = 20_000_000


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Listening]:
    async with listening(Settings(home=tmp_path, request_timeout_s=0.5, body_limit_bytes=100_000)) as opened:
        yield opened


def _without_date(answer: bytes) -> list[bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return [*sorted(line for line in head.split(b"\r\n") if not line.startswith(b"date:")), body]


async def test_both_ways_answer_the_same(served: Listening) -> None:
    whole = request_of(BODY, LAST)

    short = await send(served.port, whole)
    pieces = [await send(served.port, whole[:at], whole[at:]) for at in (5, 60, len(whole) - 9, len(whole) - 1)]

    assert b'{"data":{"hello":"hello world"}}' in short
    assert all(_without_date(each) == _without_date(short) for each in pieces)


async def test_requests_in_a_row_are_answered_in_their_order_whatever_way_they_take(served: Listening) -> None:
    named = [json.dumps({"query": f'{{ hello(name: "{number}") }}'}).encode() for number in range(4)]
    probe = b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n"
    requests = [request_of(named[0]), request_of(named[1]), probe, request_of(named[2]), request_of(named[3], LAST)]

    answer = await send(served.port, b"".join(requests))

    told = [answer.index(b"hello %d" % number) for number in range(4)]
    assert told == sorted(told)
    assert told[1] < answer.index(b"live") < told[2]


async def test_what_is_sent_again_and_again_is_answered_each_time_by_what_it_says(served: Listening) -> None:
    named = [request_of(json.dumps({"query": f'{{ hello(name: "{number}") }}'}).encode()) for number in range(6)]
    last = request_of(json.dumps({"query": '{ hello(name: "9") }'}).encode(), LAST)
    halves = [named[5][:40], named[5][40:]]

    answer = await send(served.port, *named[:3], named[3] + named[4], *halves, b"\r\n" + named[0], named[1], last)

    told = re.findall(rb'"hello (\d)"', answer)
    assert told == [b"0", b"1", b"2", b"3", b"4", b"5", b"0", b"1", b"9"]


async def test_a_head_met_before_does_not_lend_its_token(served: Listening) -> None:
    with_token = request_of(BODY, b"authorization: Bearer x\r\n")

    answer = await send(served.port, request_of(), request_of(), with_token, with_token, request_of(BODY, LAST))

    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"200", b"200", b"401", b"401", b"200"]


async def test_trailers_say_nothing_of_who_asks(served: Listening) -> None:
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n"
    chunk = b"transfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (len(BODY), BODY)
    trailers = b"0\r\nauthorization: Bearer x\r\naccept: text/event-stream\r\n\r\n"

    whole, parted = await send(served.port, head + chunk + trailers), await send(served.port, head + chunk, trailers)

    assert whole.startswith(b"HTTP/1.1 200")
    assert _without_date(whole) == _without_date(parted)


async def test_a_websocket_on_a_connection_that_was_used_stays_open(tmp_path: Path) -> None:
    upgrade = (
        b"GET /graphql HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
        b"sec-websocket-version: 13\r\n"
        b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n"
    )
    async with listening(Settings(home=tmp_path), keep_alive_s=1) as opened:
        reader, writer = await asyncio.open_connection("127.0.0.1", opened.port)
        writer.write(request_of())
        assert b"200 OK" in await reader.readuntil(b"}}")
        writer.write(upgrade)
        assert b"101" in await reader.readuntil(b"\r\n\r\n")

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(), 1.5)
        writer.close()


async def test_a_client_of_the_old_version_is_hung_up_on(served: Listening) -> None:
    answer = await send(served.port, request_of(version=b"1.0"))

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"connection: close" in answer


async def test_a_body_is_bounded_whatever_way_it_takes(served: Listening) -> None:
    long = b" " * (served.settings.body_limit_bytes + 1)

    assert b" 413 " in await send(served.port, request_of(long, LAST))
    assert b" 413 " in await send(served.port, request_of(long, LAST)[:500], request_of(long, LAST)[500:])


async def test_a_question_that_takes_too_long_is_given_up_and_the_connection_goes_on(served: Listening) -> None:
    slow = json.dumps({"query": "{ slow(seconds: 9) }"}).encode()

    answer = await send(served.port, request_of(slow), request_of(BODY, LAST), pause_s=0.01)

    assert answer.startswith(b"HTTP/1.1 504 ")
    assert answer.index(b'"TIMEOUT"') < answer.index(b"hello world")
    assert served.service.given_up


async def test_a_body_that_never_ends_is_given_up(served: Listening) -> None:
    answer = await send(served.port, request_of(BODY, LAST)[:-3], pause_s=0.7)

    assert b'"TIMEOUT"' in answer


async def test_a_client_that_has_gone_is_not_answered_and_disturbs_nobody(served: Listening) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(request_of(json.dumps({"query": "{ slow(seconds: 9) }"}).encode()))
    await asyncio.sleep(0.1)
    writer.close()
    await asyncio.sleep(0.6)

    assert served.metrics.in_flight == 0
    assert b"hello world" in await send(served.port, request_of(BODY, LAST))


async def test_an_idle_connection_is_closed_after_its_time_and_not_before(tmp_path: Path) -> None:
    async with listening(Settings(home=tmp_path), keep_alive_s=1) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        for _ in range(3):
            writer.write(request_of())
            assert b"200 OK" in await reader.readuntil(b"}}")
            await asyncio.sleep(0.6)
        began = asyncio.get_running_loop().time()
        assert await asyncio.wait_for(reader.read(), 5) == b""
        assert asyncio.get_running_loop().time() - began < 3
        writer.close()


async def test_a_shutdown_waits_for_the_answer_and_closes_what_is_idle(tmp_path: Path) -> None:
    async with listening(Settings(home=tmp_path, request_timeout_s=0.5)) as served:
        idle, held = await asyncio.open_connection("127.0.0.1", served.port)
        held.write(request_of())
        await idle.readuntil(b"}}")
        slow = send(served.port, request_of(json.dumps({"query": "{ slow(seconds: 9) }"}).encode()), pause_s=0)
        answering = asyncio.create_task(slow)
        await asyncio.sleep(0.1)
        served.server.should_exit = True

        assert b'"TIMEOUT"' in await answering
        assert await asyncio.wait_for(idle.read(), 5) == b""
        held.close()


class _Large:
    """An application whose answers are larger than what goes into one write."""

    def __init__(self) -> None:
        self.heads = Heads()

    def begin(self, incoming: Whole, replied: Callable[[Reply | None], None]) -> None:
        reply = Reply(200, b"x" * _LARGE_BYTES, "text/plain")
        asyncio.get_running_loop().call_soon(replied, reply)

    def more_headers(self, incoming: Incoming) -> Headers:
        return ()

    def routed(self, method: bytes, target: bytes, headers: RawHeaders) -> "_Large | None":
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("only the short way is open")


@asynccontextmanager
async def _large_ones() -> AsyncIterator[tuple[int, uvicorn.Server]]:
    listener = listen(Address(port=0))
    config = uvicorn.Config(
        _Large(),
        http=BoundedProtocol,
        lifespan="off",
        ws="none",
        log_config=None,
        interface="asgi3",
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield int(url_of(listener).rpartition(":")[2]), server
    finally:
        server.should_exit = True
        await serving


async def test_who_does_not_take_the_last_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "longest_to_take_s", lambda _: 0.3)
    async with _large_ones() as (port, server):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(request_of(BODY, LAST))
        for _ in range(100):
            await asyncio.sleep(0.02)
            if server.server_state.connections and server.server_state.total_requests:
                break

        for _ in range(100):
            if not server.server_state.connections:
                break
            await asyncio.sleep(0.02)
        assert not server.server_state.connections
        assert not reader.at_eof()
        writer.close()


async def test_who_takes_no_answer_gets_no_second_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "SEND_TIMEOUT_S", 0.3)
    async with _large_ones() as (port, server):
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        for _ in range(2):
            writer.write(request_of())
            await asyncio.sleep(0.3)

        for _ in range(100):
            if not server.server_state.connections:
                break
            await asyncio.sleep(0.02)
        assert not server.server_state.connections
        writer.close()


async def test_a_large_answer_waits_for_a_slow_reader_and_comes_whole() -> None:
    async with _large_ones() as (port, _):
        answer = await send(port, request_of(BODY, LAST), pause_s=0.3)

    assert answer.endswith(b"\r\n" + b"x" * _LARGE_BYTES)
