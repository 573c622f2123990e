"""Types of aggregates: groups of a node's rows with their key, counts, sums, averages, least and greatest values.

Group keys are fields of the node, dates cut to year, quarter or month (`establishedOnYear`), and fields of nodes
linked to one (`townName`). Sums and averages are exact decimals, but for floats.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
)

from schema.costs import GROUPED
from schema.figures import FUNCTIONS, figure_scalar, functions_of
from schema.graph import Field, Graph, Link, Node
from schema.inputs import ORDER, Inputs
from schema.scalars import DATE, DATE_TIME, JSON, LOCAL_DATE_TIME, Scalar

BUCKETS: Mapping[str, str] = {"year": "年", "quarter": "季", "month": "月"}


@dataclass(frozen=True, slots=True)
class GroupKey:
    """What rows can be grouped by: a field, of the node or of one linked to one, whole or cut to a span of time."""

    name: str
    field: Field
    scalar: Scalar
    title: str
    link: Link | None = None
    bucket: str | None = None


def group_keys(graph: Graph, node: Node) -> Mapping[str, GroupKey]:
    """All group keys of a node by name; of two with one name the nearer: a field, a span of time, a linked field."""
    keys: dict[str, GroupKey] = {}
    for key in (*_whole(node), *_spans(node), *_linked(graph, node)):
        keys.setdefault(key.name, key)
    return keys


def _whole(node: Node) -> Iterator[GroupKey]:
    for name, field in node.fields.items():
        if field.scalar is not JSON:
            yield GroupKey(name, field, field.scalar, field.title)


def _spans(node: Node) -> Iterator[GroupKey]:
    for name, field in node.fields.items():
        if field.scalar in (DATE, DATE_TIME, LOCAL_DATE_TIME):
            for bucket, title in BUCKETS.items():
                yield GroupKey(_joined(name, bucket), field, DATE, f"{field.title}（{title}）", bucket=bucket)


def _linked(graph: Graph, node: Node) -> Iterator[GroupKey]:
    for link in node.links.values():
        if not link.many:
            for key in _whole(graph.nodes[link.target]):
                yield replace(key, name=_joined(link.name, key.name), title=f"{link.title}{key.title}", link=link)


def _joined(first: str, second: str) -> str:
    return first + second[0].upper() + second[1:]


class Aggregates:
    """The aggregate types of one graph, each made when first asked for."""

    def __init__(self, graph: Graph, inputs: Inputs) -> None:
        self._graph = graph
        self._inputs = inputs
        self._objects: dict[str, GraphQLObjectType] = {}
        self._input_objects: dict[str, GraphQLInputObjectType] = {}
        self._enums: dict[str, GraphQLEnumType] = {}

    def field(self, node: Node, title: str) -> GraphQLField:
        """The field that aggregates rows of the node."""
        group_by = GraphQLList(GraphQLNonNull(self.group_by(node)))
        arguments = {
            "where": GraphQLArgument(self._inputs.where(node), description="筛选条件"),
            "groupBy": GraphQLArgument(group_by, description="分组；不分组则为一组"),
            "having": GraphQLArgument(self._inputs.having.having(node), description="对各组的条件"),
            "orderBy": GraphQLArgument(GraphQLList(GraphQLNonNull(self.order_by(node))), description="各组的排序"),
            "first": GraphQLArgument(GraphQLInt, description="前若干组，默认 20，最多 5000"),
        }
        kind = GraphQLList(GraphQLNonNull(self.aggregate(node)))
        return GraphQLField(kind, args=arguments, description=f"{title}统计", extensions=dict(GROUPED))

    def makers(self) -> dict[str, Callable[[Node], GraphQLNamedType]]:
        """What makes each kind of type, by the suffix of its name."""
        return {
            "Aggregate": self.aggregate,
            "AggregateOrderBy": self.order_by,
            "FigureOrderBy": self._inputs.figure_order,
            "GroupBy": self.group_by,
            "GroupKey": self.key,
            "GroupKeyOrderBy": self.key_order,
            "Counts": self.counts,
            "CountsHaving": self._inputs.having.counts,
            "Numbers": self.numbers,
            "NumbersHaving": self._inputs.having.numbers,
            "Extremes": self.extremes,
            "ExtremesHaving": self._inputs.having.extremes,
            "Having": self._inputs.having.having,
        }

    def aggregate(self, node: Node) -> GraphQLObjectType:
        """`<Type>Aggregate`: one group."""
        return self._object(f"{node.name}Aggregate", node, self._aggregate_fields, "统计 · one group of rows")

    def key(self, node: Node) -> GraphQLObjectType:
        """`<Type>GroupKey`: what the rows of a group have in common; keys not grouped by are null."""
        return self._object(f"{node.name}GroupKey", node, self._key_fields, "分组值")

    def group_by(self, node: Node) -> GraphQLEnumType:
        """`<Type>GroupBy`: the group keys."""
        name = f"{node.name}GroupBy"
        if name not in self._enums:
            keys = group_keys(self._graph, node)
            values = {key.name: GraphQLEnumValue(key.name, description=key.title) for key in keys.values()}
            self._enums[name] = GraphQLEnumType(name, values, description=f"{node.title} 分组依据")
        return self._enums[name]

    def counts(self, node: Node) -> GraphQLObjectType:
        """`<Type>Counts`: how many different values each field has."""
        return self._object(f"{node.name}Counts", node, partial(_figures, "countDistinct"), "不同值个数")

    def numbers(self, node: Node) -> GraphQLObjectType:
        """`<Type>Numbers`: sums or averages."""
        return self._object(f"{node.name}Numbers", node, partial(_figures, "sum"), "合计或平均")

    def extremes(self, node: Node) -> GraphQLObjectType:
        """`<Type>Extremes`: least or greatest values."""
        return self._object(f"{node.name}Extremes", node, partial(_figures, "min"), "最小或最大值")

    def order_by(self, node: Node) -> GraphQLInputObjectType:
        """`<Type>AggregateOrderBy`: order of groups."""
        return self._input(f"{node.name}AggregateOrderBy", node, self._order_fields, "各组的排序")

    def _aggregate_fields(self, node: Node) -> dict[str, GraphQLField]:
        kinds = {"countDistinct": self.counts, "sum": self.numbers, "avg": self.numbers}
        fields = {
            "key": GraphQLField(self.key(node), description="分组值"),
            "count": GraphQLField(GraphQLInt, description="记录数"),
        }
        for function in functions_of(node):
            made = kinds.get(function, self.extremes)(node)
            fields[function] = GraphQLField(made, description=FUNCTIONS[function])
        return fields

    def _key_fields(self, node: Node) -> dict[str, GraphQLField]:
        return {
            name: GraphQLField(key.scalar.graphql, description=key.title)
            for name, key in group_keys(self._graph, node).items()
        }

    def _order_fields(self, node: Node) -> dict[str, GraphQLInputField]:
        fields = {
            "key": GraphQLInputField(self.key_order(node), description="按分组值"),
            "count": GraphQLInputField(ORDER, description="按记录数"),
        }
        for function in functions_of(node):
            fields[function] = GraphQLInputField(
                self._inputs.figure_order(node), description=f"按{FUNCTIONS[function]}"
            )
        return fields

    def key_order(self, node: Node) -> GraphQLInputObjectType:
        """`<Type>GroupKeyOrderBy`: order by group keys."""

        def fields(node: Node) -> dict[str, GraphQLInputField]:
            keys = group_keys(self._graph, node).values()
            return {key.name: GraphQLInputField(ORDER, description=key.title) for key in keys}

        return self._input(f"{node.name}GroupKeyOrderBy", node, fields, "按分组值排序")

    def _object(
        self, name: str, node: Node, fields: Callable[[Node], dict[str, GraphQLField]], title: str
    ) -> GraphQLObjectType:
        if name not in self._objects:
            description = f"{node.title} {title}"
            self._objects[name] = GraphQLObjectType(name, lambda: fields(node), description=description)
        return self._objects[name]

    def _input(
        self, name: str, node: Node, fields: Callable[[Node], dict[str, GraphQLInputField]], title: str
    ) -> GraphQLInputObjectType:
        if name not in self._input_objects:
            description = f"{node.title} {title}"
            self._input_objects[name] = GraphQLInputObjectType(name, lambda: fields(node), description=description)
        return self._input_objects[name]


def _figures(function: str, node: Node) -> dict[str, GraphQLField]:
    return {
        name: GraphQLField(scalar.graphql, description=field.title)
        for name, field in node.fields.items()
        if (scalar := figure_scalar(field, function)) is not None
    }
