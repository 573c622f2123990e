"""A client of graphql-transport-ws that says what it is told to, allowed or not."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.api.listening import Listening

PROTOCOL = Subprotocol("graphql-transport-ws")


@asynccontextmanager
async def connected(server: Listening, **headers: str) -> AsyncIterator[ClientConnection]:
    """A connection that is not initialised."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with connect(
        server.socket_url, subprotocols=[PROTOCOL], additional_headers=sent, compression=None
    ) as connection:
        yield connection


@asynccontextmanager
async def ready(server: Listening, payload: object = None) -> AsyncIterator[ClientConnection]:
    """A connection that is."""
    async with connected(server) as connection:
        await say(connection, {"type": "connection_init", "payload": payload})
        assert await heard(connection) == {"type": "connection_ack"}
        yield connection


async def say(connection: ClientConnection, message: Mapping[str, object]) -> None:
    """Sends a message."""
    await connection.send(orjson.dumps(message).decode())


async def heard(connection: ClientConnection) -> object:
    """The next message."""
    return orjson.loads(await asyncio.wait_for(connection.recv(), 5))


async def closed(connection: ClientConnection) -> tuple[int, str]:
    """The code and reason it is closed with."""
    await asyncio.wait_for(connection.wait_closed(), 5)
    assert connection.close_code is not None
    return connection.close_code, connection.close_reason or ""


async def quiet(server: Listening) -> None:
    """Waits until nobody is connected and nothing is under way."""
    await until(lambda: (server.streams.open, server.streams.operations, server.service.waiting) == (0, 0, 0))


async def until(holds: Callable[[], bool]) -> None:
    """Waits until something holds."""
    for _ in range(250):
        if holds():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it never came to that")


def subscribe(name: str, payload: Mapping[str, object]) -> Mapping[str, object]:
    """The message that begins an operation."""
    return {"id": name, "type": "subscribe", "payload": payload}
