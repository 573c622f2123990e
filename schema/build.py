"""The GraphQL schema of a graph, joined to the Strawberry schema of what is computed.

Types of nodes are graphql-core's own objects with lazy fields: 3,899 tables cost tenths of a second, where a Strawberry
class each costs seconds. Strawberry executes the joined schema all the same.
"""

from collections.abc import Callable, Mapping

from graphql import (
    GraphQLArgument,
    GraphQLDirective,
    GraphQLField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
)

from schema.aggregates import Aggregates
from schema.changes import CHANGED_TYPE, Changes
from schema.comparisons import COMPARISONS
from schema.costs import COST_DIRECTIVES, PAGED
from schema.figures import AGGREGATE
from schema.graph import Field, Graph, Link, Node, Root, Space, spaces
from schema.inputs import ORDER, Inputs
from schema.interfaces import INTERFACES, NODE_ID, NODE_TYPE, REFETCHING, implementing, interface_types
from schema.lazy import LazySchema, LazyTypes
from schema.paging import COUNT_MODE, PAGE_INFO, TOTAL_COUNT
from schema.scalars import SCALARS
from schema.table_aggregates import TABLE_TYPES, table_field

_DIRECTIVES = ("skip", "include", "deprecated", "specifiedBy", "oneOf")
_SHARING = {"unconditional": "无条件共享", "conditional": "有条件共享", "not_shared": "不予共享"}


def build_schema(graph: Graph, computed: GraphQLSchema) -> GraphQLSchema:
    """The schema of the graph's entrances beside the computed root fields, for validation and execution.

    Its types are made when first asked for by name or by a field, so that thousands of tables cost nothing until a
    document names them. Whoever needs all types at once (printing, introspection) uses `build_whole_schema`.
    """
    made = _Types(graph)
    schema = LazySchema(
        query=GraphQLObjectType("Query", {"computed": GraphQLField(GraphQLString)}),
        mutation=computed.mutation_type,
        types=[*_fixed_types(), *_own_types(computed)],
        directives=_directives(computed),
        assume_valid=True,
    )
    schema.query_type, schema.subscription_type = made.query(computed), made.subscription()
    roots = {each.name: each for each in (schema.query_type, schema.subscription_type) if each is not None}
    schema.type_map = LazyTypes({**schema.type_map, **roots}, made.find)
    schema.implementing = made.implementing
    return schema


def build_whole_schema(graph: Graph, computed: GraphQLSchema) -> GraphQLSchema:
    """The same schema with every type made; costs a second and a hundred megabytes with 4,000 tables."""
    made = _Types(graph)
    return GraphQLSchema(
        query=made.query(computed),
        mutation=computed.mutation_type,
        subscription=made.subscription(),
        directives=_directives(computed),
        assume_valid=True,
    )


def _directives(computed: GraphQLSchema) -> list[GraphQLDirective]:
    return [*(each for each in computed.directives if each.name in _DIRECTIVES), *COST_DIRECTIVES]


def _fixed_types() -> list[GraphQLNamedType]:
    return [
        PAGE_INFO,
        COUNT_MODE,
        NODE_TYPE,
        CHANGED_TYPE,
        ORDER,
        *TABLE_TYPES,
        *(each.graphql for each in SCALARS),
        *COMPARISONS.values(),
    ]


def _own_types(computed: GraphQLSchema) -> list[GraphQLNamedType]:
    known = {each.name for each in _fixed_types()} | {"Query"}
    return [each for name, each in computed.type_map.items() if name not in known and not name.startswith("__")]


def describe(field: Field) -> str:
    """The description of a field: its Chinese title, then coordinate and sharing type, in Markdown.

    Marked as code, `Enterprise.name` is not taken for the address of a host under the domain `name`.
    """
    if field.kind != "item":
        return f"{field.title} · `{field.coordinate}`"
    searched = "，可搜索 searchable" if field.is_searched else ""
    return (
        f"{field.title} · `{field.coordinate}`，{_SHARING[field.sharing]} {field.sharing}，{field.grade} 级{searched}"
    )


class _Types:
    """The types of one graph, each made once."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._inputs = Inputs(graph)
        self._aggregates = Aggregates(graph, self._inputs)
        self._changes = Changes(graph, self._inputs.where)
        self._objects: dict[str, GraphQLObjectType] = {}
        self._spaces = {space.type_name: space for space in spaces(graph.roots)}

    def query(self, computed: GraphQLSchema) -> GraphQLObjectType:
        """The root type: entrances, and what is computed."""
        own = computed.query_type.fields if computed.query_type else {}
        return GraphQLObjectType(
            "Query",
            lambda: {**self.members(self._graph.roots), **REFETCHING, **own},
            description="查询 · everything readable of the county",
        )

    def subscription(self) -> GraphQLObjectType | None:
        """The root type of subscriptions; None where there is nothing to watch."""
        return self._changes.subscription()

    def find(self, name: str) -> GraphQLNamedType | None:
        """The type of that name, None where there is none."""
        if name in self._spaces:
            return self._space(self._spaces[name])
        if name in INTERFACES:
            return INTERFACES[name].kind if implementing(self._graph, name) else None
        if (watching := self._changes.find(name)) is not None:
            return watching
        makers: dict[str, Callable[[Node], GraphQLNamedType]] = {
            "": self._object,
            "Connection": self._connection,
            "Edge": self._edge,
            "LinkWhere": self._inputs.link_where,
            "AggregateWhere": self._inputs.aggregate_where,
            "Where": self._inputs.where,
            "OrderBy": self._inputs.order_by,
            **self._aggregates.makers(),
        }
        for suffix, make in makers.items():
            node = self._graph.nodes.get(name.removesuffix(suffix)) if name.endswith(suffix) else None
            if node is not None:
                return make(node)
        return None

    def implementing(self, interface: str) -> list[GraphQLObjectType]:
        """All object types that implement an interface."""
        return [self._object(node) for node in implementing(self._graph, interface)]

    def members(self, members: Mapping[str, Root | Space]) -> dict[str, GraphQLField]:
        fields: dict[str, GraphQLField] = {}
        for name, member in members.items():
            fields[name] = self._member(member)
            node = self._graph.nodes[member.node] if isinstance(member, Root) and member.many else None
            if node is not None:
                fields.setdefault(f"{name}{AGGREGATE}", self._aggregate(node, member.title))
        return fields

    def _aggregate(self, node: Node, title: str) -> GraphQLField:
        return table_field(self._inputs, node, title) if node.is_table else self._aggregates.field(node, title)

    def _member(self, member: Root | Space) -> GraphQLField:
        if isinstance(member, Space):
            return GraphQLField(GraphQLNonNull(self._space(member)), description=member.title)
        node = self._graph.nodes[member.node]
        if member.many:
            return self._pages(node, member.title)
        arguments = {
            name: GraphQLArgument(GraphQLNonNull(node.fields[name].scalar.graphql), description=node.fields[name].title)
            for name in node.key
        }
        return GraphQLField(self._object(node), args=arguments, description=member.title)

    def _space(self, space: Space) -> GraphQLObjectType:
        return self._once(space.type_name, lambda: self.members(space.members), space.title)

    def _object(self, node: Node) -> GraphQLObjectType:
        known = self._objects.get(node.name)
        if known is None:
            kinds = interface_types(node)
            known = GraphQLObjectType(node.name, lambda: self._fields(node), kinds, description=node.title)
            self._objects[node.name] = known
        return known

    def _connection(self, node: Node) -> GraphQLObjectType:
        return self._once(f"{node.name}Connection", lambda: self._connection_fields(node), f"{node.title}列表")

    def _edge(self, node: Node) -> GraphQLObjectType:
        return self._once(f"{node.name}Edge", lambda: self._edge_fields(node), f"{node.title}列表项")

    def _once(self, name: str, fields: Callable[[], dict[str, GraphQLField]], title: str) -> GraphQLObjectType:
        known = self._objects.get(name)
        if known is None:
            known = self._objects[name] = GraphQLObjectType(name, fields, description=title)
        return known

    def _fields(self, node: Node) -> dict[str, GraphQLField]:
        fields = {"id": NODE_ID}
        for name, field in node.fields.items():
            fields[name] = GraphQLField(field.scalar.graphql, description=describe(field))
        for name, link in node.links.items():
            fields[name] = self._link(link)
            target = self._graph.nodes[link.target]
            if link.many:
                fields.setdefault(f"{name}{AGGREGATE}", self._aggregate(target, link.title))
        return fields

    def _link(self, link: Link) -> GraphQLField:
        target = self._graph.nodes[link.target]
        if link.many:
            return self._pages(target, link.title)
        return GraphQLField(self._object(target), description=link.title)

    def _pages(self, node: Node, title: str) -> GraphQLField:
        arguments = self._inputs.arguments(node)
        return GraphQLField(self._connection(node), args=arguments, description=title, extensions=dict(PAGED))

    def _connection_fields(self, node: Node) -> dict[str, GraphQLField]:
        row, edge = self._object(node), self._edge(node)
        return {
            "nodes": GraphQLField(GraphQLNonNull(GraphQLList(GraphQLNonNull(row))), description="各条记录"),
            "edges": GraphQLField(GraphQLNonNull(GraphQLList(GraphQLNonNull(edge))), description="各条记录及游标"),
            "pageInfo": GraphQLField(GraphQLNonNull(PAGE_INFO), description="分页信息"),
            "totalCount": TOTAL_COUNT,
        }

    def _edge_fields(self, node: Node) -> dict[str, GraphQLField]:
        return {
            "cursor": GraphQLField(GraphQLNonNull(GraphQLString), description="游标 · sealed, opaque"),
            "node": GraphQLField(self._object(node), description=node.title),
        }
