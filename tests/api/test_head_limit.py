"""A head may have 64 KiB, to the byte and however it arrives; who sends more is told so. A body has its own limit."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.config import Settings
from api.watch import HEAD_LIMIT_BYTES
from tests.api.listening import Listening, listening
from tests.api.wire import LAST, request_of, send

_PROBE = b"GET /health/live?%b HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx: %b\r\n\r\n"
_FRAME_BYTES = len(_PROBE % (b"", b""))
_CHUNKED = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Listening]:
    async with listening(Settings(home=tmp_path, request_timeout_s=0.4, body_limit_bytes=100_000)) as opened:
        yield opened


def _probe(size_bytes: int, *, is_long_url: bool) -> bytes:
    filling = b"x" * (size_bytes - _FRAME_BYTES)
    return _PROBE % ((filling, b"") if is_long_url else (b"", filling))


def _statuses(answer: bytes) -> list[int]:
    return list(map(int, re.findall(rb"HTTP/1.1 (\d+)", answer)))


_TOO_LARGE = [HEAD_LIMIT_BYTES + 1, 70_000, 128 << 10, 1_000_000]


@pytest.mark.parametrize("size_bytes", [HEAD_LIMIT_BYTES, *_TOO_LARGE])
@pytest.mark.parametrize("is_long_url", [False, True])
@pytest.mark.parametrize("cuts", [(), (60_000,), (-1,), (9, 30_000, 50_000)])
async def test_a_head_has_its_limit_however_it_arrives(
    served: Listening, size_bytes: int, cuts: tuple[int, ...], *, is_long_url: bool
) -> None:
    head = _probe(size_bytes, is_long_url=is_long_url)
    pieces = [head[start:end] for start, end in zip((0, *cuts), (*cuts, size_bytes), strict=True)]

    answer = await send(served.port, *pieces, pause_s=0.01)

    assert _statuses(answer) == [431 if size_bytes > HEAD_LIMIT_BYTES else 200]


@pytest.mark.parametrize("size_bytes", [40_000, 70_000, 200_000])
@pytest.mark.parametrize("cut", [0, 20_000])
async def test_a_head_behind_a_request_has_its_limit_too(served: Listening, size_bytes: int, cut: int) -> None:
    head = _probe(size_bytes, is_long_url=False)

    answer = await send(served.port, request_of() + head[:cut], head[cut:])

    assert _statuses(answer) == [200, 431 if size_bytes > HEAD_LIMIT_BYTES else 200]


async def test_a_large_body_takes_nothing_from_the_heads_around_it(served: Listening) -> None:
    body = b'{"query": "{ hello }"' + b" " * 90_000 + b"}"

    answer = await send(served.port, request_of(body) * 3 + _probe(60_000, is_long_url=True))

    assert _statuses(answer) == [200] * 4


@pytest.mark.parametrize("declared", [b"100001", b"268000000", b"18446744073709551615"])
async def test_a_declared_body_beyond_its_limit_is_refused_before_it_comes(served: Listening, declared: bytes) -> None:
    head = _CHUNKED.replace(b"transfer-encoding: chunked", b"content-length: " + declared)

    assert _statuses(await send(served.port, head.replace(b"host", LAST + b"host") + b"{")) == [413]


async def test_chunks_are_refused_when_more_has_come_than_a_body_may_have(served: Listening) -> None:
    last = _CHUNKED.replace(b"host", LAST + b"host")

    announced = await send(served.port, last + b"10000000\r\n{")
    come = await send(served.port, last + b"10000000\r\n" + b" " * 100_001)
    impossible = await send(served.port, last + b"10000000000000000\r\n{")

    assert _statuses(announced) == [504]  # the parser does not tell what a chunk announces
    assert _statuses(come) == [413]
    assert _statuses(impossible) == [400]
