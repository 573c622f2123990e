"""Input types that compare values: one per scalar, with the operators of its kind."""

from collections.abc import Iterable, Mapping

from graphql import (
    GraphQLBoolean,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
)

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


def comparing(kind: GraphQLScalarType, operators: Iterable[str]) -> dict[str, GraphQLInputField]:
    """The input fields that compare with values of a kind, by operator."""

    def operand(operator: str) -> GraphQLInputField:
        description = _OPERATOR_TITLES[operator]
        if operator in ("in", "notIn"):
            return GraphQLInputField(GraphQLList(GraphQLNonNull(kind)), description=description)
        return GraphQLInputField(GraphQLBoolean if operator == "isNull" else kind, description=description)

    return {operator: operand(operator) for operator in operators}


def _comparison(scalar: Scalar) -> GraphQLInputObjectType:
    return GraphQLInputObjectType(
        f"{scalar.name}Comparison",
        comparing(scalar.graphql, scalar.operators),
        description=f"比较（{scalar.name}） · all given operators must hold",
    )


COMPARISONS: Mapping[str, GraphQLInputObjectType] = {each.name: _comparison(each) for each in SCALARS}
