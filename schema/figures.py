"""Figures of several rows together: which functions there are, and what they make of a field."""

from collections.abc import Mapping

from schema.graph import Field, Node
from schema.scalars import BIG_INT, BOOLEAN, DECIMAL, FLOAT, INT, JSON, REAL, Scalar

AGGREGATE = "Aggregate"
CONNECTION = "Connection"
FUNCTIONS: Mapping[str, str] = {
    "countDistinct": "不同值个数",
    "sum": "合计",
    "avg": "平均",
    "min": "最小",
    "max": "最大",
}


def figure_scalar(field: Field, function: str) -> Scalar | None:
    """The scalar of a field's figure, None where the function does not apply."""
    if function == "countDistinct":
        return None if field.scalar is JSON else INT
    if function in ("min", "max"):
        return None if field.scalar in (JSON, BOOLEAN) else field.scalar
    if field.scalar in (INT, BIG_INT, DECIMAL):
        return DECIMAL
    return FLOAT if field.scalar in (FLOAT, REAL) else None


def functions_of(node: Node) -> list[str]:
    """The functions that apply to any field of the node."""
    return [name for name in FUNCTIONS if any(figure_scalar(field, name) for field in node.fields.values())]
