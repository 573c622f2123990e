"""The empty server: a constant under the server's own HTTP stack, as fast as anything in this process model can be."""

from tests.bench.servers.asgi import Receive, Scope, Send, answer, lifespan

_BODY = b'{"status":"live"}'


async def _nothing() -> None:
    """There is nothing to open or to close."""


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers every request with the same few bytes."""
    if scope["type"] == "lifespan":
        await lifespan(receive, send, _nothing, _nothing)
    else:
        await answer(send, _BODY)
