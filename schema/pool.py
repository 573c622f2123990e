"""Nodes of the pool, made from the catalog's rows, and the declared entities bound to theirs.

Every table of the catalog is a node under `pool.<department>.<table>`. A resource that a shared entity is declared over
is that entity's node: one item, one coordinate, wherever it is asked from. Pure: reads no database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from schema.declaration import Entity, View, bind_entity, quoted, strictest, view_node
from schema.graph import Field, Graph, GraphError, Node, Root, Space, Table, check
from schema.interfaces import check_interfaces
from schema.pool_links import link_tables
from schema.scalars import scalar_of

# Published tables with their items, in one row per table; the stricter of entry and item is taken in `_field`. A table
# without columns has nothing to ask for and is not in the graph.
CATALOG_QUERY = """
select r.type_name, r.graph_name, r.title, r.provider, r.schema_name, r.relation_name, r.key_columns, r.order_column,
       r.name as resource, e.sharing, e.openness, e.grade, e.sharing_ground,
       array_agg(array[i.name, i.graph_name, i.title, i.sql_type, i.sharing, i.openness, i.grade::text,
                       i.mask, coalesce(i.sharing_ground, e.sharing_ground), i.required::text, i.is_division::text,
                       i.searched::text, i.element, i.authoritative::text]
                 order by i.position) as items
  from catalog.resource r
  join catalog.entry e on e.code = r.entry
  join catalog.item i on i.resource = r.id
 where e.status = 'published'
 group by r.id, e.code
 order by r.provider, r.graph_name"""

DEPARTMENT_QUERY = "select code, title from catalog.department order by code"

_OPENNESS = ("open", "restricted", "closed")


@dataclass(frozen=True, slots=True)
class Declarations:
    """What code declares: entities, views, nodes over the platform's own tables, and the spaces they are reached by."""

    entities: tuple[Entity, ...]
    views: tuple[View, ...]
    metadata: tuple[Node, ...]
    spaces: tuple[Space, ...]


def make_graph(
    declarations: Declarations, departments: Sequence[Mapping[str, str]], rows: Sequence[Mapping[str, object]]
) -> Graph:
    """The whole graph from declarations and the rows of the two queries. Raises GraphError where they disagree."""
    catalogued = {(str(row["provider"]), str(row["resource"])): _table_node(row) for row in rows}
    bound = dict(catalogued)
    for entity in declarations.entities:
        node = catalogued.get((entity.provider, entity.resource))
        if node is not None:
            bound[entity.provider, entity.resource] = bind_entity(entity, node)
    nodes = {node.name: node for node in (*declarations.metadata, *bound.values())}
    if len(nodes) != len(declarations.metadata) + len(bound):
        raise GraphError("two resources of the catalog have one type name")
    _add_views(nodes, declarations.views)
    nodes = link_tables(_without_dangling_links(nodes))
    roots = _roots(declarations, departments, rows, nodes)
    graph = Graph(nodes, roots)
    check(graph)
    check_interfaces(graph)
    return graph


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
    return {
        name: replace(node, links={key: link for key, link in node.links.items() if link.target in nodes})
        for name, node in nodes.items()
    }


def _table_node(row: Mapping[str, object]) -> Node:
    type_name = str(row["type_name"])
    items: Sequence[Sequence[str | None]] = row["items"]  # type: ignore[assignment]  # text[][] of the query
    fields = {field.name: field for field in (_field(type_name, row, item) for item in items)}
    by_column = {field.column: field.name for field in fields.values()}
    key_columns = tuple(quoted(str(name)) for name in row["key_columns"])  # type: ignore[attr-defined]
    division = next((quoted(str(item[0])) for item in items if item[10] == "true"), None)
    return Node(
        name=type_name,
        relation=f"{quoted(str(row['schema_name']))}.{quoted(str(row['relation_name']))}",
        title=str(row["title"]),
        key=tuple(by_column[column] for column in key_columns if column in by_column),
        fields=fields,
        division=division,
        key_columns=key_columns,
        key_types=tuple(
            fields[by_column[column]].sql_type if column in by_column else "bigint" for column in key_columns
        ),
        is_table=True,
        table=Table(str(row["schema_name"]), str(row["relation_name"])),
        order_column=None if row["order_column"] is None else quoted(str(row["order_column"])),
    )


def _field(type_name: str, row: Mapping[str, object], item: Sequence[str | None]) -> Field:
    (
        column,
        name,
        title,
        sql_type,
        sharing,
        openness,
        grade,
        mask,
        ground,
        required,
        _division,
        searched,
        element,
        source,
    ) = (value if value is None else str(value) for value in item)
    return Field(
        coordinate=f"{type_name}.{name}",
        name=str(name),
        column=quoted(str(column)),
        scalar=scalar_of(str(sql_type)),
        title=str(title),
        provider=str(row["provider"]),
        sharing=strictest([str(sharing), str(row["sharing"])]),
        openness=max(str(openness), str(row["openness"]), key=_OPENNESS.index),
        grade=max(int(str(grade)), int(str(row["grade"]))),
        mask=mask,
        ground=ground,
        sql_type=str(sql_type),
        required=required == "true",
        is_searched=searched == "true",
        element=element,
        authoritative=source == "true",
    )


def _roots(
    declarations: Declarations,
    departments: Sequence[Mapping[str, str]],
    rows: Sequence[Mapping[str, object]],
    nodes: Mapping[str, Node],
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
    pool = _pool_space(departments, rows)
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


def _pool_space(departments: Sequence[Mapping[str, str]], rows: Sequence[Mapping[str, object]]) -> Space:
    titles = {row["code"]: row["title"] for row in departments}
    tables: dict[str, dict[str, Root | Space]] = {}
    for row in rows:
        name = str(row["graph_name"])
        tables.setdefault(str(row["provider"]), {})[name] = Root(name, str(row["type_name"]), str(row["title"]))
    spaces: dict[str, Root | Space] = {}
    for code, members in sorted(tables.items()):
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
