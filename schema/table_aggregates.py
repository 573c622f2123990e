"""Aggregates of the pool's tables: one set of types for all of them, in which fields are named by text.

Types of their own, as shared entities have them, would more than double what introspection of 3,899 tables holds.
Which type a field's values are of is known when the field is: a document says them as texts and numbers.
"""

from decimal import Decimal

from graphql import (
    GraphQLArgument,
    GraphQLError,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLString,
)

from schema.comparisons import COMPARISONS, comparing
from schema.costs import GROUPED
from schema.figures import FUNCTIONS
from schema.graph import Node
from schema.inputs import ORDER, Inputs
from schema.scalars import INT, JSON, STRING, custom_scalar

TABLE_GROUP_NAME = "TableGroup"
# Marks an input field whose text names a field, so that it shapes the plan.
NAMES = "names"
_OF = {"of": GraphQLArgument(GraphQLNonNull(GraphQLString), description="字段名")}
_NAMED = {"of": GraphQLInputField(GraphQLNonNull(GraphQLString), description="字段名", extensions={NAMES: True})}


def _parse_value(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise GraphQLError("ColumnValue must be a text or a number.")
    return value


COLUMN_VALUE = custom_scalar(
    "ColumnValue", "字段值 · a text or a number, as the field that is compared takes it", _parse_value
)


def _told(kind: GraphQLOutputType, description: str) -> GraphQLField:
    return GraphQLField(kind, args=_OF, description=description)


TABLE_GROUP = GraphQLObjectType(
    TABLE_GROUP_NAME,
    {
        "key": _told(JSON.graphql, "分组值 · of a field grouped by, as that field shows it"),
        "count": GraphQLField(GraphQLInt, description="记录数"),
        **{
            name: _told(GraphQLInt if name == "countDistinct" else JSON.graphql, title)
            for name, title in FUNCTIONS.items()
        },
    },
    description="资源池表的统计 · one group of rows of a table; figures take the name of a field",
)
COLUMN_ORDER = GraphQLInputObjectType(
    "ColumnOrder",
    {
        **_NAMED,
        "direction": GraphQLInputField(GraphQLNonNull(ORDER), description="方向"),
    },
    description="按一个字段的分组值或统计值排序 · by the key or a figure of a field",
)
TABLE_ORDER = GraphQLInputObjectType(
    "TableGroupOrderBy",
    {
        "key": GraphQLInputField(COLUMN_ORDER, description="按分组值"),
        "count": GraphQLInputField(ORDER, description="按记录数"),
        **{name: GraphQLInputField(COLUMN_ORDER, description=f"按{title}") for name, title in FUNCTIONS.items()},
    },
    description="各组的排序 · order of the groups of a table",
)
COLUMN_COUNT_CONDITION = GraphQLInputObjectType(
    "ColumnCountCondition",
    {**_NAMED, **comparing(INT.graphql, INT.operators)},
    description="对一个字段不同值个数的条件 · on how many different values a field has",
)
COLUMN_CONDITION = GraphQLInputObjectType(
    "ColumnCondition",
    {**_NAMED, **comparing(COLUMN_VALUE, STRING.operators)},
    description="对一个字段统计值的条件 · on a figure of a field, with the operators of its type",
)


def _listed(kind: GraphQLInputObjectType) -> GraphQLList[GraphQLNonNull[GraphQLInputObjectType]]:
    return GraphQLList(GraphQLNonNull(kind))


TABLE_HAVING = GraphQLInputObjectType(
    "TableGroupHaving",
    {
        "count": GraphQLInputField(COMPARISONS["Int"], description="记录数"),
        **{
            name: GraphQLInputField(
                _listed(COLUMN_COUNT_CONDITION if name == "countDistinct" else COLUMN_CONDITION), description=title
            )
            for name, title in FUNCTIONS.items()
        },
    },
    description="对各组的条件 · on the groups of a table: each figure of a list must compare as it says",
)
GROUP_BY = GraphQLList(GraphQLNonNull(GraphQLString))
ORDERS = _listed(TABLE_ORDER)
TABLE_TYPES = (
    TABLE_GROUP,
    COLUMN_VALUE,
    COLUMN_ORDER,
    TABLE_ORDER,
    COLUMN_COUNT_CONDITION,
    COLUMN_CONDITION,
    TABLE_HAVING,
)
_ARGUMENTS = {
    "groupBy": GraphQLArgument(GROUP_BY, description="分组字段名"),
    "having": GraphQLArgument(TABLE_HAVING, description="对各组的条件"),
    "orderBy": GraphQLArgument(ORDERS, description="各组的排序"),
    "first": GraphQLArgument(GraphQLInt, description="前若干组"),
}
_KIND = GraphQLList(GraphQLNonNull(TABLE_GROUP))


def table_field(inputs: Inputs, node: Node, title: str) -> GraphQLField:
    """The field that aggregates rows of a table."""
    where = GraphQLArgument(inputs.where(node), description="筛选条件")
    return GraphQLField(
        _KIND, args={"where": where, **_ARGUMENTS}, description=f"{title}统计", extensions=dict(GROUPED)
    )
