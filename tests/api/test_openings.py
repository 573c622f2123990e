"""An answer whose beginning is kept, and shared with others, leaves in pieces and arrives as one, whatever its way."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from api.config import Settings
from api.question import Answer
from tests.api.listening import Listening, listening

_OPENING = (b'{"data":{', b'"a":"', b"x" * 3_000_000, b'"')
_ENDING = b'},"extensions":{"receipt":{"operationId":"operation-1"}}}'
_WHOLE = b"".join((*_OPENING, _ENDING))
_ASKED = b'{"query":"{ hello }"}'
_HEAD = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 21\r\n\r\n"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Listening]:
    """A server that has such an answer."""
    async with listening(Settings(home=tmp_path)) as opened:
        opened.service.given = Answer(_ENDING, "operation-1", None, opening=_OPENING)
        yield opened


# In one piece a request goes the short way, in two the server's.
@pytest.mark.parametrize("parts", [(_HEAD + _ASKED,), (_HEAD, _ASKED)], ids=["short", "long"])
async def test_it_has_its_length_and_every_byte_each_time(served: Listening, parts: tuple[bytes, ...]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    for _ in range(2):
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.05)
        head = await reader.readuntil(b"\r\n\r\n")

        assert b"content-length: %d\r\n" % len(_WHOLE) in head
        assert b"transfer-encoding" not in head
        assert await reader.readexactly(len(_WHOLE)) == _WHOLE
    writer.close()


async def test_it_is_one_event_of_a_stream(served: Listening) -> None:
    headers = {"content-type": "application/json", "accept": "text/event-stream"}
    async with httpx.AsyncClient() as client:
        told = await client.post(served.url, content=_ASKED, headers=headers)

    assert told.content.startswith(b"event: next\ndata: " + _WHOLE + b"\n\n")
