"""In charge of what the reference shows: rows and pages of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schema.graph import Node
from tests.resolvers.reference_rows import Row


@dataclass(frozen=True, slots=True)
class Shown:
    """A row being shown; None stands for a phantom."""

    node: Node
    row: Row | None
    is_known: bool = True


def type_of(value: object, *_: object) -> str:
    """The name of the type that a row is shown as."""
    assert isinstance(value, Shown)
    return value.node.name


@dataclass(frozen=True, slots=True)
class ShownConnection:
    """A page of rows being shown, and what is told of the whole."""

    rows: Sequence[Shown]
    count: int
    estimate: int
    page_info: Mapping[str, object]
