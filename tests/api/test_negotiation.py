"""Media types are chosen by quality, then by how exactly they are named."""

import pytest

from api.negotiation import MediaType, accepted, is_json

OFFERED = (MediaType.JSON, MediaType.GRAPHQL, MediaType.HTML)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, MediaType.JSON),
        ("  ", MediaType.JSON),
        ("TEXT/HTML", MediaType.HTML),
        ("text/*;q=0.9, application/json;q=0.8", MediaType.HTML),
        ("*/*;q=0.1, text/html;q=0", MediaType.JSON),
        ("application/json;q=0, */*", MediaType.GRAPHQL),
        ("application/json;q=2, text/html;q=0.9", MediaType.JSON),
        ("image/png", None),
        ("multipart/mixed;deferSpec=20220824, application/json", MediaType.JSON),
        ('multipart/mixed;boundary="-";deferSpec=20220824,application/graphql-response+json;q=0.5', MediaType.GRAPHQL),
        ("multipart/mixed;deferSpec=20220824", None),
        (";;,,", None),
    ],
)
def test_the_best_liked_type_is_chosen(accept: str | None, chosen: MediaType | None) -> None:
    assert accepted(accept, OFFERED) is chosen


@pytest.mark.parametrize(
    ("content_type", "is_read"),
    [
        ("application/json", True),
        ('Application/JSON; charset="UTF-8"', True),
        ("application/json; charset=utf-16", False),
        ("application/graphql", False),
        (None, False),
    ],
)
def test_only_json_in_utf_8_is_read(content_type: str | None, is_read: bool) -> None:
    assert is_json(content_type) is is_read
