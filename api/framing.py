"""In charge of what the head of a request must not say, because two who read it could take it for different things.

RFC 9112, sections 3.2 (Host) and 6.1 (Transfer-Encoding), and RFC 9110, section 5.3 (fields that are no lists). It
knows nothing of what is asked.
"""

from typing import NamedTuple

from api.incoming import RawHeaders
from api.watch import HEAD_LIMIT_BYTES, HEAD_TOO_LARGE

_ONCE = (b"host", b"authorization", b"content-type")
_LEAST_LINE_BYTES = len("GET  HTTP/1.1\r\n\r\n")
_LEAST_HEADER_BYTES = len(":\r\n")
_WITHOUT_HOST = ("0.9", "1.0")


class Fault(NamedTuple):
    """What is wrong with a head, and the status that says so."""

    message: str
    status: int


class FaultyHeadError(Exception):
    """The head cannot be relied on: nothing that follows it is read."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def check_head(version: str, url: bytes, headers: RawHeaders) -> None:
    """Raises FaultyHeadError. The names of the headers are in lower case."""
    told_bytes = len(url) + sum(len(name) + len(value) + _LEAST_HEADER_BYTES for name, value in headers)
    if told_bytes + _LEAST_LINE_BYTES > HEAD_LIMIT_BYTES:
        raise FaultyHeadError(Fault(*HEAD_TOO_LARGE))
    names = [name for name, _ in headers]
    for name in _ONCE:
        if names.count(name) > 1:
            raise FaultyHeadError(Fault(f"The header {name.decode()} is given more than once.", 400))
    if b"host" not in names and version not in _WITHOUT_HOST:
        raise FaultyHeadError(Fault("The header host is missing.", 400))
    codings = [value for name, value in headers if name == b"transfer-encoding"]
    if any(value.strip().lower() != b"chunked" for value in codings):
        raise FaultyHeadError(Fault("The only transfer coding read here is chunked.", 501))
