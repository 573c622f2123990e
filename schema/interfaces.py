"""Interfaces of the graph: what types have in common, whichever table or view they stand for.

A field asked for through an interface is the concrete type's own field, with its coordinate, decision and record; an
interface has neither. `Node` follows the Relay global object identification specification.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLID,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
)

from schema.costs import REFETCHED
from schema.graph import Graph, GraphError, Node

NODE = "Node"
LEGAL_ENTITY = "LegalEntity"
NODE_ID = GraphQLField(GraphQLNonNull(GraphQLID), description="全局标识 · sealed, opaque; ask `node(id:)` with it")


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface that types are declared to implement, and the fields it asks of them."""

    kind: GraphQLInterfaceType
    fields: frozenset[str]


NODE_TYPE = GraphQLInterfaceType(NODE, {"id": NODE_ID}, description="节点 · whatever has a global id")
INTERFACES: Mapping[str, Interface] = {
    LEGAL_ENTITY: Interface(
        GraphQLInterfaceType(
            LEGAL_ENTITY,
            {
                "id": NODE_ID,
                "creditCode": GraphQLField(GraphQLString, description="统一社会信用代码"),
                "name": GraphQLField(GraphQLString, description="名称"),
            },
            interfaces=(NODE_TYPE,),
            description="法人主体 · legal entities: enterprises and institutions",
        ),
        frozenset(("creditCode", "name")),
    ),
}
REFETCHING: Mapping[str, GraphQLField] = {
    "node": GraphQLField(
        NODE_TYPE,
        args={"id": GraphQLArgument(GraphQLNonNull(GraphQLID), description="全局标识")},
        description="按全局标识取一个节点 · null where there is none, or none for you",
    ),
    "nodes": GraphQLField(
        GraphQLNonNull(GraphQLList(NODE_TYPE)),
        args={
            "ids": GraphQLArgument(GraphQLNonNull(GraphQLList(GraphQLNonNull(GraphQLID))), description="全局标识若干")
        },
        extensions=dict(REFETCHED),
        description="按全局标识取多个节点 · in the order asked, null where there is none, or none for you",
    ),
}


def interfaces_of(node: Node) -> tuple[str, ...]:
    """The interfaces a node implements: those declared whose fields it has, and Node unless `id` is a column of its."""
    if "id" in node.fields:
        return ()
    return (*(name for name in node.interfaces if INTERFACES[name].fields <= node.fields.keys()), NODE)


def interface_types(node: Node) -> tuple[GraphQLInterfaceType, ...]:
    """The same as GraphQL types."""
    return tuple(NODE_TYPE if name == NODE else INTERFACES[name].kind for name in interfaces_of(node))


def implementing(graph: Graph, interface: str) -> list[Node]:
    """The nodes that implement an interface."""
    return [node for node in graph.nodes.values() if interface in interfaces_of(node)]


def check_interfaces(graph: Graph) -> None:
    """Raises GraphError for a node that is declared to implement an interface and cannot."""
    for node in graph.nodes.values():
        if missing := [name for name in node.interfaces if name not in interfaces_of(node)]:
            raise GraphError(f"{node.name} does not implement {', '.join(missing)}")
