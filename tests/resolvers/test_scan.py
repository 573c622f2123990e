"""The look over long documents counts what is written, never more, and refuses soon."""

import time

import pytest
from graphql import FieldNode, GraphQLError, parse
from hypothesis import given
from hypothesis import strategies as st

from resolvers.limits import Limits, check_variables
from resolvers.refusal import Refusal
from resolvers.scan import check_text
from resolvers.values import walk

_PADDING = " " * 10_000
_ANY_LENGTH = Limits(characters=10**7, tokens=10**7)
_PIECES = (
    "name", "a: name", 'b: name(c: {d: "} e f: g \\" {"}, h: [i, $j])', '"""not " a\\""" field"""', "# a: b c {\n",
    "... on T { x }", "...F", "... { y }", "name @include(if: true)", "on", "on: on", "...on T{z}", "query { a }",
    "(", "{", "}", ")", "@d", "é", "1.5e3", '"', '""', '"""',
)  # fmt: skip
_DOCUMENT = r"""
query A($a: Int = 1, $b: [T!]! = {x: y}) @d(e: f) {
  a: b(c: "d", e: {f: g}) { h @i(j: k) { l } ... on M { n } ...O ... @p { q: r } # s: t {
    u(v: "w \" } {") x(y: BLOCK z \BLOCK { BLOCK) } }
fragment O on M { on on2: on }""".replace("BLOCK", '"""')


def _counts(text: str) -> tuple[int, int]:
    """Fields and aliases as the scan sees them: the greatest limits that are still exceeded."""
    padded = text + _PADDING

    def least(is_within: object) -> int:
        assert callable(is_within)
        return next(limit for limit in range(200) if is_within(limit))

    def within(fields: int, aliases: int) -> bool:
        try:
            check_text(padded, Limits(fields=fields, aliases=aliases))
        except Refusal:
            return False
        return True

    return least(lambda limit: within(limit, 10**6)), least(lambda limit: within(10**6, limit))


def test_fields_and_aliases_are_told_from_everything_else() -> None:
    fields = [node for node in walk(parse(_DOCUMENT)) if isinstance(node, FieldNode)]

    assert _counts(_DOCUMENT) == (len(fields) - 1, sum(field.alias is not None for field in fields))


@given(st.lists(st.sampled_from(_PIECES), max_size=12))
def test_never_more_is_counted_than_there_is(pieces: list[str]) -> None:
    text = "{ " + " ".join(pieces) + " }"
    try:
        fields = [node for node in walk(parse(text)) if isinstance(node, FieldNode)]
    except GraphQLError:  # any count will do, but one there must be
        fields = None

    counted = _counts(text)

    if fields is not None:
        assert counted[0] <= len(fields)
        assert counted[1] == sum(field.alias is not None for field in fields)


@pytest.mark.parametrize(
    "text",
    [
        "{ " + "__typename " * 9_900 + "}",
        "{ " + " ".join(f"a{n}: __typename" for n in range(3_300)) + " }",
        "{ " + "a: b " * 200_000 + "}",
    ],
)
def test_too_many_are_refused_soon(text: str) -> None:
    started = time.process_time()

    with pytest.raises(Refusal) as refused:
        check_text(text, _ANY_LENGTH)

    assert refused.value.code == "QUERY_TOO_COSTLY"
    assert time.process_time() - started < 0.05


@pytest.mark.parametrize("text", ['"' * 500_000, '"""' + '"' * 500_000, "#" * 500_000, "." * 500_000, '"\\' * 250_000])
def test_no_text_takes_the_scan_long(text: str) -> None:
    started = time.process_time()

    check_text("{ " + text, _ANY_LENGTH)

    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    "inputs",
    [
        {"l": ["x"] * 200_000},
        {"w": {"or": [{"name": {"eq": "x"}}] * 5_000}},
        {"w": {"in": [[1] * 10_001]}},
        {"w": [{}] * 2_000},
    ],
)
def test_variables_too_large_to_coerce_are_refused_soon(inputs: dict[str, object]) -> None:
    started = time.process_time()

    with pytest.raises(Refusal) as refused:
        check_variables(inputs, Limits())

    assert refused.value.code == "QUERY_TOO_COSTLY"
    assert time.process_time() - started < 0.05
