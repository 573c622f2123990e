"""Input types: `where` and `orderBy` per node, and the arguments of a connection.

`where` reaches through links: to one by the target's `where`, to many by `some`, `every`, `none`, and by figures of all
linked rows together; `orderBy` reaches through links to one. Comparisons follow SQL: a comparison with null, and of a
null value, holds for no row; `isNull` asks for nulls.
"""

from collections.abc import Callable, Mapping

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
)

from schema.comparisons import COMPARISONS
from schema.figures import AGGREGATE
from schema.graph import Graph, Link, Node, leads_to_one_at_most
from schema.having import Having
from schema.scalars import JSON
from schema.table_having import TABLE_HAVING

ORDER = GraphQLEnumType(
    "OrderDirection",
    {
        "ASC": GraphQLEnumValue("ASC", description="升序 · ascending, nulls last"),
        "DESC": GraphQLEnumValue("DESC", description="降序 · descending, nulls first"),
        "ASC_NULLS_FIRST": GraphQLEnumValue("ASC_NULLS_FIRST", description="升序，空值在前 · ascending, nulls first"),
        "DESC_NULLS_LAST": GraphQLEnumValue("DESC_NULLS_LAST", description="降序，空值在后 · descending, nulls last"),
    },
    description="排序方向 · direction of an order",
)


class Inputs:
    """The input types of one graph, each made when first asked for, so that 3,899 tables cost only what is used."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.having = Having()
        self._made: dict[str, GraphQLInputObjectType] = {}
        self._arguments: dict[str, dict[str, GraphQLArgument]] = {}

    def where(self, node: Node) -> GraphQLInputObjectType:
        """`<Type>Where`."""
        return self._once(f"{node.name}Where", node, self._where_fields, "筛选条件 · all given conditions must hold")

    def order_by(self, node: Node) -> GraphQLInputObjectType:
        """`<Type>OrderBy`."""
        return self._once(f"{node.name}OrderBy", node, self._order_fields, "排序 · fields in the order given")

    def arguments(self, node: Node) -> dict[str, GraphQLArgument]:
        """The arguments of a connection of the node; one mapping per node, shared by all its connections."""
        known = self._arguments.get(node.name)
        if known is None:
            order = GraphQLArgument(GraphQLList(GraphQLNonNull(self.order_by(node))), description="排序")
            known = self._arguments[node.name] = {
                "where": GraphQLArgument(self.where(node), description="筛选条件"),
                **({"orderBy": order} if _has_order(node) else {}),
                "first": GraphQLArgument(GraphQLInt, description="前若干条，默认 20，最多 5000"),
                "after": GraphQLArgument(GraphQLString, description="此游标之后"),
                "last": GraphQLArgument(GraphQLInt, description="后若干条"),
                "before": GraphQLArgument(GraphQLString, description="此游标之前"),
            }
        return known

    def _once(
        self, name: str, node: Node, fields: Callable[[Node], dict[str, GraphQLInputField]], description: str
    ) -> GraphQLInputObjectType:
        known = self._made.get(name)
        if known is None:
            known = GraphQLInputObjectType(name, lambda: fields(node), description=f"{node.title} {description}")
            self._made[name] = known
        return known

    def _where_fields(self, node: Node) -> dict[str, GraphQLInputField]:
        fields = {
            name: GraphQLInputField(COMPARISONS[field.scalar.name], description=field.title)
            for name, field in node.fields.items()
        }
        for name, link in node.links.items():
            fields[name] = GraphQLInputField(self._link_where(link), description=link.title)
            target = self._graph.nodes[link.target]
            if link.many:
                kind = TABLE_HAVING if target.is_table else self.aggregate_where(target)
                fields.setdefault(f"{name}{AGGREGATE}", GraphQLInputField(kind, description=f"{link.title}统计"))
        own = self.where(node)
        fields["and"] = GraphQLInputField(GraphQLList(GraphQLNonNull(own)), description="全部满足")
        fields["or"] = GraphQLInputField(GraphQLList(GraphQLNonNull(own)), description="任一满足")
        fields["not"] = GraphQLInputField(own, description="不满足")
        return fields

    def link_where(self, node: Node) -> GraphQLInputObjectType:
        """`<Type>LinkWhere`: conditions on linked rows."""
        return self._once(f"{node.name}LinkWhere", node, self._list_fields, "关联条件 · on the linked rows")

    def aggregate_where(self, node: Node) -> GraphQLInputObjectType:
        """`<Type>AggregateWhere`: conditions on figures of the linked rows that `where` holds for."""

        def fields(node: Node) -> dict[str, GraphQLInputField]:
            inner = GraphQLInputField(self.where(node), description="只统计满足者 · only of linked rows that hold this")
            return {"where": inner, **self.having.fields(node)}

        return self._once(f"{node.name}AggregateWhere", node, fields, "关联统计条件 · on figures of the linked rows")

    def _link_where(self, link: Link) -> GraphQLInputObjectType:
        target = self._graph.nodes[link.target]
        return self.link_where(target) if link.many else self.where(target)

    def _list_fields(self, node: Node) -> dict[str, GraphQLInputField]:
        titles: Mapping[str, str] = {"some": "至少一条满足", "every": "每条都满足", "none": "没有一条满足"}
        return {name: GraphQLInputField(self.where(node), description=title) for name, title in titles.items()}

    def figure_order(self, node: Node) -> GraphQLInputObjectType:
        """`<Type>FigureOrderBy`: order by figures of the node's own fields."""
        return self._once(
            f"{node.name}FigureOrderBy", node, _own_order_fields, "统计值排序 · figures in the order given"
        )

    def _order_fields(self, node: Node) -> dict[str, GraphQLInputField]:
        fields = _own_order_fields(node)
        for name, link in node.links.items():
            target = self._graph.nodes[link.target]
            if not link.many and _has_order(target) and leads_to_one_at_most(link, target):
                fields[name] = GraphQLInputField(self.order_by(target), description=link.title)
        return fields


def _own_order_fields(node: Node) -> dict[str, GraphQLInputField]:
    return {
        name: GraphQLInputField(ORDER, description=field.title)
        for name, field in node.fields.items()
        if field.scalar is not JSON
    }


def _has_order(node: Node) -> bool:
    """Whether there is anything to order by: an input type without fields would make the whole schema invalid."""
    return any(field.scalar is not JSON for field in node.fields.values())
