"""Links from the pool's tables to the shared entities, read off the catalog.

A column of a data element leads to the entity whose key is that element's authoritative source; the column of a town's
division leads to its place. So a table that was collected a minute ago is joined to the graph by being catalogued.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from schema.graph import Field, Link, Node
from schema.remade import Remade

_DIVISIONS = "Place"
_TAKEN = frozenset(("id", "and", "or", "not"))


@dataclass(frozen=True, slots=True)
class _Target:
    """What a column may lead to: a node, by the field that is its key."""

    node: str
    title: str
    key: Field


@dataclass(frozen=True, slots=True)
class _Targets:
    """All of them: what the columns of a data element lead to, and what those of a town's division do."""

    by_element: Mapping[str, _Target] = field(default_factory=dict)
    place: _Target | None = None


class Linker:
    """Links the tables of one graph after another; those that did not move are linked again only if the targets did."""

    def __init__(self) -> None:
        self._targets = _Targets()
        self._linked = Remade(partial(_linked, self._targets))

    def link(self, nodes: Mapping[str, Node]) -> dict[str, Node]:
        """The nodes, those that nothing is declared over with their links."""
        place = nodes.get(_DIVISIONS)
        targets = _Targets(dict(_sources(nodes.values())), None if place is None else _target(place))
        if targets != self._targets:
            self._targets = targets
            self._linked = Remade(partial(_linked, targets))
        return self._linked.of(nodes)


def _sources(nodes: Iterable[Node]) -> Iterable[tuple[str, _Target]]:
    for node in nodes:
        if not node.is_table and len(node.key) == 1:
            target = _target(node)
            if target.key.authoritative and target.key.element is not None:
                yield target.key.element, target


def _target(node: Node) -> _Target:
    return _Target(node.name, node.title, node.fields[node.key[0]])


def _linked(targets: _Targets, node: Node) -> Node:
    return replace(node, links=_links(node, targets)) if node.is_table else node


def _links(node: Node, targets: _Targets) -> dict[str, Link]:
    links: dict[str, Link] = {}
    for name, column in node.fields.items():
        is_town = column.column == node.division
        target = targets.place if is_town else targets.by_element.get(column.element or "")
        if target is None or (column.scalar, column.sql_type) != (target.key.scalar, target.key.sql_type):
            continue
        plain = "town" if is_town else target.node[:1].lower() + target.node[1:]
        # The first column keeps the short name whatever columns come after it.
        for wanted in (plain, f"{name}{target.node}"):
            if wanted not in node.fields and wanted not in links and wanted not in _TAKEN:
                title = "所在乡镇街道" if is_town else target.title
                links[wanted] = Link(wanted, target.node, ((name, target.key.name),), title)
                break
    return links
