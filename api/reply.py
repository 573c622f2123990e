"""In charge of what leaves over HTTP: a reply, whole or as a stream, the shape of one that failed, and common headers.

It knows nothing of why.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, closing, suppress
from functools import lru_cache
from http import HTTPStatus

from msgspec import Struct
from starlette.types import Receive, Send

from api.errors import Code, RequestError, error_body
from api.negotiation import MediaType
from api.spooled import SpooledAnswer

Headers = tuple[tuple[bytes, bytes], ...]

_NO_SNIFFING: Headers = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))
SEND_TIMEOUT_S = 60
_SLOWEST_BYTES_A_SECOND = 32 << 10
_TEXT_TYPES = ("text/", "application/json", "application/graphql-response+json")


class Reply(Struct, frozen=True):
    """An HTTP response. `code` is what the figures count it under; header names are in lower case.

    With a `stream` its chunks are the body, until they end or the client goes. What is `spooled` is the body instead,
    and closed by whoever sends it. With an `opening` the body is only what follows that. What differs from reply to
    reply is the operation's id and what is in `varying`; the other headers are few tuples, again and again.
    """

    status: int
    body: bytes
    media_type: str
    code: str = "OK"
    headers: Headers = ()
    operation_id: str | None = None
    varying: Headers = ()
    stream: AsyncGenerator[bytes, None] | None = None
    spooled: SpooledAnswer | None = None
    opening: tuple[bytes, ...] = ()

    @property
    def length_bytes(self) -> int:
        """How long the body is, with all that belongs to it."""
        if self.spooled is not None:
            return self.spooled.length
        return sum(map(len, self.opening)) + len(self.body) if self.opening else len(self.body)


def failure(error: RequestError, media_type: str = MediaType.JSON, incident: str | None = None) -> Reply:
    """The reply to a request that gets no data; an incident is the id under which the operator finds it in the log."""
    headers: Headers = ()
    if error.code is Code.UNAUTHENTICATED:
        headers = ((b"www-authenticate", b'Bearer realm="yishu", error="invalid_token"'),)
    elif error.code is Code.LOG_UNAVAILABLE:
        headers = ((b"retry-after", b"5"),)
    extensions = () if incident is None else (("id", incident),)
    return Reply(
        error.status, error_body(error.code, error.message, error.hint, extensions), media_type, error.code, headers
    )


async def send_reply(reply: Reply, send: Send, *, more_headers: Headers = ()) -> None:
    """Sends it with its length: as one message, or one for each piece."""
    headers = [*_fixed(reply.media_type, reply.headers, more_headers), *_own(reply)]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    for piece in reply.opening:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": reply.body})


def head_of(reply: Reply, more_headers: Headers) -> bytes:
    """Status line and headers as HTTP/1.1 has them, without the empty line at their end."""
    fixed = _fixed_head(reply.status, str(reply.media_type), reply.headers, more_headers)
    length_bytes = reply.length_bytes
    if reply.operation_id is None:
        own = b"content-length: %d\r\n" % length_bytes
    else:
        own = b"content-length: %d\r\nx-operation-id: %b\r\n" % (length_bytes, reply.operation_id.encode())
    return fixed + own + lines_of(reply.varying) if reply.varying else fixed + own


def _own(reply: Reply) -> Headers:
    length_bytes = reply.length_bytes
    length = (b"content-length", b"%d" % length_bytes)
    if reply.operation_id is None:
        return (length, *reply.varying)
    return (length, (b"x-operation-id", reply.operation_id.encode()), *reply.varying)


def _fixed(media_type: str, headers: Headers, more_headers: Headers) -> Headers:
    if media_type.startswith(_TEXT_TYPES) and "charset=" not in media_type:
        media_type += "; charset=utf-8"
    return ((b"content-type", media_type.encode()), *_NO_SNIFFING, *headers, *more_headers)


@lru_cache(maxsize=1024)
def _fixed_head(status: int, media_type: str, headers: Headers, more_headers: Headers) -> bytes:
    line = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
    return line + lines_of(_fixed(media_type, headers, more_headers))


def lines_of(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Headers as HTTP/1.1 has them."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])


async def send_stream(reply: Reply, receive: Receive, send: Send, *, more_headers: Headers = ()) -> None:
    """Sends chunk by chunk; returns when the stream has ended or the client has gone, with nothing left under way."""
    assert reply.stream is not None
    headers = [
        (b"content-type", reply.media_type.encode() + b"; charset=utf-8"),
        (b"x-accel-buffering", b"no"),  # a proxy that collects chunks would hold events back
        *_NO_SNIFFING,
        *reply.headers,
        *more_headers,
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await _send_until_gone(reply.stream, receive, send)


async def send_spooled(reply: Reply, receive: Receive, send: Send, *, more_headers: Headers = ()) -> None:
    """Sends what is spooled; returns when that has been taken or the client has gone, with nothing left under way."""
    assert reply.spooled is not None
    with closing(reply.spooled):
        headers = [*_fixed(reply.media_type, reply.headers, more_headers), *_own(reply)]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        with suppress(TimeoutError):  # then the server breaks the connection off, for what is missing
            async with asyncio.timeout(longest_to_send_s(reply.spooled)):
                await _send_until_gone(reply.spooled.chunks(), receive, send)


def refusal(message: str, status: int) -> bytes:
    """The reply to what is no request, after which the connection is closed."""
    error = RequestError(Code.BAD_REQUEST, message, status=status)
    body = error_body(error.code, error.message, error.hint)
    head = (
        f"HTTP/1.1 {status} Refused\r\ncontent-type: application/json; charset=utf-8\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body


def longest_to_send_s(spooled: SpooledAnswer) -> float:
    """How long a client may take for it altogether; a single chunk may take SEND_TIMEOUT_S."""
    return longest_to_take_s(spooled.length)


def longest_to_take_s(size_bytes: int) -> float:
    """How long a client may take for so many bytes."""
    return SEND_TIMEOUT_S + size_bytes / _SLOWEST_BYTES_A_SECOND


async def _send_until_gone(stream: AsyncGenerator[bytes, None], receive: Receive, send: Send) -> None:
    sending = asyncio.create_task(_send_chunks(stream, send))
    leaving = asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        sending.cancel()
        leaving.cancel()
        await asyncio.gather(sending, leaving, return_exceptions=True)


async def _send_chunks(stream: AsyncGenerator[bytes, None], send: Send) -> None:
    async with aclosing(stream):
        async for chunk in stream:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
