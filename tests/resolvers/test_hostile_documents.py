"""Hostile documents: always one of the contract's errors, soon, and recorded."""

import json
from collections.abc import Callable

import pytest
from graphql import get_introspection_query

from api.question import Question
from policies.principal import PUBLIC, Principal
from tests.resolvers.asking import Engine, Told, computing_less_than

_EDUCATION = Principal("education", ())
_MOST_CPU_S = 1.0
_SOON_CPU_S = 0.25


async def ask_soon(engine: Engine, document: str, variables: dict[str, object] | None = None) -> Told:
    """The answer, which costs less than a second of computing and has its record."""
    with computing_less_than(_MOST_CPU_S):
        told = await engine.ask(_EDUCATION, document, variables or {})
    recorded = await engine.pool.fetchrow("select * from log.record where id = $1", told.operation_id)
    assert recorded is not None
    assert recorded["outcome"] == ("refused" if told.data is None else "partial" if told.codes else "ok")
    assert recorded["error_codes"] == sorted(set(told.codes))
    return told


def _nested(depth: int) -> str:
    return "{ places { nodes " + "{ parent " * depth + "{ name }" + " }" * depth + " } }"


def _doubling(levels: int, leaf: str) -> str:
    fragments = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return " ".join(["{ ...F0 }", *fragments, f"fragment F{levels} on Query {{ {leaf} }}"])


def _doubling_by_alias(levels: int) -> str:
    fragments = [
        f"fragment F{n} on Place {{ a: parent {{ ...F{n + 1} }} b: parent {{ ...F{n + 1} }} }}" for n in range(levels)
    ]
    return " ".join(["{ places { nodes { ...F0 } } }", *fragments, f"fragment F{levels} on Place {{ name }}"])


def _repeated_below_repeated(count: int) -> str:
    inner = " ".join(["parent { name }"] * count)
    return "{ places { nodes { " + " ".join([f"parent {{ {inner} }}"] * count) + " } } }"


def _same_field_in_many_fragments(count: int) -> str:
    fields = " ".join(["name"] * 30)
    fragments = " ".join(f"fragment F{n} on Place {{ {fields} }}" for n in range(count))
    return "{ places { nodes { " + " ".join(f"...F{n}" for n in range(count)) + " } } } " + fragments


def _large_arguments_repeated(count: int) -> str:
    where = "where: {and: [" + ", ".join(['{name: {eq: "x"}}'] * 60) + "]}"
    return "{ " + " ".join([f"places({where}) {{ totalCount }}"] * count) + " }"


_TOO_COSTLY: dict[str, Callable[[], str]] = {
    "10,000 aliases": lambda: "{ " + " ".join(f"a{n}: __typename" for n in range(10_000)) + " }",
    "1,000 aliases": lambda: "{ " + " ".join(f"a{n}: __typename" for n in range(1_000)) + " }",
    "2,000 differing arguments": lambda: (
        "{ places { nodes { " + " ".join(f"children(first: {n}) {{ totalCount }}" for n in range(700)) + " } } }"
    ),
    "differing arguments in inline fragments": lambda: (
        "{ " + " ".join(f"... {{ places(first: {n}) {{ totalCount }} }}" for n in range(600)) + " }"
    ),
    "differing arguments in named fragments": lambda: (
        "{ " + " ".join(f"...F{n}" for n in range(90)) + " } "
        + " ".join(
            f"fragment F{n} on Query {{ "
            + " ".join(f"places(first: {m}) {{ totalCount }}" for m in range(n, n + 9)) + " }" for n in range(90)
        )
    ),
    "deep selections": lambda: _nested(40),
    "very deep selections": lambda: _nested(3_000),
    "doubling fragments": lambda: _doubling(60, "__typename"),
    "doubling fragments with aliases": lambda: _doubling_by_alias(16),
    "repeated fields below repeated fields": lambda: _repeated_below_repeated(24),
    "the same fields in many fragments": lambda: _same_field_in_many_fragments(60),
    "large arguments repeated": lambda: _large_arguments_repeated(18),
    "too many pages": lambda: "{ places(first: 5000) { nodes { people(first: 5000) { nodes { sex } } } } }",
    "many fragments": lambda: (
        "{ __typename } " + " ".join(f"fragment F{n} on Query {{ __typename }}" for n in range(200))
    ),
    "many conditions": lambda: (
        "{ places(where: {or: [" + ", ".join('{name: {eq: "x"}}' for _ in range(300)) + "]}) { totalCount } }"
    ),
    "many links in conditions": lambda: (
        "{ enterprises(where: {and: [" + ", ".join("{licences: {some: {holder: {town: {}}}}}" for _ in range(20))
        + "]}) { totalCount } }"
    ),
    "the same conditions under many aliases": lambda: (
        "query($w: EnterpriseWhere = {town: {parent: {parent: {}}}}) { "
        + " ".join(f"a{n}: enterprises(where: $w) {{ totalCount }}" for n in range(100)) + " }"
    ),
    "a long list": lambda: "{ places(where: {name: {in: [" + '"x" ' * 10_001 + "]}}) { totalCount } }",
    "a long string of digits": lambda: "{ places(first: " + "9" * 50_000 + ") { totalCount } }",
}  # fmt: skip


@pytest.mark.parametrize("name", _TOO_COSTLY)
async def test_a_document_that_would_cost_too_much_is_refused(engine: Engine, name: str) -> None:
    told = await ask_soon(engine, _TOO_COSTLY[name]())

    assert told.data is None
    assert told.code == ("QUERY_TOO_COSTLY" if "digits" not in name else "QUERY_INVALID")


# Of the longest that is read, 100,000 characters, and of 10,000 tokens: what takes longest to refuse or to answer.
_LONG: dict[str, tuple[Callable[[], str], str | None]] = {
    "one name of a million characters": (lambda: "{ " + "a" * 1_000_000 + " }", "QUERY_TOO_COSTLY"),
    "a million commas": (lambda: "{ __typename " + "," * 1_000_000 + " }", "QUERY_TOO_COSTLY"),
    "a block string of 200,000 lines": (
        lambda: '{ place(code: """' + "\n x" * 200_000 + '""") { name } }', "QUERY_TOO_COSTLY"
    ),
    "one character too many": (lambda: "{ __typename }".ljust(100_001), "QUERY_TOO_COSTLY"),
    "as many characters as there may be": (lambda: "{ __typename }".ljust(100_000), None),
    "2,000 variables": (
        lambda: "query(" + " ".join(f"$v{n}: Int" for n in range(2_000)) + ") { __typename }", "QUERY_TOO_COSTLY"
    ),
    "1,900 operations": (
        lambda: " ".join(f"query Q{n} {{ __typename }}" for n in range(1_900)), "QUERY_TOO_COSTLY"
    ),
    "10,000 tokens of directives": (lambda: "{ " + "__typename @skip(if:false) " * 1_400 + "}", "QUERY_TOO_COSTLY"),
    "directives nobody knows": (lambda: "{ __typename " + "@x " * 4_900 + "}", "QUERY_INVALID"),
    "unknown members of an object": (
        lambda: "{ places(where: {" + " ".join(f"a{n}:1" for n in range(3_300)) + "}) { totalCount } }",
        "QUERY_INVALID",
    ),
    "unknown members of a shorter object": (
        lambda: "{ places(where: {" + "a:1 " * 2_450 + "}) { totalCount } }", "QUERY_INVALID"
    ),
    "fragments nobody knows": (lambda: "{ " + " ".join(f"...X{n}" for n in range(4_900)) + " }", "QUERY_INVALID"),
    "a default that is no list": (
        lambda: "query($a: [Int] = [" + "1 " * 9_900 + "]) { __typename }", "QUERY_INVALID"
    ),
    "a list of many texts": (
        lambda: "{ places(where: {name: {in: [" + '"x" ' * 9_900 + "]}}) { totalCount } }", None
    ),
    "names alone": (lambda: "a " * 49_000, "QUERY_TOO_COSTLY"),
}  # fmt: skip


@pytest.mark.parametrize("name", _LONG)
async def test_a_long_document_is_answered_or_refused_at_once(engine: Engine, name: str) -> None:
    make, code = _LONG[name]
    document = make()
    await engine.ask(_EDUCATION, "{ places { totalCount } }")  # what is made once is there

    with computing_less_than(_SOON_CPU_S):
        told = await ask_soon(engine, document)

    assert told.code == code


async def test_one_that_has_too_many_characters_is_told_what_to_do(engine: Engine) -> None:
    told = await engine.ask(_EDUCATION, "#" * 100_001)

    assert told.json["errors"] == [
        {
            "message": "The document has 100001 characters; at most 100000 are allowed.",
            "extensions": {"code": "QUERY_TOO_COSTLY", "hint": "Send values as variables."},
        }
    ]


_INVALID = [
    "",
    " ",
    "#",
    "{",
    "}",
    "{}",
    "{ }",
    "query",
    "\ufeff",
    "{ nothing }",
    "{ places { nodes { nothing } } }",
    "{ places }",
    "{ places { totalCount { x } } }",
    "{ places(first: true) { totalCount } }",
    '{ places(first: "1") { totalCount } }',
    "{ places(first: 1.5) { totalCount } }",
    "{ places(first: 99999999999) { totalCount } }",
    "{ places(nothing: 1) { totalCount } }",
    "{ places(first: 1, first: 2) { totalCount } }",
    "{ places(where: 1) { totalCount } }",
    "{ places(where: {name: {eq: 1}}) { totalCount } }",
    "{ places(where: {nothing: {eq: 1}}) { totalCount } }",
    "{ places(where: {and: [null]}) { totalCount } }",
    "{ places(where: {name: {in: [null]}}) { totalCount } }",
    "{ places(orderBy: [{name: UP}]) { totalCount } }",
    "{ places(orderBy: [{name: null}, null]) { totalCount } }",
    "{ place { name } }",
    "{ place(code: null) { name } }",
    "{ place(code: 33) { name } }",
    "{ place(code: $c) { name } }",
    "query($c: String) { place(code: $c) { name } }",
    "query($c: Nothing) { __typename }",
    "query($c: Place) { __typename }",
    "query($c: String, $c: String) { __typename }",
    "query($c: String) { __typename }",
    "query($c: Int = x) { places(first: $c) { totalCount } }",
    "{ a: place(code: 1) { name } }",
    "{ x: places(first: 1) { totalCount } x: places(first: 2) { totalCount } }",
    "{ ...F }",
    "{ ...F } fragment F on Query { ...F }",
    "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }",
    "{ places { nodes { ...F } } } fragment F on Place { parent { ...F } }",
    "{ places { nodes { ...F } } } fragment F on Place { a: parent { ...F } b: parent { ...F } c: parent { ...F } }",
    "{ ...F } fragment F on Nothing { x }",
    "{ ...F } fragment F on String { x }",
    "{ ... on Place { name } }",
    "{ __typename @nothing }",
    "{ __typename @skip }",
    "{ __typename @skip(if: null) }",
    "{ __typename @skip(if: 1) }",
    "{ __typename @skip(if: true) @skip(if: true) }",
    "{ __typename @deprecated }",
    "{ places @defer { totalCount } }",
    "{ places { nodes @stream { name } } }",
    "{ __typename } { __typename }",
    "query A { __typename } query A { __typename }",
    "mutation { nothing }",
    "mutation { __typename }",
    "subscription { __typename }",
    "type Query { x: Int }",
    "extend type Query { x: Int }",
    "{ __type { name } }",
    "{ __schema { nothing } }",
    "{ __type(name: 1) { name } }",
    '{ place(code: "\\uD800") { name } }',
    '{ place(code: "\\u{110000}") { name } }',
    '{ place(code: "unterminated) { name } }',
    '{ place(code: """block) { name } }',
    "{ place(code: 'x') { name } }",
    "{ \0 }",
    "{ \ud800 }",
    "{ caf\u00e9 }",
    "{ places(where: {not: " + "{not: " * 150 + "null" + "}" * 150 + "}) { totalCount } }",
]


@pytest.mark.parametrize("document", _INVALID)
async def test_a_document_that_is_not_valid_is_refused(engine: Engine, document: str) -> None:
    told = await ask_soon(engine, document)

    assert told.data is None
    assert told.code in ("QUERY_INVALID", "BAD_REQUEST", "QUERY_TOO_COSTLY")
    assert "Did you mean" not in told.body.decode().replace("Did you mean 'places { ... }'", "")


@pytest.mark.parametrize("depth", [50, 150, 200, 220, 240, 260, 300, 500, 1000, 2000])
@pytest.mark.parametrize("opening", ["{not: ", "{and: [", "[", "{name: {eq: "])
async def test_a_deep_argument_is_answered_or_refused_at_any_depth(engine: Engine, opening: str, depth: int) -> None:
    closing = {"{": "}", "[": "]"}
    ending = "".join(closing[letter] for letter in reversed(opening) if letter in closing)
    document = "{ places(where: " + opening * depth + "{}" + ending * depth + ") { totalCount } }"

    told = await ask_soon(engine, document)

    assert told.code in (None, "QUERY_INVALID", "BAD_REQUEST", "QUERY_TOO_COSTLY")


@pytest.mark.parametrize("depth", [50, 200, 500, 900])
async def test_deep_variables_are_refused_at_any_depth(engine: Engine, depth: int) -> None:
    where: object = {}
    for _ in range(depth):
        where = {"not": where}

    told = await ask_soon(engine, "query($w: PlaceWhere) { places(where: $w) { totalCount } }", {"w": where})

    assert told.code in ("BAD_REQUEST", "QUERY_TOO_COSTLY")


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [(None, None, "BAD_REQUEST"), ("", None, "BAD_REQUEST"), ("A", {"a": "Query"}, None), ("x", None, "BAD_REQUEST")],
)
async def test_an_operation_is_chosen_by_name(engine: Engine, name: str | None, data: object, code: str | None) -> None:
    document = "query A { a: __typename } query B { b: __typename }"

    answer = await engine.service.answer(Question(document, name, {}, _EDUCATION, None, allows_mutation=True))

    assert answer.code == code
    assert json.loads(answer.body).get("data") == data


@pytest.mark.parametrize("principal", [_EDUCATION, PUBLIC])
async def test_introspection_is_answered_and_recorded(engine: Engine, principal: Principal) -> None:
    told = await engine.ask(principal, get_introspection_query())

    assert told.codes == []
    assert await engine.pool.fetchval("select outcome from log.record where id = $1", told.operation_id) == "ok"
