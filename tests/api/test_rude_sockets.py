"""Clients that ask wrongly for a WebSocket, or write without reading, are cut off; the server keeps nothing of them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.config import Settings
from tests.api.listening import Listening, listening
from tests.api.socket_client import PROTOCOL, quiet, until

UPGRADE = (
    b"host: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
    b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: " + PROTOCOL.encode() + b"\r\n"
)
GET = b"GET /graphql HTTP/1.1\r\n" + UPGRADE
QUESTION = b'{"query":"{ hello }"}'
POST = (
    b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\n\r\n" % len(QUESTION) + QUESTION
)
PING = b"\x89\xfd\0\0\0\0" + b"x" * 125
EMPTY_START, EMPTY_PIECE = b"\x01\x80\0\0\0\0", b"\x00\x80\0\0\0\0"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Listening]:
    async with listening(Settings(home=tmp_path)) as opened:
        yield opened


async def _answer(server: Listening, *sent: bytes) -> bytes:
    """All that the server says until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        writer.writelines(sent)
        return await asyncio.wait_for(reader.read(), 5)
    finally:
        writer.close()


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /graphql HTTP/1.1\r\ncontent-length: 0\r\n" + UPGRADE + b"\r\n",
        b"POST /graphql HTTP/1.1\r\ncontent-length: 2\r\n" + UPGRADE + b"\r\n{}",
        b"HEAD /graphql HTTP/1.1\r\n" + UPGRADE + b"\r\n",
        GET + b"x: " + b"x" * 9_000 + b"\r\n\r\n",
        GET + b"x: x\r\n" * 200 + b"\r\n",
        GET.replace(b"version: 13", b"version: 8") + b"\r\n",
        GET.replace(b"AAAA==", b"AAAA") + b"\r\n",
    ],
    ids=["POST", "POST with a body", "HEAD", "long header", "many headers", "old version", "bad key"],
)
async def test_a_websocket_asked_for_wrongly_is_refused_and_the_connection_closed(
    server: Listening, request_: bytes
) -> None:
    told = await _answer(server, request_)

    assert told.startswith(b"HTTP/1.1 4")


async def test_no_websocket_is_opened_while_a_reply_is_still_to_come(server: Listening) -> None:
    told = await _answer(server, POST + GET + b"\r\n")

    assert b"101" not in told
    await quiet(server)


async def _flood(server: Listening, first: bytes, piece: bytes) -> int:
    """How many bytes the server takes of a client that writes and never reads, before it cuts it off."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(GET + b"\r\n")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # asyncio's own transports can
    writer.write(first)
    taken = 0
    try:
        while taken < 1 << 26:
            writer.write(piece * 500)
            await asyncio.wait_for(writer.drain(), 5)
            taken += len(piece) * 500
    except ConnectionError:
        pass
    finally:
        writer.close()
    return taken


async def test_who_pings_and_reads_no_pong_is_cut_off(server: Listening) -> None:
    assert await _flood(server, b"", PING) < 1 << 25
    await until(lambda: server.streams.open == 0)


async def test_who_sends_a_message_in_endless_pieces_is_cut_off(server: Listening) -> None:
    assert await _flood(server, EMPTY_START, EMPTY_PIECE) < 1 << 22
    await until(lambda: server.streams.open == 0)
