"""No value that a type can hold is too much for any field, condition, order, page, group or figure of it."""

from collections.abc import Mapping, Sequence

import pytest
from graphql import GraphQLInputObjectType, GraphQLList

from policies.principal import Principal
from schema.scalars import scalar_of
from tests.resolvers.asking import Engine
from tests.resolvers.extremes import FIELDS, ROWS, VALUES

_EDUCATION = Principal("education", ())
_ASK = "{ pool { education { %s } } }"
_ORDERED = [name for name, kind in FIELDS.items() if scalar_of(kind).name != "JSON"]
_DATES = {"date", "timestamp", "timestamptz"}
_TYPES = pytest.mark.parametrize("field", FIELDS, ids=FIELDS.__getitem__)
_ORDERED_TYPES = pytest.mark.parametrize("field", _ORDERED, ids=FIELDS.__getitem__)


async def _asked(engine: Engine, field: str, variables: Mapping[str, object] | None = None, head: str = "") -> object:
    told = await engine.ask(_EDUCATION, head + _ASK % f"it: {field}", variables or {})
    assert told.codes == [], (told.json, field[:300])
    data = told.data
    assert isinstance(data, dict)
    return data["pool"]["education"]["it"]


async def _nodes(engine: Engine, arguments: str, variables: Mapping[str, object], head: str) -> list[object]:
    found = await _asked(engine, f"extremes({arguments}) {{ nodes {{ number }} }}", variables, head)
    assert isinstance(found, dict)
    return [node["number"] for node in found["nodes"]]


async def _shown(engine: Engine, field: str) -> Sequence[object]:
    found = await _asked(engine, f"extremes {{ nodes {{ {field} }} }}")
    assert isinstance(found, dict)
    return [node[field] for node in found["nodes"]]


async def _operators(engine: Engine, field: str) -> Mapping[str, str]:
    where = (await engine.view()).departments.setting.schema.type_map["EducationExtremesWhere"]
    assert isinstance(where, GraphQLInputObjectType)
    comparison = where.fields[field].type
    assert isinstance(comparison, GraphQLInputObjectType)
    kinds = {name: each.type for name, each in comparison.fields.items() if name != "isNull"}
    return {name: str(kind) for name, kind in kinds.items() if not isinstance(kind, GraphQLList)}


async def test_every_value_is_shown(extremes: Engine) -> None:
    found = await _asked(extremes, f"extremes {{ totalCount nodes {{ id number {' '.join(FIELDS)} }} }}")

    assert isinstance(found, dict)
    assert found["totalCount"] == len(found["nodes"]) == ROWS
    for field, kind in FIELDS.items():
        is_float = scalar_of(kind).name == "Float"
        nulls = [node[field] for node in found["nodes"][: len(VALUES[kind])]].count(None)
        assert nulls == (3 if is_float else kind in ("json", "jsonb")), kind


@_ORDERED_TYPES
async def test_rows_are_walked_in_the_order_of_any_field_both_ways(extremes: Engine, field: str) -> None:
    for direction in ("ASC", "DESC", "ASC_NULLS_FIRST", "DESC_NULLS_LAST"):
        order = f"orderBy: [{{{field}: {direction}}}]"
        numbers = await _nodes(extremes, order, {}, "")
        walked: list[object] = []
        cursor: object = None
        for _ in range(ROWS):
            page = await _asked(
                extremes,
                f"extremes({order}, first: 2, after: $after) {{ edges {{ node {{ number }} }} "
                "pageInfo { hasNextPage hasPreviousPage endCursor } }",
                {"after": cursor}, "query($after: String)",
            )  # fmt: skip
            assert isinstance(page, dict)
            walked += [edge["node"]["number"] for edge in page["edges"]]
            cursor = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert len(numbers) == ROWS
        assert walked == numbers


@_ORDERED_TYPES
async def test_every_figure_and_group_of_any_field_is_told(extremes: Engine, field: str) -> None:
    kind = FIELDS[field]
    is_number = scalar_of(kind).name in ("Int", "BigInt", "Decimal", "Float")
    functions = [
        "countDistinct",
        *(("min", "max") if kind != "boolean" else ()),
        *(("sum", "avg") if is_number else ()),
    ]
    spans = [f"{field}{span}" for span in ("Year", "Quarter", "Month")] if kind in _DATES else []

    for key in (field, *spans):
        for name in functions:
            grouped = (
                f'extremesAggregate(groupBy: ["{key}"], orderBy: [{{key: {{of: "{key}", direction: DESC}}}},'
                f' {{{name}: {{of: "{field}", direction: ASC}}}}], having: {{count: {{gt: 0}}}})'
                f' {{ key(of: "{key}") count figure: {name}(of: "{field}") }}'
            )
            groups = await _asked(extremes, grouped)
            assert isinstance(groups, list)
            assert sum(group["count"] for group in groups) == ROWS
            await _asked(extremes, f'extremesAggregate {{ {name}(of: "{field}") }}')
