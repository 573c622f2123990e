"""In charge of heads that come again: a client begins each of its requests with the same bytes.

A head that was parsed once, and that led to a request which was there whole, need not be parsed again: the same bytes
mean the same. It knows nothing of what a head says.
"""

from collections.abc import Sequence

from msgspec import Struct

from api.exchange import Routed
from api.incoming import Head, RawHeaders
from resolvers.keep import Kept

_END = b"\r\n\r\n"
_MOST, _MOST_BYTES = 1_000, 1 << 20
_LARGEST_BYTES = 4 << 10


class Known(Struct, frozen=True):
    """What a head was found to say: its headers, who answers, and the length of the content behind it."""

    head: Head
    routed: Routed
    length: int


class Heads:
    """The heads one worker has met of late."""

    def __init__(self) -> None:
        self._known: Kept[bytes, Known] = Kept(_MOST, _MOST_BYTES)

    def find(self, data: bytes) -> tuple[Known, bytes] | None:
        """What is known of the request that these bytes are, no more and no less, and its content."""
        end = data.find(_END) + len(_END)
        known = self._known.recent(data[:end])
        if known is None or len(data) - end != known.length:
            return None
        return known, data[end:]

    def learn(self, data: bytes, headers: RawHeaders, known: Known) -> None:
        """Keeps the head of these bytes, if they were one request and its headers alone tell where that ends."""
        end = data.find(_END) + len(_END)
        if len(data) - end == known.length == _told_length(headers) and end <= _LARGEST_BYTES:
            self._known.remember(data[:end], known, end)


def _told_length(headers: RawHeaders) -> int | None:
    """The length of the content as the one header tells it that should (RFC 9112, section 6.3)."""
    lengths: Sequence[bytes] = [value for name, value in headers if name == b"content-length"]
    if len(lengths) != 1 or not lengths[0].isdigit() or any(name == b"transfer-encoding" for name, _ in headers):
        return None
    return int(lengths[0])
