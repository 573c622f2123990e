"""Aggregates over every kind of column that has them: each figure and each group key that the schema offers works."""

import pytest
from graphql import GraphQLEnumType, GraphQLObjectType, get_named_type

from policies.principal import Principal
from tests.resolvers.asking import Engine

_MARKET = Principal("market-regulation", ())
_AUDITOR = Principal("audit", ("auditor",))
# Identifiers, moments and lists are in the log; exact numbers and days with the enterprises.
_ASKED = [
    (_AUDITOR, "log { %s }", "operations", "Operation"),
    (_AUDITOR, "log { %s }", "resolvedFields", "ResolvedField"),
    (_MARKET, "%s", "enterprises", "Enterprise"),
    (_MARKET, "catalog { %s }", "items", "Item"),
    (_MARKET, "catalog { %s }", "resources", "Resource"),
]


async def _aggregate(
    engine: Engine, asked: tuple[Principal, str, str, str], arguments: str, selection: str
) -> list[dict[str, object]]:
    principal, space, name, _ = asked
    document = "{ " + space % f"found: {name}Aggregate{arguments} {selection}" + " }"
    shown = await engine.show(principal, document)
    data = shown.data
    while isinstance(data, dict):
        (data,) = data.values()
    assert shown.problems == ()
    assert isinstance(data, list)
    return data


async def _type(engine: Engine, name: str) -> object:
    return (await engine.view()).departments.setting.schema.type_map[name]


@pytest.mark.parametrize("asked", _ASKED, ids=lambda asked: asked[3])
async def test_every_figure_the_schema_offers_can_be_asked(
    engine: Engine, asked: tuple[Principal, str, str, str]
) -> None:
    await engine.ask(_MARKET, "{ places(first: 2) { nodes { name } } }")
    kind = await _type(engine, f"{asked[3]}Aggregate")
    assert isinstance(kind, GraphQLObjectType)
    figures = {name: get_named_type(field.type) for name, field in kind.fields.items() if name not in ("key", "count")}
    selections = [
        f"{name} {{ {' '.join(inner.fields)} }}"
        for name, inner in figures.items()
        if isinstance(inner, GraphQLObjectType)
    ]

    (group,) = await _aggregate(engine, asked, "", f"{{ {' '.join(selections)} }}")

    assert set(group) == set(figures)


@pytest.mark.parametrize("asked", _ASKED, ids=lambda asked: asked[3])
async def test_every_group_key_the_schema_offers_can_be_grouped_by(
    engine: Engine, asked: tuple[Principal, str, str, str]
) -> None:
    kind = await _type(engine, f"{asked[3]}GroupBy")
    assert isinstance(kind, GraphQLEnumType)

    for name in kind.values:
        if asked[3] == "Enterprise" and name.startswith("legalPerson"):
            continue  # leads to people, whom market regulation may not read
        arguments = f"(groupBy: [{name}], orderBy: [{{key: {{{name}: DESC}}}}])"
        groups = await _aggregate(engine, asked, arguments, f"{{ key {{ {name} }} count }}")

        assert all(int(str(group["count"])) > 0 for group in groups)


async def test_groups_are_chosen_by_the_least_of_an_identifier(engine: Engine) -> None:
    told = await engine.ask(_MARKET, "{ places(first: 2) { nodes { name } } }")
    having = f'(groupBy: [operationId], having: {{min: {{operationId: {{eq: "{told.operation_id}"}}}}}})'

    groups = await _aggregate(engine, _ASKED[0], having, "{ key { operationId } count }")

    assert groups == [{"key": {"operationId": told.operation_id}, "count": 1}]
