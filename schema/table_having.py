"""Conditions on figures of rows of the pool's tables: one set of types for all, in which fields are named by text.

Which type a field's values are of is known when the field is: a document says them as texts and numbers.
"""

from decimal import Decimal

from graphql import (
    GraphQLError,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
)

from schema.comparisons import COMPARISONS, comparing
from schema.figures import FUNCTIONS
from schema.scalars import INT, STRING, custom_scalar

# Marks an input field whose text names a field, so that it shapes the plan.
NAMES = "names"
NAMED = {"of": GraphQLInputField(GraphQLNonNull(GraphQLString), description="字段名", extensions={NAMES: True})}


def _parse_value(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise GraphQLError("ColumnValue must be a text or a number.")
    # One number is one value, written as a literal or sent as JSON: cursors hold what a condition compares with.
    return Decimal(repr(value)) if isinstance(value, float) else value


COLUMN_VALUE = custom_scalar(
    "ColumnValue", "字段值 · a text or a number, as the field that is compared takes it", _parse_value
)


COLUMN_COUNT_CONDITION = GraphQLInputObjectType(
    "ColumnCountCondition",
    {**NAMED, **comparing(INT.graphql, INT.operators)},
    description="对一个字段不同值个数的条件 · on how many different values a field has",
)
COLUMN_CONDITION = GraphQLInputObjectType(
    "ColumnCondition",
    {**NAMED, **comparing(COLUMN_VALUE, STRING.operators)},
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
    description="统计值条件 · on figures of a group, or of linked rows, of a table: all of a list must hold",
)
