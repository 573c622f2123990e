"""Row scopes as SQL: which rows of a node exist for the asking principal."""

from resolvers.sql import Parameters, Row
from resolvers.touch import Touch
from schema.graph import Node


def row_conditions(node: Node, row: Row, touch: Touch, parameters: Parameters) -> list[str]:
    """The conditions a row must meet to exist for the principal; rows of a node without the scoped column do not."""
    scope = touch.scope
    conditions: list[str] = []
    audience = node.audiences.get(scope.audience)
    if audience is not None:
        department = parameters.constant(scope.department) if "{department}" in audience else ""
        conditions.append(audience.format(row=row.alias, department=department))
    if scope.division is not None and not node.is_metadata:
        if node.division is None:
            conditions.append("false")
        else:
            conditions.append(f"{row.alias}.{node.division} = {parameters.constant(scope.division)}")
    touch.hiding_conditions += len(conditions)
    return conditions
