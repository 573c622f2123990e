"""What the baselines share of ASGI: reading a body, answering with JSON, opening and closing with the server.

Raw ASGI, so that a baseline pays for no framework (ASGI specification 3.0, HTTP and lifespan).
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

Message: TypeAlias = MutableMapping[str, Any]  # what the ASGI server hands over: its own JSON-like dicts
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


async def read_body(receive: Receive) -> bytes:
    """The whole body of a request."""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body", False):
        message = await receive()
        body += message.get("body", b"")
    return body


async def answer(send: Send, body: bytes, status: int = 200) -> None:
    """Sends a JSON answer as one message."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def lifespan(
    receive: Receive, send: Send, opened: Callable[[], Awaitable[None]], closed: Callable[[], Awaitable[None]]
) -> None:
    """Opens when the server starts, closes when it stops."""
    await receive()
    await opened()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await closed()
    await send({"type": "lifespan.shutdown.complete"})
