"""Nodes made from other nodes, kept for as long as what they were made from is the same object.

With thousands of tables, one that changed is made again alone. It knows nothing of what is made.
"""

from collections.abc import Callable, Mapping

from schema.graph import Node


class Remade:
    """What a pure function made of nodes last. Nodes are immutable, so the same node has the same result."""

    def __init__(self, make: Callable[[Node], Node]) -> None:
        self._make = make
        self._last: Mapping[str, tuple[Node, Node]] = {}

    def of(self, nodes: Mapping[str, Node]) -> dict[str, Node]:
        """The result for each node by its name; what was made of other nodes before is forgotten."""
        last = self._last
        pairs: dict[str, tuple[Node, Node]] = {}
        for name, node in nodes.items():
            pair = last.get(name)
            pairs[name] = pair if pair is not None and pair[0] is node else (node, self._make(node))
        self._last = pairs
        return {name: made for name, (_, made) in pairs.items()}
