"""Garbage behind good requests takes nothing from them: their answers come in order, then it is told, then the end."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api import watch
from api.config import Settings
from tests.api.listening import Listening, listening
from tests.api.wire import LAST, request_of, send

_GARBAGE = b"GARBAGE\r\n\r\n"
_PROBE = b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n"
_CHUNKED = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Listening]:
    async with listening(Settings(home=tmp_path, request_timeout_s=0.4)) as opened:
        yield opened


def _asking(document: str, *more: bytes) -> bytes:
    return request_of(json.dumps({"query": document}).encode(), *more)


def _hello(number: int, *more: bytes) -> bytes:
    return _asking(f'{{ hello(name: "{number}") }}', *more)


def _statuses(answer: bytes) -> list[bytes]:
    return re.findall(rb"HTTP/1.1 (\d+)", answer)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("is_known", [False, True])
async def test_the_answers_come_in_order_then_what_was_wrong(served: Listening, count: int, *, is_known: bool) -> None:
    if is_known:
        await send(served.port, *[_hello(0)] * 2, _hello(0, LAST))

    answer = await send(served.port, b"".join(map(_hello, range(count))) + _GARBAGE)

    assert re.findall(rb'"hello (\d)"', answer) == [b"%d" % number for number in range(count)]
    assert _statuses(answer) == [b"200"] * count + [b"400"]
    assert answer.count(b'"BAD_REQUEST"') == 1


@pytest.mark.parametrize(
    "garbage", [_GARBAGE, b"GARB", b"GET / HTTP/1.1\r\nhost x\r\n\r\n", b"POST / HTTP/7.7\r\n\r\n"]
)
@pytest.mark.parametrize("pause_s", [0, 0.05])
async def test_an_answer_that_takes_its_time_is_waited_for(served: Listening, garbage: bytes, pause_s: float) -> None:
    sent = (_asking("{ slow(seconds: 9) }") + garbage,) if not pause_s else (_asking("{ slow(seconds: 9) }"), garbage)

    answer = await send(served.port, *sent, b"AGE\r\n\r\n", _GARBAGE * 9_000, pause_s=pause_s)

    assert _statuses(answer) == [b"504", b"400"]


async def test_answers_that_go_either_way_come_before_it(served: Listening) -> None:
    answer = await send(served.port, _hello(0) + _PROBE + _hello(1) + _PROBE + _GARBAGE)

    assert _statuses(answer) == [b"200"] * 4 + [b"400"]
    assert answer.index(b"hello 0") < answer.index(b"live") < answer.index(b"hello 1")


@pytest.mark.parametrize("before", [1, 2])
async def test_a_request_whose_body_breaks_off_in_garbage_is_told_in_its_turn(served: Listening, before: int) -> None:
    answer = await send(served.port, _hello(7) * before + _CHUNKED + b"zz\r\n")

    assert _statuses(answer) == [b"200"] * before + [b"400"]


async def test_what_comes_behind_the_last_request_is_not_looked_at(served: Listening) -> None:
    answer = await send(served.port, _hello(1) + _hello(2, LAST) + _GARBAGE)

    assert _statuses(answer) == [b"200", b"200"]


async def test_a_slow_head_behind_a_question_does_not_take_its_answer(
    served: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "HEAD_TIMEOUT_S", 0.2)

    answer = await send(served.port, _asking("{ slow(seconds: 9) }") + _PROBE[:9])

    assert _statuses(answer) == [b"504", b"408"]


async def test_a_client_that_goes_meanwhile_disturbs_nobody(served: Listening) -> None:
    for document in ("{ slow(seconds: 9) }", "{ hello late: hello }"):
        _, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(_asking(document) + _GARBAGE)
        await asyncio.sleep(0.1)
        writer.close()
        await asyncio.sleep(0.1)
    for tell in served.service.late:
        tell()
    await asyncio.sleep(1)

    assert served.metrics.in_flight == 0
    assert _statuses(await send(served.port, _hello(1, LAST))) == [b"200"]


async def test_a_shutdown_meanwhile_lets_the_answer_come(served: Listening) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(_asking("{ slow(seconds: 9) }") + _hello(1) + _GARBAGE)
    await asyncio.sleep(0.1)

    await served.stop()
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()

    assert _statuses(answer)[:2] == [b"504", b"200"]
