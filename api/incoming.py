"""In charge of what a handler gets to see of a request: everything but the way to answer it.

A request is there whole, or its body still comes. It knows nothing of what is asked.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from msgspec import Struct
from starlette.types import Receive

from api.errors import Code, RequestError

RawHeaders = Sequence[tuple[bytes, bytes]]


class ClientGone(Exception):
    """The client closed the connection while its request was being read; there is nobody to answer."""


class Incoming(Protocol):
    """One HTTP request. The method is in capitals, the query string without its question mark."""

    @property
    def method(self) -> str:
        """The method."""

    @property
    def query_string(self) -> bytes:
        """The query string."""

    def header(self, name: bytes) -> str | None:
        """The value of a header, of one given twice the first; the name is in lower case."""

    def is_gone(self) -> bool:
        """Whether the client is known to have closed the connection."""

    async def body(self, limit_bytes: int) -> bytes:
        """The whole body. Raises RequestError as soon as it is known to exceed the limit, ClientGone."""


# The headers of a request by their names in lower case; of one given twice the first.
Head = Mapping[bytes, str]


def read_head(headers: RawHeaders) -> Head:
    """The headers, which a client says again and again: read once, however often they come."""
    return {name: value.decode("latin-1") for name, value in reversed(headers)}


class Whole(Struct, frozen=True):
    """A request that has come in one piece, over a transport."""

    method: str
    query_string: bytes
    head: Head
    content: bytes
    transport: asyncio.BaseTransport | None = None

    def is_gone(self) -> bool:
        """See Incoming."""
        return self.transport is not None and self.transport.is_closing()

    def header(self, name: bytes) -> str | None:
        """See Incoming."""
        return self.head.get(name)

    async def body(self, limit_bytes: int) -> bytes:
        """See Incoming."""
        return self.whole_body(limit_bytes)

    def whole_body(self, limit_bytes: int) -> bytes:
        """As body(), which needs no waiting."""
        if len(self.content) > limit_bytes:
            raise _too_large(limit_bytes)
        return self.content


@dataclass(frozen=True, slots=True)
class Streamed:
    """A request whose body comes as ASGI messages (ASGI specification 3.0, HTTP)."""

    method: str
    query_string: bytes
    headers: RawHeaders
    receive: Receive

    def is_gone(self) -> bool:
        """See Incoming. It is found out only when something is sent."""
        return False

    def header(self, name: bytes) -> str | None:
        """See Incoming."""
        return header_of(self.headers, name)

    async def body(self, limit_bytes: int) -> bytes:
        """See Incoming. No more than the limit is ever kept."""
        declared = self.header(b"content-length") or "0"
        if declared.isdigit() and int(declared) > limit_bytes:
            raise _too_large(limit_bytes)
        chunks: list[bytes] = []
        size_bytes = 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            chunk = message.get("body", b"")
            size_bytes += len(chunk)
            if size_bytes > limit_bytes:
                raise _too_large(limit_bytes)
            chunks.append(chunk)
            if not message.get("more_body", False):
                return b"".join(chunks)


def header_of(headers: RawHeaders, wanted: bytes) -> str | None:
    """The value of a header, of one given twice the first; the name is in lower case."""
    for name, value in headers:
        if name == wanted:
            return value.decode("latin-1")
    return None


def _too_large(limit_bytes: int) -> RequestError:
    return RequestError(Code.QUERY_TOO_COSTLY, f"The body is larger than {limit_bytes} bytes.", status=413)
