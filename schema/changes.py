"""Subscriptions: `changed`, an event after each batch that changed a row which is watched.

What can be watched is what can be asked for as a connection and is a table of its own: the condition mirrors the
entrances of a query, exactly one of them at each level.
"""

from collections.abc import Callable, Mapping

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLField,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
)

from schema.costs import LIST_SIZE, ListSize
from schema.graph import Graph, Node, Root, Space, spaces
from schema.interfaces import NODE_TYPE
from schema.scalars import BIG_INT

CHANGED = "Changed"
CHANGED_WHERE = "ChangedWhere"
SUBSCRIPTION = "Subscription"

DEFAULT_CHANGES = 100
_SIZED = {LIST_SIZE: ListSize(DEFAULT_CHANGES, ("first",), ("nodes",))}

_EPOCH = GraphQLNonNull(BIG_INT.graphql)
_IDS = GraphQLNonNull(GraphQLList(GraphQLNonNull(GraphQLID)))
CHANGED_TYPE = GraphQLObjectType(
    CHANGED,
    {
        "since": GraphQLField(_EPOCH, description="起始数据纪元 · all changes after this epoch are told"),
        "epoch": GraphQLField(_EPOCH, description="数据纪元 · up to this one; resume with `since` of it"),
        "nodes": GraphQLField(
            GraphQLNonNull(GraphQLList(GraphQLNonNull(NODE_TYPE))),
            description="新增和变更的记录 · rows that are new or have changed, as they are now",
        ),
        "inserted": GraphQLField(_IDS, description="新增 · ids of rows that have come to match"),
        "updated": GraphQLField(_IDS, description="变更 · ids of rows that match as before, with other values"),
        "removed": GraphQLField(_IDS, description="移除 · ids of rows that are gone or match no longer"),
        "isComplete": GraphQLField(
            GraphQLNonNull(GraphQLBoolean),
            description="是否完整 · false when more rows changed than `first`: then query what you show",
        ),
    },
    description="一次变更 · what one or more batches have changed of what is watched",
)


def watchable(members: Mapping[str, Root | Space], nodes: Mapping[str, Node]) -> dict[str, Root | Space]:
    """The members of a space that changes are told of: connections to tables, and spaces that hold any."""
    return {
        name: member
        for name, member in members.items()
        if (watchable(member.members, nodes) if isinstance(member, Space) else _is_watchable(member, nodes))
    }


def _is_watchable(root: Root, nodes: Mapping[str, Node]) -> bool:
    return root.many and nodes[root.node].table is not None


def where_name(space: Space | None) -> str:
    """The name of a space's input type, of the root's for none."""
    return CHANGED_WHERE if space is None else space.type_name + CHANGED_WHERE


class Changes:
    """The types of subscriptions of one graph, each made once."""

    def __init__(self, graph: Graph, where: Callable[[Node], GraphQLInputObjectType]) -> None:
        self._graph = graph
        self._where = where
        self._made: dict[str, GraphQLInputObjectType] = {}

    def subscription(self) -> GraphQLObjectType | None:
        """The root type; None where nothing can be watched."""
        if not watchable(self._graph.roots, self._graph.nodes):
            return None
        return GraphQLObjectType(
            SUBSCRIPTION,
            lambda: {"changed": self._changed()},
            description="订阅 · events, over WebSocket or as an event stream",
        )

    def find(self, name: str) -> GraphQLInputObjectType | None:
        """The input type of that name, None where there is none."""
        if not name.endswith(CHANGED_WHERE):
            return None
        if name == CHANGED_WHERE:
            return self._of(None)
        found = (each for each in spaces(self._graph.roots) if where_name(each) == name)
        return next((self._of(each) for each in found if watchable(each.members, self._graph.nodes)), None)

    def _changed(self) -> GraphQLField:
        arguments = {
            "node": GraphQLArgument(GraphQLID, description="要关注的一条记录的全局标识"),
            "where": GraphQLArgument(self._of(None), description="要关注的记录的条件 · instead of `node`"),
            "since": GraphQLArgument(BIG_INT.graphql, description="从此数据纪元之后开始；默认从现在开始"),
            "first": GraphQLArgument(GraphQLInt, description="一次最多若干条，默认 100，最多 5000"),
        }
        title = "数据变更 · an event after each batch that changed a watched row in what you may see of it"
        return GraphQLField(CHANGED_TYPE, args=arguments, description=title, extensions=_SIZED)

    def _of(self, space: Space | None) -> GraphQLInputObjectType:
        name = where_name(space)
        known = self._made.get(name)
        if known is None:
            title = "变更订阅" if space is None else space.title
            known = self._made[name] = GraphQLInputObjectType(
                name,
                lambda: self._fields(self._graph.roots if space is None else space.members),
                description=f"{title} 筛选条件 · exactly one connection, as in a query",
                is_one_of=True,
            )
        return known

    def _fields(self, members: Mapping[str, Root | Space]) -> dict[str, GraphQLInputField]:
        kept = watchable(members, self._graph.nodes)
        return {
            name: GraphQLInputField(
                self._of(member) if isinstance(member, Space) else self._where(self._graph.nodes[member.node]),
                description=member.title,
            )
            for name, member in kept.items()
        }
