"""In charge of what leaves over HTTP: a finished reply, the shape of one that failed, and the headers every reply has.

It knows nothing of why.
"""

from dataclasses import dataclass

from starlette.types import Send

from api.errors import Code, RequestError, error_body
from api.negotiation import MediaType

_NO_SNIFFING = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))
_TEXT_TYPES = ("text/", "application/json", "application/graphql-response+json")


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole HTTP response. `code` is what the figures count it under; header names are in lower case."""

    status: int
    body: bytes
    media_type: str
    code: str = "OK"
    headers: tuple[tuple[bytes, bytes], ...] = ()


def failure(error: RequestError, media_type: str = MediaType.JSON, incident: str | None = None) -> Reply:
    """The reply to a request that gets no data; an incident is the id under which the operator finds it in the log."""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    if error.code is Code.UNAUTHENTICATED:
        headers = ((b"www-authenticate", b'Bearer realm="yishu", error="invalid_token"'),)
    elif error.code is Code.LOG_UNAVAILABLE:
        headers = ((b"retry-after", b"5"),)
    extensions = () if incident is None else (("id", incident),)
    return Reply(
        error.status, error_body(error.code, error.message, error.hint, extensions), media_type, error.code, headers
    )


async def send_reply(reply: Reply, send: Send, *, more_headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    """Sends it as one message with its length."""
    content_type = reply.media_type
    if content_type.startswith(_TEXT_TYPES) and "charset=" not in content_type:
        content_type += "; charset=utf-8"
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(reply.body)).encode()),
        *_NO_SNIFFING,
        *reply.headers,
        *more_headers,
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
