"""What every connection tells beside its rows: where its page lies, and how many rows there are in all."""

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLString,
)

from schema.costs import COUNTED

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

PLANNED = "PLANNED"
COUNT_MODE = GraphQLEnumType(
    "CountMode",
    {
        "EXACT": GraphQLEnumValue("EXACT", description="精确计数 · every row is counted"),
        PLANNED: GraphQLEnumValue(PLANNED, description="估算 · as the database plans, from samples; no row is read"),
    },
    description="总数的算法 · how rows are counted",
)
TOTAL_COUNT = GraphQLField(
    GraphQLInt,
    args={"mode": GraphQLArgument(COUNT_MODE, default_value="EXACT", description="精确或估算")},
    description="总数 · only when asked",
    extensions=dict(COUNTED),
)
