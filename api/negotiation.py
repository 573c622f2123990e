"""In charge of media types: what a request's body is, and what its sender accepts (RFC 9110 section 12.5.1).

The choice between the two types of a GraphQL response follows GraphQL over HTTP, sections 6.1 and 6.4.
"""

from enum import StrEnum
from functools import lru_cache


class MediaType(StrEnum):
    """What an answer at /graphql can be."""

    GRAPHQL = "application/graphql-response+json"
    JSON = "application/json"
    HTML = "text/html"
    EVENTS = "text/event-stream"


@lru_cache(maxsize=1024)
def accepted(accept: str | None, offered: tuple[MediaType, ...]) -> MediaType | None:
    """The offered type the sender likes best, None if none will do. The first offered wins ties and wildcards.

    >>> accepted("text/html,application/json;q=0.9", (MediaType.JSON, MediaType.GRAPHQL))
    <MediaType.JSON: 'application/json'>
    """
    if accept is None or not accept.strip():
        return offered[0]
    ranges = [_media_range(part) for part in accept.lower().split(",")]
    best: tuple[float, int] | None = None
    choice: MediaType | None = None
    for media_type in offered:
        quality, specificity = _rating(media_type, ranges)
        if quality > 0 and (best is None or (quality, specificity) > best):
            best, choice = (quality, specificity), media_type
    return choice


def names_text(accept: str) -> bool:
    """Whether a text type may be wanted, which is what streams and pages are."""
    return "text/" in accept.lower()


def _media_range(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                quality = min(max(float(parameter[2:]), 0.0), 1.0)
            except ValueError:
                quality = 0.0
    return name, quality


def _rating(media_type: MediaType, ranges: list[tuple[str, float]]) -> tuple[float, int]:
    """Quality and specificity of the most specific range that covers this type."""
    kind = media_type.value.partition("/")[0]
    specificity_by_range = {media_type.value: 2, f"{kind}/*": 1, "*/*": 0}
    rated = [(specificity_by_range[name], quality) for name, quality in ranges if name in specificity_by_range]
    specificity, quality = max(rated, default=(0, 0.0))
    return quality, specificity


@lru_cache(maxsize=1024)
def is_json(content_type: str | None) -> bool:
    """Whether a body is JSON in UTF-8. No other type is read: a foreign web page can send those without asking."""
    name, *parameters = (piece.strip().lower() for piece in (content_type or "").split(";"))
    charsets = [parameter[8:].strip('"') for parameter in parameters if parameter.startswith("charset=")]
    return name == "application/json" and all(charset in ("utf-8", "utf8") for charset in charsets)
