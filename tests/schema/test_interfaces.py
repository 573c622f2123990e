"""Interfaces: who implements them, in the lazily made schema as in the whole one, and for whoever may know less."""

from dataclasses import replace

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, parse, print_type, validate, validate_schema

from schema.access import computed_schema
from schema.build import build_schema, build_whole_schema
from schema.declaration import quoted
from schema.graph import Field, Graph, GraphError, Node
from schema.interfaces import check_interfaces, interfaces_of
from schema.scalars import STRING
from schema.sdl import restrict
from tests.schema.conftest import Catalog

_LEGAL_ENTITIES = {"Enterprise", "IndustrialEnterprise", "Department"}


def _interface(kind: object) -> GraphQLInterfaceType:
    assert isinstance(kind, GraphQLInterfaceType)
    return kind


async def test_every_node_of_the_graph_implements_node(catalog: Catalog) -> None:
    graph = catalog.graph()
    lazy, whole = build_schema(graph, computed_schema()), build_whole_schema(graph, computed_schema())

    for schema in (lazy, whole):
        possible = schema.get_possible_types(_interface(schema.get_type("Node")))
        assert {each.name for each in possible} == set(graph.nodes)
        entities = schema.get_possible_types(_interface(schema.get_type("LegalEntity")))
        assert {each.name for each in entities} == _LEGAL_ENTITIES
    assert validate_schema(whole) == []


async def test_the_lazy_schema_makes_no_type_to_know_what_implements_an_interface(catalog: Catalog) -> None:
    schema = build_schema(catalog.graph(), computed_schema())
    document = '{ node(id: "x") { ... on LegalEntity { name ... on Enterprise { kind } } ... on Licence { title } } }'

    assert validate(schema, parse(document)) == []

    assert {"Enterprise", "Licence"} <= set(schema.type_map)
    assert not {"Place", "Person", "Project"} & set(schema.type_map)


async def test_a_fragment_on_what_does_not_implement_the_interface_is_invalid(catalog: Catalog) -> None:
    schema = build_schema(catalog.graph(), computed_schema())

    (error,) = validate(schema, parse('{ node(id: "x") { ... on LegalEntity { ... on Place { code } } } }'))

    assert "can never be of type" in error.message


async def test_the_schema_as_text_names_the_interfaces(catalog: Catalog) -> None:
    whole = build_whole_schema(catalog.graph(), computed_schema())

    assert "interface LegalEntity implements Node {" in print_type(whole.type_map["LegalEntity"])
    assert "type Enterprise implements LegalEntity & Node {" in print_type(whole.type_map["Enterprise"])
    assert "type Place implements Node {" in print_type(whole.type_map["Place"])


async def test_who_may_not_know_a_field_of_an_interface_is_not_told_of_the_interface(catalog: Catalog) -> None:
    graph = restrict(catalog.graph(), lambda field: field.name != "creditCode")

    whole = build_whole_schema(graph, computed_schema())

    assert "LegalEntity" not in whole.type_map
    assert build_schema(graph, computed_schema()).get_type("LegalEntity") is None
    assert isinstance(whole.type_map["Enterprise"], GraphQLObjectType)
    assert validate_schema(whole) == []


def _node(*names: str, interfaces: tuple[str, ...] = ()) -> Node:
    fields = {name: Field(f"Thing.{name}", name, quoted(name), STRING, name) for name in names}
    return Node("Thing", "things", "物", (), fields, interfaces=interfaces)


def test_a_type_with_an_id_of_its_own_is_no_node() -> None:
    assert interfaces_of(_node("name")) == ("Node",)
    assert interfaces_of(_node("id", "name")) == ()


def test_a_declaration_that_lacks_a_field_of_its_interface_is_refused() -> None:
    thing = _node("name", "creditCode", interfaces=("LegalEntity",))
    check_interfaces(Graph({"Thing": thing}, {}))

    with pytest.raises(GraphError, match="Thing does not implement LegalEntity"):
        check_interfaces(Graph({"Thing": replace(thing, fields={"name": thing.fields["name"]})}, {}))
