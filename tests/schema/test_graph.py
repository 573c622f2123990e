"""The graph: declarations bound to the catalog, and a schema in which nothing is uncatalogued."""

import re
import time
import tracemalloc
from dataclasses import replace

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    is_specified_scalar_type,
    validate_schema,
)

from schema.access import computed_schema
from schema.aggregates import group_keys
from schema.build import build_schema, build_whole_schema
from schema.declared import DECLARATIONS
from schema.graph import Field, Graph, GraphError, Link, Node, Root, check, spaces
from schema.scalars import STRING
from tests.schema.conftest import Catalog

_HAN = re.compile(r"[\u4e00-\u9fff]")
# What connections, edges, pages and aggregates are made of; values of rows are fields of the graph.
_STRUCTURE: dict[str, set[str]] = {
    "Connection": {"nodes", "edges", "pageInfo", "totalCount"},
    "Edge": {"cursor", "node"},
    "Aggregate": {"key", "count", "countDistinct", "sum", "avg", "min", "max"},
    "GroupKey": set(),
    "Counts": set(),
    "Numbers": set(),
    "Extremes": set(),
}
_EVENTS: dict[str, set[str]] = {
    "Subscription": {"changed"},
    "Changed": {"since", "epoch", "isComplete", "nodes", "inserted", "updated", "removed"},
}
_COMPUTED = {"Access", "Me", "PageInfo"}


def _schema(graph: Graph) -> GraphQLSchema:
    return build_whole_schema(graph, computed_schema())


def _types(schema: GraphQLSchema) -> list[GraphQLNamedType]:
    return [
        each
        for each in schema.type_map.values()
        if not is_introspection_type(each) and not is_specified_scalar_type(each)
    ]


def test_every_entity_and_view_is_bound_to_the_catalog(catalog: Catalog) -> None:
    graph = catalog.graph()

    declared = [(each.name, each.title, each.links) for each in DECLARATIONS.entities]
    declared += [(each.name, each.title, each.links) for each in DECLARATIONS.views]
    for name, title, links in declared:
        assert graph.nodes[name].links.keys() == {link.name for link in links}
        assert graph.nodes[name].title == title


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("employees", "integer", "bigint"), "Enterprise.employees: declared as Int, catalogued as BigInt"),
        (("employees", "employees", "staff"), "Enterprise"),
    ],
)
def test_a_catalog_that_says_otherwise_than_a_declaration_is_refused(
    catalog: Catalog, change: tuple[str, str, str], message: str
) -> None:
    name, old, new = change
    for row in catalog.rows:
        if row["type_name"] == "Enterprise":
            items = row["items"]
            assert isinstance(items, list)
            row["items"] = [
                [new if part == old else part for part in item] if item[1] == name else item for item in items
            ]

    with pytest.raises(GraphError, match=message):
        catalog.graph()


def test_a_declared_entity_that_is_not_catalogued_is_left_out_with_all_that_leads_to_it(catalog: Catalog) -> None:
    catalog.rows[:] = [row for row in catalog.rows if row["type_name"] != "Licence"]

    graph = catalog.graph()

    assert "Licence" not in graph.nodes
    assert {"licence", "licences"}.isdisjoint(graph.roots)
    assert "licences" not in graph.nodes["Enterprise"].links


def test_two_tables_of_one_type_name_are_refused(catalog: Catalog) -> None:
    twin = {**catalog.rows[0], "resource": "twin", "graph_name": "twin"}
    catalog.rows.append(twin)

    with pytest.raises(GraphError, match="one type name"):
        catalog.graph()


@pytest.mark.parametrize(
    "node",
    [
        Node("A", "a", "A", ("missing",), {}),
        Node("A", "a", "A", (), {}, {"b": Link("b", "B", (), "b")}),
        Node("A", "a", "A", (), {}, {"b": Link("b", "A", (("x", "y"),), "b")}),
        Node("A", "a", "A", (), {"b": Field("A.b", "b", "b", STRING, "b")}, {"b": Link("b", "A", (), "b")}),
    ],
)
def test_a_key_or_link_that_leads_nowhere_is_refused(node: Node) -> None:
    with pytest.raises(GraphError):
        check(Graph({"A": node}, {}))


def test_an_entrance_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(GraphError):
        check(Graph({}, {"a": Root("a", "A", "A")}))


def test_the_schema_is_valid(catalog: Catalog) -> None:
    schema = _schema(catalog.graph())

    assert validate_schema(schema) == []


def test_every_field_that_is_governed_is_nullable(catalog: Catalog) -> None:
    graph = catalog.graph()
    schema = _schema(graph)

    for node in graph.nodes.values():
        kind = schema.type_map[node.name]
        assert isinstance(kind, GraphQLObjectType)
        for name in (*node.fields, *node.links):
            assert not isinstance(kind.fields[name].type, GraphQLNonNull)


def test_every_description_begins_with_a_chinese_title(catalog: Catalog) -> None:
    graph = catalog.graph()

    for kind in _types(_schema(graph)):
        described = [(kind.name, kind.description)]
        if isinstance(kind, GraphQLObjectType | GraphQLInputObjectType):
            described += [(f"{kind.name}.{name}", field.description) for name, field in kind.fields.items()]
        if isinstance(kind, GraphQLObjectType):
            described += [
                (f"{kind.name}.{name}({argument_name})", argument.description)
                for name, field in kind.fields.items()
                for argument_name, argument in field.args.items()
            ]
        if isinstance(kind, GraphQLEnumType):
            described += [(f"{kind.name}.{name}", value.description) for name, value in kind.values.items()]
        for coordinate, description in described:
            first = (description or "").split(" ")[0].split("·")[0]
            assert _HAN.search(first), (coordinate, description)


def test_nothing_resolvable_is_uncatalogued(catalog: Catalog) -> None:
    graph = catalog.graph()
    known = _COMPUTED | {"Query"} | {space.type_name for space in spaces(graph.roots)}

    for kind in _types(_schema(graph)):
        if not isinstance(kind, GraphQLObjectType) or kind.name in known:
            continue
        if kind.name in _EVENTS:
            assert kind.fields.keys() == _EVENTS[kind.name]
            continue
        suffix = next((each for each in _STRUCTURE if kind.name.endswith(each)), "")
        node = graph.nodes[kind.name.removesuffix(suffix)]
        catalogued = {*node.fields, *node.links, *(f"{name}Aggregate" for name in node.links), "id"}
        keys = {key.name for key in group_keys(graph, node).values()}
        assert kind.fields.keys() <= (_STRUCTURE[suffix] or keys if suffix else catalogued)


def test_each_coordinate_names_its_own_field(catalog: Catalog) -> None:
    graph = catalog.graph()

    for node in graph.nodes.values():
        for name, field in node.fields.items():
            assert field.coordinate == f"{node.name}.{name}"
            assert graph.field(field.coordinate) is field
    assert graph.field("Enterprise.nothing") is None
    assert graph.field("Nothing.name") is None


def _county(catalog: Catalog, tables: int) -> Graph:
    """A graph with so many more tables, each of ten columns."""
    pattern = next(row for row in catalog.rows if row["type_name"] == "Licence")
    items = pattern["items"]
    assert isinstance(items, list)
    made = [
        {
            **pattern, "type_name": f"Synthetic{number}", "graph_name": f"synthetic{number}",
            "resource": f"synthetic{number}", "relation_name": f"synthetic{number}",
            "provider": catalog.departments[number % len(catalog.departments)]["code"],
            "items": [list(item) for item in items],
        }
        for number in range(tables)
    ]  # fmt: skip
    return replace(catalog, rows=[*catalog.rows, *made]).graph()


def test_four_thousand_tables_are_a_schema_in_two_seconds(catalog: Catalog) -> None:
    started = time.process_time()

    schema = build_schema(_county(catalog, 4_000), computed_schema())

    assert isinstance(schema.type_map["Synthetic3999Where"], GraphQLInputObjectType)
    assert time.process_time() - started < 2


def test_a_thousand_tables_take_less_than_thirty_megabytes(catalog: Catalog) -> None:
    tracemalloc.start()

    schema = build_schema(_county(catalog, 1_000), computed_schema())
    size_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert schema.query_type is not None
    assert size_bytes < 30 << 20
