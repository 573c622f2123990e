"""Input types that compare values: one per scalar, with the operators of its kind."""

from collections.abc import Mapping

from graphql import GraphQLBoolean, GraphQLInputField, GraphQLInputObjectType, GraphQLList, GraphQLNonNull

from schema.scalars import SCALARS, Scalar

_OPERATOR_TITLES = {
    "eq": "等于",
    "ne": "不等于",
    "in": "属于",
    "notIn": "不属于",
    "isNull": "为空",
    "lt": "小于",
    "lte": "不大于",
    "gt": "大于",
    "gte": "不小于",
    "like": "匹配（% 与 _）",
    "startsWith": "开头为",
    "contains": "包含",
    "search": "含全部词（空格分隔，不分大小写与全半角）",
}


def _comparison(scalar: Scalar) -> GraphQLInputObjectType:
    def operand(operator: str) -> GraphQLInputField:
        description = _OPERATOR_TITLES[operator]
        if operator in ("in", "notIn"):
            return GraphQLInputField(GraphQLList(GraphQLNonNull(scalar.graphql)), description=description)
        kind = GraphQLBoolean if operator == "isNull" else scalar.graphql
        return GraphQLInputField(kind, description=description)

    return GraphQLInputObjectType(
        f"{scalar.name}Comparison",
        {operator: operand(operator) for operator in scalar.operators},
        description=f"比较（{scalar.name}） · all given operators must hold",
    )


COMPARISONS: Mapping[str, GraphQLInputObjectType] = {each.name: _comparison(each) for each in SCALARS}
