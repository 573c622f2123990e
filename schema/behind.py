"""The rows of the pool behind an entity: all tables that lead to it, by department, from the entity itself.

Where a column of a table of the pool leads to an entity (pool_links.py), the entity leads back to its rows in that
table. A type for each entity and department holds these ways back, so that an entity keeps tens of fields where
thousands of tables name it. It stands for the entity's own row: its one field is the entity's key, with that coordinate
and its decisions. A town is not led back from: nearly every table has rows of each, found by a condition on `town`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from schema.graph import Link, Node, leads_to_one_at_most
from schema.tables import Catalogued

Found = tuple[str, Link]  # the entity, and its way to the rows of a table


class Behind:
    """Adds them to one graph after another; what leads to a table that did not move is not looked for again."""

    def __init__(self) -> None:
        self._found: Mapping[str, tuple[Node, tuple[Found, ...]]] = {}

    def add(
        self, nodes: Mapping[str, Node], tables: Sequence[Catalogued], departments: Mapping[str, tuple[str, str]]
    ) -> dict[str, Node]:
        """The nodes with those that lead back. `departments` has the name and the title of each, by its code."""
        ways: dict[tuple[str, str], dict[str, Link]] = {}
        found: dict[str, tuple[Node, tuple[Found, ...]]] = {}
        for table in tables:
            node = nodes[table.node.name]
            known = self._found.get(node.name)
            if known is None or known[0] is not node:
                known = (node, tuple(_ways_back(table.name, node, nodes)))
            found[node.name] = known
            for entity, link in known[1]:
                ways.setdefault((entity, table.provider), {}).setdefault(link.name, link)
        self._found = found
        added = dict(nodes)
        for (entity, code), links in sorted(ways.items()):
            _add(added, entity, *departments[code], links)
        return added


def _ways_back(name: str, table: Node, nodes: Mapping[str, Node]) -> Iterable[Found]:
    """A link's way back has the table's name, with that of the column where another column has taken it."""
    taken: set[str] = set()
    for link in table.links.values() if table.is_table else ():
        ((column, key),) = link.on
        is_town = table.fields[column].column == table.division
        if leads_to_one_at_most(link, nodes[link.target]) and not is_town:
            is_first = link.target not in taken
            taken.add(link.target)
            wanted = name if is_first else f"{name}By{column[0].upper()}{column[1:]}"
            title = table.title if is_first else f"{table.title}（{table.fields[column].title}）"
            yield link.target, Link(wanted, table.name, ((key, column),), title, many=True)


def _add(nodes: dict[str, Node], entity: str, department: str, title: str, links: Mapping[str, Link]) -> None:
    node = nodes[entity]
    suffix = f"Pool{department[0].upper()}{department[1:]}"
    name, member = f"{entity}{suffix}", suffix[0].lower() + suffix[1:]
    if name in nodes or member in node.fields or member in node.links:
        return
    (key,) = node.key
    fields = {key: node.fields[key]}
    kept = {each: link for each, link in links.items() if each not in fields and each != "id"}
    title = f"{title}的资源池记录"
    nodes[name] = replace(
        node, name=name, title=f"{node.title}：{title}", fields=fields, links=kept, interfaces=(), table=None
    )
    nodes[entity] = replace(node, links={**node.links, member: Link(member, name, ((key, key),), title)})
