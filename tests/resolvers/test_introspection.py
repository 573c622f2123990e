"""Introspection by our own small executor against graphql-core's."""

import pickle
from io import BytesIO

import orjson
import pytest
from graphql import (
    GraphQLInputObjectType,
    build_ast_schema,
    build_client_schema,
    execute_sync,
    get_introspection_query,
    lexicographic_sort_schema,
    parse,
    print_schema,
)

from policies.principal import PUBLIC, Principal
from resolvers.introspection import Order, introspect, introspect_schema, order_of, parts_of
from schema.access import computed_schema
from schema.build import build_whole_schema
from schema.sdl import print_sdl
from tests.resolvers.asking import Engine

_EDUCATION = Principal("education", ())
_ODD = """
query Odd($name: String!, $all: Boolean = true) {
  again: __schema {
    ...Names queryType { name kind }
    directives(includeDeprecated: $all) { name locations args { name } }
  }
  one: __type(name: $name) {
    __typename name
    fields(includeDeprecated: true) { n: name type { ...Deep } args { name defaultValue type { name } } }
    enumValues { name } inputFields { name } possibleTypes { name } interfaces { name }
  }
  none: __type(name: "NoSuchType") { name }
}
fragment Names on __Schema { types { name description @include(if: $all) kind @skip(if: $all) } }
fragment Deep on __Type { kind name ofType { kind name ofType { kind name ofType { name } } } }
"""


@pytest.mark.parametrize("name", ["Enterprise", "EnterpriseGroupBy", "EnterpriseWhere", "Int", "PageInfo"])
async def test_an_odd_document_is_answered_as_graphql_core_would(engine: Engine, name: str) -> None:
    schema = build_whole_schema((await engine.view()).departments.setting.graph, computed_schema())

    ours = introspect_schema(schema, _ODD, {"name": name})

    expected = execute_sync(schema, parse(_ODD), variable_values={"name": name})
    assert expected.errors is None
    assert {key: orjson.loads(value) for key, value in ours.items()} == expected.data


async def test_the_standard_query_is_answered_as_graphql_core_would(engine: Engine) -> None:
    document = get_introspection_query(input_value_deprecation=True, specified_by_url=True)
    view = await engine.view()

    for principal in (_EDUCATION, PUBLIC):
        told = await engine.ask(principal, document)

        schema = build_whole_schema(view.preparer(principal).setting.graph, computed_schema())
        assert told.json["data"] == execute_sync(schema, parse(document)).data


@pytest.mark.parametrize("principal", [_EDUCATION, PUBLIC])
async def test_the_schema_shown_is_the_schema_printed(engine: Engine, principal: Principal) -> None:
    document = get_introspection_query(input_value_deprecation=True, specified_by_url=True)
    told = await engine.ask(principal, document.replace("specifiedByURL", "specifiedByURL isOneOf"))

    shown = build_client_schema(told.json["data"])  # type: ignore[arg-type]  # JSON of just that form
    for kind in told.json["data"]["__schema"]["types"]:  # type: ignore[index]  # as above
        known = shown.type_map[kind["name"]]
        if isinstance(known, GraphQLInputObjectType):  # graphql-core reads all of introspection but this
            known.is_one_of = kind["isOneOf"]
    graph = (await engine.view()).preparer(principal).setting.graph
    printed = build_ast_schema(parse(print_sdl(build_whole_schema(graph, computed_schema()))))
    assert print_schema(lexicographic_sort_schema(shown)) == print_schema(lexicographic_sort_schema(printed))
    assert "input ChangedWhere @oneOf" in print_schema(shown)


async def test_what_does_not_list_types_needs_no_second_schema(engine: Engine) -> None:
    told = await engine.ask(_EDUCATION, '{ __type(name: "Licence") { name } __schema { queryType { name } } }')

    assert told.json["data"] == {"__type": {"name": "Licence"}, "__schema": {"queryType": {"name": "Query"}}}


async def test_an_order_comes_in_small_parts_and_is_whole_again(engine: Engine) -> None:
    graph = (await engine.view()).departments.setting.graph
    order = Order(graph, _ODD, {"name": "Place"})
    pickled = BytesIO()
    pickler = pickle.Pickler(pickled)
    parts = list(parts_of(order))

    for part in parts:
        pickler.dump(part)
    pickled.seek(0)
    unpickler = pickle.Unpickler(pickled)
    read = order_of(iter([unpickler.load() for _ in parts]))

    assert len(parts) > 1 + len(graph.nodes) // 100
    assert read.graph.roots == graph.roots
    assert read.graph.nodes.keys() == graph.nodes.keys()
    assert introspect(read) == introspect(order)
