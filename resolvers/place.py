"""Where in an operation a node is being compiled."""

from dataclasses import dataclass

from resolvers.selection import Selected
from resolvers.sql import Row
from resolvers.touch import Path
from schema.graph import Node


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node is compiled: the node, its row, the conditions its rows meet already, the field and its path.

    `within` is the node that the field is of, empty at an entrance.
    """

    node: Node
    row: Row
    conditions: tuple[str, ...]
    selected: Selected
    path: Path
    is_root: bool = False
    within: str = ""
