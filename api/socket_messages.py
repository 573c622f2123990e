"""In charge of the messages of graphql-transport-ws: what a client may say, and how what we say is written.

Follows the protocol of the npm package graphql-ws (PROTOCOL.md, sub-protocol `graphql-transport-ws`). Pure: it knows
no connection.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import orjson

from api.errors import RequestError, error_body
from api.parameters import read_json

SUB_PROTOCOL = "graphql-transport-ws"
ACKNOWLEDGED = b'{"type":"connection_ack"}'
_ERRORS = b'{"errors":'
_LONGEST_ID = 256
_LONGEST_REASON = 100  # bytes; a close frame has room for 123
_TYPES = frozenset(("connection_init", "ping", "pong", "subscribe", "complete"))


class Close(IntEnum):
    """Why we close a connection."""

    STOPPING = 1001
    TOO_MANY_CONNECTIONS = 1013
    BAD_MESSAGE = 4400
    NOT_INITIALISED = 4401
    FORBIDDEN = 4403
    NO_SUB_PROTOCOL = 4406
    INIT_TIMEOUT = 4408
    ID_IN_USE = 4409
    INITIALISED_TWICE = 4429


class Closing(Exception):
    """The connection is to be closed, with a code and a reason its client may read."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:_LONGEST_REASON].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a client; `id` is empty where the type has none."""

    type: str
    id: str
    payload: Mapping[str, object] | None


def message_of(text: str) -> Message:
    """The message in a text frame. Raises Closing for anything else."""
    try:
        value = read_json(text.encode(errors="surrogatepass"), "The message")
    except RequestError as error:
        raise _bad(error.message) from error
    if not isinstance(value, dict):
        raise _bad("Messages are JSON objects.")
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        raise _bad("The message is of no type that a client may send.")
    payload = value.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise _bad(f"The payload of {kind} must be an object.")
    if kind not in ("subscribe", "complete"):
        return Message(kind, "", payload)
    name = value.get("id")
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_ID:
        raise _bad(f"{kind} needs an id of at most {_LONGEST_ID} characters.")
    if kind == "subscribe" and payload is None:
        raise _bad("subscribe needs a payload.")
    return Message(kind, name, payload)


def _bad(reason: str) -> Closing:
    return Closing(Close.BAD_MESSAGE, reason)


def authorization_in(payload: Mapping[str, object] | None) -> str | None:
    """The header Authorization that the payload of connection_init stands for. Raises Closing if it is no text."""
    found = [value for name, value in (payload or {}).items() if name.lower() == "authorization"]
    if not found or found == [None]:
        return None
    if len(found) > 1 or not isinstance(found[0], str):
        raise Closing(Close.FORBIDDEN, "Authorization must be one text: Bearer and a token.")
    return found[0]


def pong(payload: Mapping[str, object] | None) -> bytes:
    """The answer to a ping, with its payload."""
    return orjson.dumps({"type": "pong"} if payload is None else {"type": "pong", "payload": payload})


def next_message(name: str, body: bytes) -> bytes:
    """A result; `body` is the JSON of a GraphQL response."""
    return b'{"id":' + orjson.dumps(name) + b',"type":"next","payload":' + body + b"}"


def error_message(name: str, body: bytes) -> bytes:
    """The end of an operation that has no data; `body` is the JSON of a GraphQL response, whose errors are its first
    member. What follows them, the receipt, stays beside them, so that the record's digest can be checked.
    """
    return b'{"id":' + orjson.dumps(name) + b',"type":"error","payload":' + body.removeprefix(_ERRORS)


def complete_message(name: str) -> bytes:
    """The end of an operation."""
    return orjson.dumps({"id": name, "type": "complete"})


def body_of(error: RequestError, incident: str | None = None) -> bytes:
    """The response that tells an error."""
    return error_body(error.code, error.message, error.hint, () if incident is None else (("id", incident),))
