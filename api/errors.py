"""In charge of how anything that goes wrong is told to a client: a closed set of codes and one JSON shape.

It knows nothing of what went wrong inside: what it is not given as a code, a message and a hint, it cannot tell.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import orjson


class Code(StrEnum):
    """Every code a client can meet in `extensions.code`."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FIELD_DENIED = "FIELD_DENIED"
    NOT_FOUND = "NOT_FOUND"
    BAD_REQUEST = "BAD_REQUEST"
    QUERY_INVALID = "QUERY_INVALID"
    QUERY_TOO_COSTLY = "QUERY_TOO_COSTLY"
    RATE_LIMITED = "RATE_LIMITED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    LOG_UNAVAILABLE = "LOG_UNAVAILABLE"
    TIMEOUT = "TIMEOUT"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code stands for: the HTTP status when it is the whole answer, and what its reader can do."""

    status: int
    message: str
    hint: str


MEANING_BY_CODE: Mapping[Code, Meaning] = {
    Code.UNAUTHENTICATED: Meaning(
        401, "The token is not valid.", "Ask for a new token; without one, only open data is answered."
    ),
    Code.FIELD_DENIED: Meaning(
        403, "A field is not permitted.", "The error names the coordinate and who could permit it."
    ),
    Code.NOT_FOUND: Meaning(404, "There is nothing here.", "Check the path or the key."),
    Code.BAD_REQUEST: Meaning(400, "The request is not well formed.", "See docs/errors.md for the form of a request."),
    Code.QUERY_INVALID: Meaning(
        400, "The document is not valid against the schema.", "The schema is at /graphql/schema.graphql."
    ),
    Code.QUERY_TOO_COSTLY: Meaning(
        400, "The document exceeds a limit.", "Ask for less at a time: smaller pages, fewer aliases, less depth."
    ),
    Code.RATE_LIMITED: Meaning(429, "Too many requests.", "Wait for the time in the header Retry-After."),
    Code.PERSISTED_QUERY_NOT_FOUND: Meaning(200, "PersistedQueryNotFound", "Send the document with its hash once."),
    Code.LOG_UNAVAILABLE: Meaning(
        503, "The access log cannot be written, so nothing is answered.", "Try again in a few seconds."
    ),
    Code.TIMEOUT: Meaning(504, "The answer took too long and was given up.", "Ask for less at a time, or try later."),
    Code.INTERNAL: Meaning(500, "Something failed inside.", "Give the operator the id of this error."),
}

# A document that was understood as a request, but is refused: under application/json a GraphQL answer of its own.
_ABOUT_THE_DOCUMENT = frozenset(
    {Code.FIELD_DENIED, Code.NOT_FOUND, Code.BAD_REQUEST, Code.QUERY_INVALID, Code.QUERY_TOO_COSTLY}
)


class RequestError(Exception):
    """A request that gets no data: what to tell, as one of the codes. Never carries anything of the inside."""

    def __init__(self, code: Code, message: str = "", hint: str = "", *, status: int | None = None) -> None:
        meaning = MEANING_BY_CODE[code]
        super().__init__(message or meaning.message)
        self.code = code
        self.message = message or meaning.message
        self.hint = hint or meaning.hint
        self.status = status or meaning.status


def error_body(code: Code, message: str, hint: str, extensions: Iterable[tuple[str, object]] = ()) -> bytes:
    """The one JSON shape of an answer without data."""
    details = {"code": code.value, "hint": hint, **dict(extensions)}
    return orjson.dumps({"errors": [{"message": message, "extensions": details}]})


def answer_status(code: Code | None, *, is_legacy_json: bool) -> int:
    """The HTTP status of an answered GraphQL request (GraphQL over HTTP, section 6.4).

    Under `application/json` a refused document is 200: old clients take any other status for a broken server.
    """
    if code is None or (is_legacy_json and code in _ABOUT_THE_DOCUMENT):
        return 200
    return MEANING_BY_CODE[code].status
