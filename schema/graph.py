"""The graph: nodes, fields and links, declared once, from which schema, plans, policy vocabulary and record are made.

A field is one identity with a catalog item, a database column and a policy object: its schema coordinate
(`Enterprise.creditCode`; GraphQL specification, September 2025, section 3.14). This module holds values only: it
refuses to know how SQL is written, who may read, and what GraphQL types look like.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schema.scalars import Scalar


class GraphError(Exception):
    """A declaration that does not hold: the server refuses to start with it."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field with what the catalog says of it. `kind`: item, derived, catalog, log or system.

    `column` is the column of the node's relation; `inputs` are the fields that a derived field is made from.
    `is_searched` says that an index over the parts of its texts may serve; `element` is its data element, of which one
    field is `authoritative`. `narrowing` is a condition in SQL that all rows meet whose value is what is `{given}`, or
    one of the array `{values}`, and few others; `{row}` is their alias. It finds them where no index over values can.
    """

    coordinate: str
    name: str
    column: str
    scalar: Scalar
    title: str
    kind: str = "item"
    provider: str = ""
    sharing: str = "not_shared"
    openness: str = "closed"
    grade: int = 1
    mask: str | None = None
    ground: str | None = None
    sql_type: str = "text"
    required: bool = False
    inputs: tuple["Field", ...] = ()
    is_searched: bool = False
    element: str | None = None
    authoritative: bool = False
    narrowing: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A way from one node to another: rows whose `on` fields are equal, here first, there second."""

    name: str
    target: str
    on: tuple[tuple[str, str], ...]
    title: str
    many: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table under batches and history, by schema and name as they are, unquoted."""

    schema: str
    name: str


@dataclass(frozen=True, slots=True)
class Node:
    """A type of the graph over one relation.

    `relation` is SQL that may stand after FROM. `key` names fields in order. `division` is the column that holds the
    town's division code, by which a town's office is scoped; `key_columns` with their PostgreSQL `key_types` are there
    whether or not their fields are; `audiences` are SQL predicates (`{row}` is the row's alias, `{department}` the
    asking department) for relations whose rows not everybody may know of. `is_table` marks a table of the pool that
    nothing is declared over; no two rows have one key where it `has_unique_key`; `order_column` is a unique column
    whose order tells nothing of a row. `is_growing` marks rows that are added between data epochs, as the log's are.
    `interfaces` are names of `schema/interfaces.py`.
    `table` is the one table whose rows the node's are, one for one, where it is one.
    """

    name: str
    relation: str
    title: str
    key: tuple[str, ...]
    fields: Mapping[str, Field]
    links: Mapping[str, Link] = field(default_factory=dict)
    division: str | None = None
    is_metadata: bool = False
    audiences: Mapping[str, str] = field(default_factory=dict)
    key_columns: tuple[str, ...] = ()
    key_types: tuple[str, ...] = ()
    is_table: bool = False
    has_unique_key: bool = False
    order_column: str | None = None
    newest_first: bool = False
    is_growing: bool = False
    interfaces: tuple[str, ...] = ()
    table: Table | None = None


def leads_to_one_at_most(link: Link, target: Node) -> bool:
    """Whether a link's `on` fields are the whole key of its target."""
    is_whole = bool(target.key) and len(target.key) == len(target.key_columns)
    return is_whole and set(target.key) <= {there for _, there in link.on}


@dataclass(frozen=True, slots=True)
class Root:
    """An entrance to a node: one row by key, or a connection."""

    name: str
    node: str
    title: str
    many: bool = True


@dataclass(frozen=True, slots=True)
class Space:
    """A field that only groups entrances, such as `catalog` or `pool.taxation`."""

    name: str
    type_name: str
    title: str
    members: Mapping[str, "Root | Space"]


@dataclass(frozen=True, slots=True)
class Graph:
    """All nodes by name and all entrances by name."""

    nodes: Mapping[str, Node]
    roots: Mapping[str, Root | Space]

    def field(self, coordinate: str) -> Field | None:
        """The field of a coordinate, None where there is none."""
        type_name, _, name = coordinate.partition(".")
        node = self.nodes.get(type_name)
        return node.fields.get(name) if node else None


def check(graph: Graph) -> None:
    """Raises GraphError for a link, key or entrance that leads nowhere."""
    for node in graph.nodes.values():
        _check_node(graph, node)
    for root in entrances(graph.roots):
        if root.node not in graph.nodes:
            raise GraphError(f"entrance {root.name} leads to no node: {root.node}")


def _check_node(graph: Graph, node: Node) -> None:
    if missing := [name for name in node.key if name not in node.fields]:
        raise GraphError(f"{node.name}: its key names no field: {', '.join(missing)}")
    for link in node.links.values():
        target = graph.nodes.get(link.target)
        if target is None:
            raise GraphError(f"{node.name}.{link.name} leads to no node: {link.target}")
        for here, there in link.on:
            if here not in node.fields or there not in target.fields:
                raise GraphError(f"{node.name}.{link.name} joins on no field: {here}, {there}")
        if link.name in node.fields:
            raise GraphError(f"{node.name}.{link.name} is a field and a link")


def entrances(members: Mapping[str, Root | Space]) -> tuple[Root, ...]:
    """All entrances below, spaces opened."""
    found: list[Root] = []
    for member in members.values():
        found.extend(entrances(member.members) if isinstance(member, Space) else (member,))
    return tuple(found)


def spaces(members: Mapping[str, Root | Space]) -> tuple[Space, ...]:
    """All spaces below, outer before inner."""
    found: list[Space] = []
    for member in members.values():
        if isinstance(member, Space):
            found.extend((member, *spaces(member.members)))
    return tuple(found)
