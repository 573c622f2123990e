"""What may be known of the schema: by introspection, and by guessing names."""

import random
from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    build_client_schema,
    get_introspection_query,
    is_introspection_type,
    parse,
    validate,
)

from policies.decision import Effect, Right
from policies.principal import PUBLIC, Principal
from schema.graph import Graph
from tests.resolvers.asking import Engine, Told

_EDUCATION = Principal("education", ())
_UNKNOWN = "qqqqq"


async def _client_schema(engine: Engine, principal: Principal) -> GraphQLSchema:
    told = await engine.ask(principal, get_introspection_query(input_value_deprecation=True))
    assert told.codes == []
    return build_client_schema(told.json["data"])  # type: ignore[arg-type]  # JSON of just that form


@pytest.mark.parametrize("principal", [_EDUCATION, PUBLIC])
async def test_a_client_can_build_its_schema(engine: Engine, principal: Principal) -> None:
    schema = await _client_schema(engine, principal)

    document = "query($w: EnterpriseWhere) { enterprises(where: $w, first: 1) { nodes { name town { name } } } }"
    assert validate(schema, parse(document)) == []
    served = (await engine.view()).preparer(principal).setting.schema
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType) and not is_introspection_type(kind):
            known = served.type_map[name]
            assert isinstance(known, GraphQLObjectType)
            assert kind.fields.keys() == known.fields.keys()


async def test_the_public_is_shown_open_fields_alone(engine: Engine) -> None:
    view = await engine.view()
    schema = await _client_schema(engine, PUBLIC)
    graph, law = view.departments.setting.graph, view.departments.setting.law

    for name, kind in schema.type_map.items():
        node = graph.nodes.get(name)
        if node is None or not isinstance(kind, GraphQLObjectType):
            continue
        for governed in (node.fields[each] for each in kind.fields if each in node.fields):
            assert law.decide(PUBLIC, governed, Right.READ).effect is not Effect.DENIED
    assert {"Operation", "ResolvedField", "Log", "Person", "Household"}.isdisjoint(schema.type_map)
    assert "EducationDraft" not in (await _client_schema(engine, _EDUCATION)).type_map


def _hidden(departments: Graph, public: Graph) -> Iterator[tuple[str, str, str]]:
    """Documents with a name that the public may not know, and the name."""
    for name, node in departments.nodes.items():
        known = public.nodes.get(name)
        if known is None:
            yield f"query($w: {name}Where) {{ __typename }}", name, name
            yield f"{{ ... on {name} {{ id }} }}", name, name
            continue
        for field in node.fields.keys() - known.fields.keys():
            yield f"query($c: {name}Where) {{ ...F }} fragment F on {name} {{ {field} }}", field, field
        for link in node.links.keys() - known.links.keys():
            yield f"{{ ...F }} fragment F on {name} {{ {link} {{ id }} }}", link, link
    for root in departments.roots.keys() - public.roots.keys():
        yield f"{{ {root} {{ __typename }} }}", root, root


async def test_a_name_that_is_hidden_is_refused_like_one_that_is_not_there(engine: Engine) -> None:
    view = await engine.view()
    guesses = sorted(_hidden(view.departments.setting.graph, view.public.setting.graph))
    assert len(guesses) > 50

    for document, name, _ in random.Random(1).sample(guesses, 50):
        hidden = await engine.ask(PUBLIC, document)
        unknown = await engine.ask(PUBLIC, document.replace(name, _UNKNOWN))

        assert hidden.code == "QUERY_INVALID"
        assert _told(hidden, name) == _told(unknown, _UNKNOWN)


def _told(told: Told, name: str) -> list[dict[str, object]]:
    """The errors without places, which a longer name moves, and without the name where it is repeated: in messages."""
    errors = told.json["errors"]
    assert isinstance(errors, list)
    return [{**error, "locations": None, "message": error["message"].replace(name, "")} for error in errors]


@pytest.mark.parametrize(
    "document",
    [
        "{ enterprisess { totalCount } }",
        "{ enterprises(wher: {}) { totalCount } }",
        "{ enterprises(where: {nam: {eq: 1}}) { totalCount } }",
        "{ enterprises(orderBy: [{name: AS}]) { totalCount } }",
        "{ enterprises { nodes { nam } } }",
        "{ ...Enterpris } fragment Enterprise on Query { __typename }",
        "query($w: EnterpriseWher) { __typename }",
        "{ __typename @skp(if: true) }",
    ],
)
async def test_nothing_is_suggested(engine: Engine, document: str) -> None:
    told = await engine.ask(_EDUCATION, document)

    assert told.code == "QUERY_INVALID"
    assert "Did you mean" not in told.body.decode()


async def test_nothing_is_suggested_for_variables_either(engine: Engine) -> None:
    document = """query($w: EnterpriseWhere, $o: OrderDirection) {
      enterprises(where: $w) { totalCount }
      a: enterprises(orderBy: [{name: $o}]) { totalCount }
    }"""

    field = await engine.ask(_EDUCATION, document, {"w": {"nam": {"eq": "x"}}})
    value = await engine.ask(_EDUCATION, document, {"o": "AS"})

    assert (field.code, value.code) == ("BAD_REQUEST", "BAD_REQUEST")
    assert "Did you mean" not in field.body.decode() + value.body.decode()
