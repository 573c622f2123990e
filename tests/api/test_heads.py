"""A head that comes again is not parsed again, and means what it meant."""

import asyncio

import pytest

from api.config import Settings
from api.deadlines import Deadlines
from api.endpoint import Endpoint
from api.heads import Heads, Known
from api.incoming import Incoming, RawHeaders, read_head
from api.metrics import Metrics
from api.reply import Reply

HEADERS: RawHeaders = [(b"host", b"x"), (b"content-length", b"2")]
HEAD = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n"


@pytest.fixture
async def known() -> Known:
    async def answer(_: Incoming) -> Reply:
        return Reply(200, b"{}", "application/json")

    deadlines = Deadlines(1, asyncio.get_running_loop())
    return Known(read_head(HEADERS), Endpoint("/graphql", ("POST",), answer, Settings(), Metrics(), deadlines), 2)


def test_a_request_is_known_by_its_head_and_told_from_others_by_its_content(known: Known) -> None:
    heads = Heads()

    heads.learn(HEAD + b"{}", HEADERS, known)

    assert heads.find(HEAD + b"[]") == (known, b"[]")


@pytest.mark.parametrize(
    "data",
    [
        HEAD,
        HEAD + b"{",
        HEAD + b"{}P",
        HEAD.replace(b"host: x", b"host: y") + b"{}",
        b"GET" + HEAD[4:] + b"{}",
        HEAD[:-2] + b"a: b\r\n\r\n{}",
        b"\r\n\r\n" + HEAD + b"{}",
        b"",
    ],
)
def test_nothing_else_is_taken_for_it(known: Known, data: bytes) -> None:
    heads = Heads()
    heads.learn(HEAD + b"{}", HEADERS, known)

    assert heads.find(data) is None


@pytest.mark.parametrize(
    "headers",
    [
        [(b"host", b"x")],
        [(b"content-length", b"2"), (b"content-length", b"2")],
        [(b"content-length", b"+2")],
        [(b"content-length", b"3")],
        [(b"content-length", b"2"), (b"transfer-encoding", b"chunked")],
    ],
)
def test_a_head_whose_headers_leave_the_end_open_is_not_kept(known: Known, headers: RawHeaders) -> None:
    heads = Heads()

    heads.learn(HEAD + b"{}", headers, known)

    assert heads.find(HEAD + b"{}") is None


def test_more_than_one_request_at_a_time_is_not_kept(known: Known) -> None:
    heads = Heads()

    heads.learn(HEAD + b"{}" + HEAD + b"{}", HEADERS, known)

    assert heads.find(HEAD + b"{}") is None
