"""Input types that compare figures of several rows together: of the rows of a group, or of linked rows."""

from collections.abc import Callable
from functools import partial

from graphql import GraphQLInputField, GraphQLInputObjectType

from schema.comparisons import COMPARISONS
from schema.figures import FUNCTIONS, figure_scalar, functions_of
from schema.graph import Node


class Having:
    """These input types of one graph, each made when first asked for."""

    def __init__(self) -> None:
        self._made: dict[str, GraphQLInputObjectType] = {}

    def having(self, node: Node) -> GraphQLInputObjectType:
        """`<Type>Having`: conditions on groups."""
        return self._once("Having", node, self.fields, "对各组的条件")

    def numbers(self, node: Node) -> GraphQLInputObjectType:
        """`<Type>NumbersHaving`: conditions on sums or averages."""
        return self._once("NumbersHaving", node, partial(_comparisons, "sum"), "对合计或平均的条件")

    def extremes(self, node: Node) -> GraphQLInputObjectType:
        """`<Type>ExtremesHaving`: conditions on least or greatest values."""
        return self._once("ExtremesHaving", node, partial(_comparisons, "min"), "对最小或最大值的条件")

    def counts(self, node: Node) -> GraphQLInputObjectType:
        """`<Type>CountsHaving`: conditions on the number of different values."""
        return self._once("CountsHaving", node, partial(_comparisons, "countDistinct"), "对不同值个数的条件")

    def fields(self, node: Node) -> dict[str, GraphQLInputField]:
        """The figures of a node that conditions may be on."""
        kinds = {"countDistinct": self.counts, "sum": self.numbers, "avg": self.numbers}
        fields = {"count": GraphQLInputField(COMPARISONS["Int"], description="记录数")}
        for function in functions_of(node):
            made = kinds.get(function, self.extremes)(node)
            fields[function] = GraphQLInputField(made, description=FUNCTIONS[function])
        return fields

    def _once(
        self, suffix: str, node: Node, fields: Callable[[Node], dict[str, GraphQLInputField]], title: str
    ) -> GraphQLInputObjectType:
        name = f"{node.name}{suffix}"
        if name not in self._made:
            description = f"{node.title} {title}"
            self._made[name] = GraphQLInputObjectType(name, lambda: fields(node), description=description)
        return self._made[name]


def _comparisons(function: str, node: Node) -> dict[str, GraphQLInputField]:
    return {
        name: GraphQLInputField(COMPARISONS[scalar.name], description=field.title)
        for name, field in node.fields.items()
        if (scalar := figure_scalar(field, function)) is not None
    }
