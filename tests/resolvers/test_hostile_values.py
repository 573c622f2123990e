"""Hostile values through every argument, as literals and as variables: answered or refused, soon, and recorded."""

import json
import math
from collections.abc import Mapping

import pytest
from graphql import GraphQLInputObjectType, GraphQLList, GraphQLSchema

from policies.principal import Principal
from tests.resolvers.asking import Engine, Told, computing_less_than

_EDUCATION = Principal("education", ())
_REFUSED = ("BAD_REQUEST", "QUERY_INVALID", "QUERY_TOO_COSTLY")
_MOST_CPU_S = 1.0
# One column of every scalar, and two that are shown as text.
_COLUMNS = (
    "short", "small", "double", "flag", "big", "exact", "day", "moment", "localMoment", "document", "identifier",
    "list", "network",
)  # fmt: skip
_TEXTS = [
    "", " ", "'", "''", "\\", "\\'", '"', "`", ";", "--", "/*", "*/", "$1", "%", "_", "\\%", "%\\", "%" * 1_000, "{0}",
    "{row}", "\n", "\r\n", "\t", "\x01", "\x7f", "\ufffe", "\uffff", "🔧", "👩‍👩‍👧‍👦", "\u202e", "\u200f", "ﬀ", "İ",
    "x" * 1_000_000, "' or '1'='1", "'; drop table log.record; --", "null", "NaN", "infinity", "-infinity", "epoch",
    "now", "today", "0x10", "1_000", "１２", "1e400", "9" * 400, "24:00", "2026-02-30", "2026-W05-6", "{}", "{a", "[1]",
    "00000000-0000-0000-0000-00000000000g", "10.0.0.0/33",
]  # fmt: skip
_UNSTORABLE = ["\0", "a\0b", "\ud800", "\udc00x", "\udfff\ud800"]
_OTHERS: list[object] = [
    0, -1, 1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**40, 0.1, -0.0, 1e308, 1e-320, True,
    False, None, [], [[]], [None], {}, {"eq": 1}, [1, "x", None],
]  # fmt: skip
_BEYOND_JSON: list[object] = [math.nan, math.inf, -math.inf, 10**5_000]


async def _ask_soon(engine: Engine, document: str, variables: Mapping[str, object]) -> Told:
    with computing_less_than(_MOST_CPU_S):
        told = await engine.ask(_EDUCATION, document, variables)
    assert told.code is None or told.code in _REFUSED, (told.json, document[:500])
    return told


def _operand_types(schema: GraphQLSchema, column: str) -> dict[str, str]:
    where = schema.type_map["EducationEverythingWhere"]
    assert isinstance(where, GraphQLInputObjectType)
    comparison = where.fields[column].type
    assert isinstance(comparison, GraphQLInputObjectType)
    wanted = {name: field.type for name, field in comparison.fields.items() if name not in ("ne", "lt", "lte", "gt")}
    return {name: str(kind) for name, kind in wanted.items() if not isinstance(kind, GraphQLList) or name == "in"}


def _document(column: str, operator: str, operand: str, head: str = "") -> str:
    where = f"{{{column}: {{{operator}: {operand}}}}}"
    return f"{head}{{ pool {{ education {{ everything(where: {where}) {{ totalCount nodes {{ number }} }} }} }} }}"


@pytest.mark.parametrize("column", _COLUMNS)
async def test_hostile_values_as_variables(engine: Engine, column: str) -> None:
    schema = (await engine.view()).departments.setting.schema

    for operator, kind in _operand_types(schema, column).items():
        document = _document(column, operator, "$v", f"query($v: {kind}) ")
        for value in [*_TEXTS, *_UNSTORABLE, *_OTHERS, *_BEYOND_JSON]:
            told = await _ask_soon(engine, document, {"v": value})

            assert told.code is not None or value not in _UNSTORABLE


@pytest.mark.parametrize("column", _COLUMNS)
async def test_hostile_values_as_literals(engine: Engine, column: str) -> None:
    schema = (await engine.view()).departments.setting.schema
    literals = [json.dumps(value) for value in [*_TEXTS, *_UNSTORABLE, *_OTHERS] if not isinstance(value, dict)]
    literals += ["{}", "{eq: 1}", "ENUM", '"""block"""', "1e999", "-1e999", "9" * 5_000, "1." + "1" * 2_000]

    for operator in _operand_types(schema, column):
        if operator in ("eq", "in", "like", "isNull"):
            for literal in literals:
                await _ask_soon(engine, _document(column, operator, literal), {})


@pytest.mark.parametrize("text", [text for text in (*_TEXTS, *_UNSTORABLE) if text])
async def test_hostile_texts_as_keys_cursors_and_names(engine: Engine, text: str) -> None:
    by_key = await _ask_soon(engine, "query($c: String!) { enterprise(creditCode: $c) { name } }", {"c": text})
    by_cursor = await _ask_soon(
        engine, "query($c: String!) { enterprises(after: $c) { totalCount } a: places(before: $c) { totalCount } }",
        {"c": text},
    )  # fmt: skip
    unused = await _ask_soon(engine, "{ __typename }", {"spare": text, text: 1})

    assert by_key.codes == (["NOT_FOUND"] if text not in _UNSTORABLE else ["BAD_REQUEST"])
    assert by_cursor.codes == ["BAD_REQUEST"]
    assert unused.code in (None, "BAD_REQUEST")


@pytest.mark.parametrize("size", [-1, 5001, 2**31 - 1, 2**31, 10**30, 1.5, "1", True, [1], {}])
@pytest.mark.parametrize("name", ["first", "last"])
async def test_sizes_that_are_none_are_refused(engine: Engine, name: str, size: object) -> None:
    document = f"query($n: Int) {{ places({name}: $n) {{ totalCount }} }}"

    assert (await _ask_soon(engine, document, {"n": size})).code == "BAD_REQUEST"


_NULL_WHERE_NOTHING_MAY_BE = [
    'query($c: String = "33") { place(code: $c) { name } }',
    'query($c: String = "x") { places(where: {name: {in: ["y", $c]}}) { totalCount } }',
    "query($c: Boolean = true) { __typename @skip(if: $c) }",
    "query($c: Boolean = true) { ... @include(if: $c) { __typename } }",
    "query($c: PlaceWhere = {}) { places(where: {and: [$c]}) { totalCount } }",
    "query($c: StringComparison = {}) { places(where: {name: $c}) { totalCount } }",
    "query($c: PlaceWhere = {}) { places(where: {not: $c}) { totalCount } }",
    "query($c: [PlaceWhere!] = []) { places(where: {or: $c}) { totalCount } }",
    "query($c: OrderDirection = ASC) { places(orderBy: [{name: $c}]) { totalCount } }",
]


@pytest.mark.parametrize("document", _NULL_WHERE_NOTHING_MAY_BE)
async def test_null_is_refused_where_it_would_mean_nothing_or_everything(engine: Engine, document: str) -> None:
    assert (await _ask_soon(engine, document, {"c": None})).code == "BAD_REQUEST"
    assert (await _ask_soon(engine, document, {})).code is None


async def test_members_of_an_order_count_in_the_order_given(engine: Engine) -> None:
    literal = "{ enterprises(orderBy: %s, first: 30) { nodes { creditCode } } }"
    variable = "query($o: [EnterpriseOrderBy!]) { enterprises(orderBy: $o, first: 30) { nodes { creditCode } } }"
    default = "query($o: [EnterpriseOrderBy!] = %s) { enterprises(orderBy: $o, first: 30) { nodes { creditCode } } }"

    for order in ({"status": "DESC", "kind": "ASC"}, {"kind": "ASC", "status": "DESC"}):
        written = "{" + ", ".join(f"{name}: {way}" for name, way in order.items()) + "}"
        single = "[" + ", ".join(f"{{{name}: {way}}}" for name, way in order.items()) + "]"
        expected = (await engine.show(_EDUCATION, literal % single)).data
        assert (await engine.show(_EDUCATION, literal % written)).data == expected
        assert (await engine.show(_EDUCATION, default % written)).data == expected
        assert (await engine.show(_EDUCATION, variable, {"o": order})).data == expected
        assert (await engine.show(_EDUCATION, variable, {"o": [order]})).data == expected
