"""Nodes of the pool, made from the catalog's rows, and the declared entities bound to theirs.

Every table of the catalog is a node under `pool.<department>.<table>`. A resource that a shared entity is declared over
is that entity's node: one item, one coordinate, wherever it is asked from. Pure: reads no database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from schema.behind import Behind
from schema.declaration import Entity, View, bind_entity, view_node
from schema.graph import Field, Graph, GraphError, Node, Root, Space, check
from schema.interfaces import check_interfaces
from schema.pool_links import Linker
from schema.tables import Catalogued, Rows, Tables, tables_of

DEPARTMENT_QUERY = "select code, title from catalog.department order by code"


@dataclass(frozen=True, slots=True)
class Declarations:
    """What code declares: entities, views, nodes over the platform's own tables, and the spaces they are reached by."""

    entities: tuple[Entity, ...]
    views: tuple[View, ...]
    metadata: tuple[Node, ...]
    spaces: tuple[Space, ...]


def make_graph(declarations: Declarations, departments: Rows, rows: Rows) -> Graph:
    """The whole graph from declarations and the rows of DEPARTMENT_QUERY and CATALOG_QUERY, nothing known before."""
    return GraphMaker(declarations).make(departments, tables_of(rows))


class GraphMaker:
    """Makes the graph of every state that a worker meets; nodes of tables that did not move stay the same objects."""

    def __init__(self, declarations: Declarations) -> None:
        self._declarations = declarations
        self._linker = Linker()
        self._behind = Behind()

    def make(self, departments: Rows, tables: Tables) -> Graph:
        """The whole graph of these tables. Raises GraphError where declarations and catalog disagree."""
        declarations = self._declarations
        listed = tables.ordered()
        nodes = _bound(declarations, listed)
        _add_views(nodes, declarations.views)
        nodes = self._linker.link(_without_dangling_links(nodes))
        titles = {str(row["code"]): str(row["title"]) for row in departments}
        nodes = self._behind.add(nodes, listed, {code: (camel(code), title) for code, title in titles.items()})
        graph = Graph(nodes, _roots(declarations, titles, listed, nodes))
        check(graph)
        check_interfaces(graph)
        return graph


def _bound(declarations: Declarations, tables: Sequence[Catalogued]) -> dict[str, Node]:
    bound = {(table.provider, table.resource): table.node for table in tables}
    for entity in declarations.entities:
        node = bound.get((entity.provider, entity.resource))
        if node is not None:
            bound[entity.provider, entity.resource] = bind_entity(entity, node)
    nodes = {node.name: node for node in (*declarations.metadata, *bound.values())}
    if len(nodes) != len(declarations.metadata) + len(bound):
        raise GraphError("two resources of the catalog have one type name")
    return nodes


def _add_views(nodes: dict[str, Node], views: Iterable[View]) -> None:
    def find(coordinate: str) -> Field | None:
        type_name, _, name = coordinate.partition(".")
        node = nodes.get(type_name)
        return node.fields.get(name) if node else None

    for view in views:
        needed = {coordinate.partition(".")[0] for each in view.fields for coordinate in each.derives}
        if needed <= nodes.keys():
            nodes[view.name] = view_node(view, find)


def _without_dangling_links(nodes: Mapping[str, Node]) -> dict[str, Node]:
    """Links to nodes whose entry is not published lead nowhere and are left out."""
    return {name: _leading_somewhere(node, nodes) for name, node in nodes.items()}


def _leading_somewhere(node: Node, nodes: Mapping[str, Node]) -> Node:
    links = {name: link for name, link in node.links.items() if link.target in nodes}
    return node if len(links) == len(node.links) else replace(node, links=links)


def _roots(
    declarations: Declarations, titles: Mapping[str, str], tables: Sequence[Catalogued], nodes: Mapping[str, Node]
) -> dict[str, Root | Space]:
    roots: dict[str, Root | Space] = {}
    for entity in declarations.entities:
        if entity.name in nodes and entity.one and entity.many:
            roots[entity.one] = Root(entity.one, entity.name, entity.title, many=False)
            roots[entity.many] = Root(entity.many, entity.name, entity.title)
    for space in declarations.spaces:
        kept = _existing(space, nodes)
        if kept.members:
            roots[space.name] = kept
    pool = _pool_space(titles, tables)
    if pool.members:
        roots["pool"] = pool
    return roots


def _existing(space: Space, nodes: Mapping[str, Node]) -> Space:
    members = {
        name: _existing(member, nodes) if isinstance(member, Space) else member
        for name, member in space.members.items()
        if isinstance(member, Space) or member.node in nodes
    }
    return replace(space, members=members)


def _pool_space(titles: Mapping[str, str], tables: Sequence[Catalogued]) -> Space:
    members_by_code: dict[str, dict[str, Root | Space]] = {}
    for table in tables:
        members = members_by_code.setdefault(table.provider, {})
        members[table.name] = Root(table.name, table.node.name, table.node.title)
    spaces: dict[str, Root | Space] = {}
    for code, members in sorted(members_by_code.items()):
        name = camel(code)
        spaces[name] = Space(name, "Pool" + name[0].upper() + name[1:], titles[code], members)
    return Space("pool", "Pool", "资源池", spaces)


def camel(code: str) -> str:
    """A department's code as a field name.

    >>> camel("market-regulation")
    'marketRegulation'
    """
    first, *rest = code.split("-")
    return first + "".join(word.capitalize() for word in rest)
