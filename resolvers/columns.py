"""Columns in conditions: as they compare, and joined by links."""

from resolvers.sql import Row
from schema.graph import Field, Link, Node
from schema.scalars import OTHER


def compared_column(row: Row, field: Field) -> str:
    """The column as its scalar compares it: types without a scalar of their own by their text."""
    column = row.column(field)
    return f"{column}::text" if field.scalar is OTHER else column


def list_of(cast: str) -> str:
    """What casts a list of texts to a list of the values they are of."""
    return "" if cast == "text" else f"::{cast}[]"


def join(node: Node, row: Row, link: Link, target: Node, inner: Row) -> list[str]:
    """The conditions that make rows of the target the ones a link leads to."""
    return [f"{inner.column(target.fields[there])} = {row.column(node.fields[here])}" for here, there in link.on]


def join_beside(node: Node, row: Row, link: Link, target: Node, inner: Row) -> list[str]:
    """The same conditions for a row of the target that is joined beside the row a link starts from."""
    return [
        f"{inner.column(target.fields[there])} = {row.reach(row.column(node.fields[here]))}" for here, there in link.on
    ]
