"""Aggregate types: the names of group keys."""

from schema.aggregates import group_keys
from schema.graph import Field, Graph, Link, Node
from schema.scalars import DATE, STRING, Scalar


def _node(name: str, link: Link | None = None, /, **fields: Scalar) -> Node:
    made = {field: Field(f"{name}.{field}", field, field, scalar, field) for field, scalar in fields.items()}
    return Node(name, name.lower(), name, ("code",), made, {link.name: link} if link else {})


def _graph(**fields: Scalar) -> Graph:
    town = Link("town", "Place", (("townCode", "code"),), "town")
    shop = _node("Shop", town, code=STRING, townCode=STRING, **fields)
    return Graph({"Shop": shop, "Place": _node("Place", code=STRING, name=STRING)}, {})


def test_names_of_group_keys_are_camel_case() -> None:
    graph = _graph(openedOn=DATE)

    assert [name for name in group_keys(graph, graph.nodes["Shop"]) if name not in graph.nodes["Shop"].fields] == [
        "openedOnYear",
        "openedOnQuarter",
        "openedOnMonth",
        "townName",
    ]


def test_a_field_keeps_its_name_from_a_field_behind_a_link() -> None:
    graph = _graph(townName=STRING, openedOn=DATE, openedOnYear=STRING)

    keys = group_keys(graph, graph.nodes["Shop"])

    assert [keys[name].field.coordinate for name in ("townCode", "townName", "openedOnYear")] == [
        "Shop.townCode",
        "Shop.townName",
        "Shop.openedOnYear",
    ]
