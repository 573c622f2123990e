"""A head that two readers could take for different things is refused, whatever way its request takes."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.config import Settings
from tests.api.listening import Listening, listening
from tests.api.wire import BODY, LAST, request_of, send

_TOKEN = b"authorization: Bearer x\r\n"
_CODED = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n%b\r\n"
_CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Listening]:
    async with listening(Settings(home=tmp_path)) as opened:
        yield opened


def _without_host(version: bytes) -> bytes:
    return request_of(BODY, LAST, version=version).replace(b"host: x\r\n", b"")


_FAULTY = {
    "two tokens": request_of(BODY, LAST, _TOKEN, b"Authorization: Bearer y\r\n"),
    "one token twice": request_of(BODY, LAST, _TOKEN, _TOKEN),
    "two types": request_of(BODY, LAST, b"Content-Type: text/plain\r\n"),
    "two hosts": request_of(BODY, LAST, b"Host: y\r\n"),
    "two hosts of the old version": request_of(BODY, LAST, b"Host: y\r\n", version=b"1.0"),
    "no host": _without_host(b"1.1"),
    "no host of a probe": b"GET /health/live HTTP/1.1\r\nconnection: close\r\n\r\n",
    "no host of a WebSocket": b"GET /graphql HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
}


@pytest.mark.parametrize("name", _FAULTY)
@pytest.mark.parametrize("at", [0, 9, -1])
async def test_what_may_be_given_once_alone_must_be(served: Listening, name: str, at: int) -> None:
    faulty = _FAULTY[name]

    answer = await send(served.port, faulty[:at], faulty[at:])

    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"400"]
    assert b'"BAD_REQUEST"' in answer
    assert not served.service.questions


@pytest.mark.parametrize(
    "coding",
    [
        b"transfer-encoding: gzip, chunked\r\n",
        b"transfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n",
        b"Transfer-Encoding: identity, chunked\r\n",
    ],
)
async def test_a_transfer_coding_that_nobody_decodes_is_told(served: Listening, coding: bytes) -> None:
    answer = await send(served.port, _CODED % coding + _CHUNKS)

    assert answer.startswith(b"HTTP/1.1 501 ")
    assert not served.service.questions


async def test_chunks_are_read_whatever_the_letters_of_their_name(served: Listening) -> None:
    answer = await send(served.port, _CODED % b"Transfer-Encoding: Chunked\r\n" + _CHUNKS)

    assert b"hello world" in answer


async def test_the_old_version_needs_no_host(served: Listening) -> None:
    assert b"hello world" in await send(served.port, _without_host(b"1.0"))


async def test_a_faulty_head_behind_a_good_request_takes_nothing_from_it(served: Listening) -> None:
    answer = await send(served.port, request_of() + _FAULTY["two tokens"])

    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"200", b"400"]
    assert answer.index(b"hello world") < answer.index(b"authorization is given more than once")
