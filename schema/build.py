"""The GraphQL schema of a graph, joined to the Strawberry schema of what is computed.

Types of nodes are graphql-core's own objects with lazy fields: 3,899 tables cost tenths of a second, where a Strawberry
class each costs seconds. Strawberry executes the joined schema all the same.
"""

from collections.abc import Mapping

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLField,
    GraphQLID,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
)

from schema.graph import Field, Graph, Link, Node, Root, Space
from schema.inputs import Inputs

_SHARING = {"unconditional": "无条件共享", "conditional": "有条件共享", "not_shared": "不予共享"}

PAGE_INFO = GraphQLObjectType(
    "PageInfo",
    {
        "hasNextPage": GraphQLField(GraphQLNonNull(GraphQLBoolean), description="是否有下一页"),
        "hasPreviousPage": GraphQLField(GraphQLNonNull(GraphQLBoolean), description="是否有上一页"),
        "startCursor": GraphQLField(GraphQLString, description="首条游标"),
        "endCursor": GraphQLField(GraphQLString, description="末条游标"),
    },
    description="分页信息 · where this page lies (Relay cursor connections)",
)


def build_schema(graph: Graph, computed: GraphQLSchema) -> GraphQLSchema:
    """The schema of the graph's entrances beside the computed root fields."""
    query = computed.query_type
    own = query.fields if query else {}
    made = _Types(graph)
    return GraphQLSchema(
        query=GraphQLObjectType(
            "Query",
            lambda: {**made.members(graph.roots), **own},
            description="查询 · everything readable of the county",
        ),
        mutation=computed.mutation_type,
        subscription=computed.subscription_type,
        directives=[
            each for each in computed.directives if each.name in ("skip", "include", "deprecated", "specifiedBy")
        ],
        assume_valid=True,
    )


def describe(field: Field) -> str:
    """The description of a field: its Chinese title, then coordinate and sharing type."""
    if field.kind != "item":
        return f"{field.title} · {field.coordinate}"
    return f"{field.title} · {field.coordinate}，{_SHARING[field.sharing]} {field.sharing}，{field.grade} 级"


class _Types:
    """The output types of one graph, each made once."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._inputs = Inputs(graph)
        self._objects: dict[str, GraphQLObjectType] = {}

    def members(self, members: Mapping[str, Root | Space]) -> dict[str, GraphQLField]:
        return {name: self._member(member) for name, member in members.items()}

    def _member(self, member: Root | Space) -> GraphQLField:
        if isinstance(member, Space):
            return GraphQLField(GraphQLNonNull(self._space(member)), description=member.title)
        node = self._graph.nodes[member.node]
        if member.many:
            return GraphQLField(self._connection(node), args=self._inputs.arguments(node), description=member.title)
        arguments = {
            name: GraphQLArgument(GraphQLNonNull(node.fields[name].scalar.graphql), description=node.fields[name].title)
            for name in node.key
        }
        return GraphQLField(self._object(node), args=arguments, description=member.title)

    def _space(self, space: Space) -> GraphQLObjectType:
        return GraphQLObjectType(space.type_name, lambda: self.members(space.members), description=space.title)

    def _object(self, node: Node) -> GraphQLObjectType:
        known = self._objects.get(node.name)
        if known is None:
            known = GraphQLObjectType(node.name, lambda: self._fields(node), description=node.title)
            self._objects[node.name] = known
        return known

    def _fields(self, node: Node) -> dict[str, GraphQLField]:
        fields = {"id": GraphQLField(GraphQLNonNull(GraphQLID), description="全局标识 · sealed, opaque")}
        for name, field in node.fields.items():
            fields[name] = GraphQLField(field.scalar.graphql, description=describe(field))
        for name, link in node.links.items():
            fields[name] = self._link(link)
        return fields

    def _link(self, link: Link) -> GraphQLField:
        target = self._graph.nodes[link.target]
        if link.many:
            return GraphQLField(self._connection(target), args=self._inputs.arguments(target), description=link.title)
        return GraphQLField(self._object(target), description=link.title)

    def _connection(self, node: Node) -> GraphQLObjectType:
        name = f"{node.name}Connection"
        known = self._objects.get(name)
        if known is None:
            known = GraphQLObjectType(name, lambda: self._connection_fields(node), description=f"{node.title}列表")
            self._objects[name] = known
        return known

    def _connection_fields(self, node: Node) -> dict[str, GraphQLField]:
        row = self._object(node)
        edge = GraphQLObjectType(
            f"{node.name}Edge",
            lambda: {
                "cursor": GraphQLField(GraphQLNonNull(GraphQLString), description="游标 · sealed, opaque"),
                "node": GraphQLField(row, description=node.title),
            },
            description=f"{node.title}列表项",
        )
        return {
            "nodes": GraphQLField(GraphQLNonNull(GraphQLList(GraphQLNonNull(row))), description="各条记录"),
            "edges": GraphQLField(GraphQLNonNull(GraphQLList(GraphQLNonNull(edge))), description="各条记录及游标"),
            "pageInfo": GraphQLField(GraphQLNonNull(PAGE_INFO), description="分页信息"),
            "totalCount": GraphQLField(GraphQLInt, description="总数 · counted exactly, only when asked"),
        }
