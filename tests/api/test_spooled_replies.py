"""An answer that is spooled leaves with its length, as fast as its client takes it, and leaves nothing behind."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.config import Settings
from api.question import Answer
from api.spool import SpoolSpace
from api.spooled import SpooledAnswer
from resolvers.pieces import Piece
from tests.api.listening import Listening, listening
from tests.api.socket_client import until

_VALUE = "x" * 20_000_000
_WHOLE = b'{"data":{"large":"' + _VALUE.encode() + b'"}}'
_ASKED = b'{"query":"{ hello }"}'
_HEAD = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 21\r\n\r\n"
# In one piece it goes the short way, in two the server's.
_WAYS = ((_HEAD + _ASKED,), (_HEAD, _ASKED))


@pytest.fixture
def space(tmp_path: Path) -> SpoolSpace:
    """Where answers are."""
    return SpoolSpace(tmp_path / "spool", memory_bytes=1)


@pytest.fixture
async def served(tmp_path: Path, space: SpoolSpace) -> AsyncIterator[Listening]:
    """A server whose answer is a large one."""
    async with listening(Settings(home=tmp_path)) as opened:
        spooled = SpooledAnswer(space)
        await spooled.take(Piece(("large",), b'{"large":', range(0), str, None), _VALUE, [])
        await spooled.complete(b'{"data":', b"}}")
        opened.service.given = Answer(b"", "operation-1", None, spooled=spooled)
        yield opened


@pytest.fixture(params=_WAYS, ids=["short", "long"])
async def asked(
    request: pytest.FixtureRequest, served: Listening
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection over which it has been asked for."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    for part in request.param:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0.05)
    yield reader, writer
    writer.transport.abort()


async def test_it_has_its_length_and_every_byte_and_the_connection_goes_on(
    served: Listening, space: SpoolSpace, asked: tuple[asyncio.StreamReader, asyncio.StreamWriter]
) -> None:
    reader, writer = asked

    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(len(_WHOLE))
    served.service.given = None
    writer.write(_HEAD + _ASKED)

    assert b"content-length: %d\r\n" % len(_WHOLE) in head
    assert b"x-operation-id: operation-1" in head
    assert b"transfer-encoding" not in head
    assert body == _WHOLE
    assert b'{"data":{"hello":"hello world"}}' in await reader.read(10_000)
    assert space.used_bytes == 0


async def test_a_client_that_does_not_read_holds_no_memory_and_leaves_nothing_behind(
    served: Listening, space: SpoolSpace, asked: tuple[asyncio.StreamReader, asyncio.StreamWriter]
) -> None:
    reader, writer = asked
    await reader.readexactly(1000)
    await asyncio.sleep(0.2)
    (protocol,) = served.server.server_state.connections
    assert protocol.transport.get_write_buffer_size() < 1 << 20
    assert space.used_bytes > len(_VALUE)

    writer.transport.abort()

    await until(lambda: space.used_bytes == 0)
    await until(lambda: not served.server.server_state.tasks)
