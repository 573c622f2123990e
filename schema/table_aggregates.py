"""Aggregates of the pool's tables: one set of types for all of them, in which fields are named by text.

Types of their own, as shared entities have them, would more than double what introspection of 3,899 tables holds.
"""

from graphql import (
    GraphQLArgument,
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

from schema.costs import GROUPED
from schema.figures import FUNCTIONS
from schema.graph import Node
from schema.inputs import ORDER, Inputs
from schema.scalars import JSON
from schema.table_having import COLUMN_CONDITION, COLUMN_COUNT_CONDITION, COLUMN_VALUE, NAMED, TABLE_HAVING

TABLE_GROUP_NAME = "TableGroup"
_OF = {"of": GraphQLArgument(GraphQLNonNull(GraphQLString), description="字段名")}


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
        **NAMED,
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
GROUP_BY = GraphQLList(GraphQLNonNull(GraphQLString))
ORDERS = GraphQLList(GraphQLNonNull(TABLE_ORDER))
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
