"""Links from the pool's tables to the shared entities, read off the catalog.

A column of a data element leads to the entity whose key is that element's authoritative source; the column of a town's
division leads to its place. So a table that was collected a minute ago is joined to the graph by being catalogued.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from schema.graph import Field, Link, Node

_DIVISIONS = "Place"
_TAKEN = frozenset(("id", "and", "or", "not"))


def link_tables(nodes: Mapping[str, Node]) -> dict[str, Node]:
    """The nodes, those that nothing is declared over with their links."""
    source_by_element = dict(_sources(nodes.values()))
    place = nodes.get(_DIVISIONS)
    return {
        name: replace(node, links=_links(node, source_by_element, place)) if node.is_table else node
        for name, node in nodes.items()
    }


def _sources(nodes: Iterable[Node]) -> Iterable[tuple[str, Node]]:
    for node in nodes:
        if not node.is_table and len(node.key) == 1:
            key = node.fields[node.key[0]]
            if key.authoritative and key.element is not None:
                yield key.element, node


def _links(node: Node, source_by_element: Mapping[str, Node], place: Node | None) -> dict[str, Link]:
    links: dict[str, Link] = {}
    for name, field in node.fields.items():
        is_town = field.column == node.division
        target = place if is_town else source_by_element.get(field.element or "")
        if target is None or not _is_comparable(field, target):
            continue
        plain = "town" if is_town else target.name[:1].lower() + target.name[1:]
        # The first column keeps the short name whatever columns come after it.
        for wanted in (plain, f"{name}{target.name}"):
            if wanted not in node.fields and wanted not in links and wanted not in _TAKEN:
                title = "所在乡镇街道" if is_town else target.title
                links[wanted] = Link(wanted, target.name, ((name, target.key[0]),), title)
                break
    return links


def _is_comparable(field: Field, target: Node) -> bool:
    key = target.fields[target.key[0]]
    return (field.scalar, field.sql_type) == (key.scalar, key.sql_type)
