"""How shared entities and application views are written down, and how they become nodes.

An entity is declared over one resource of the catalog: its fields name catalog items, whose title, sharing type,
openness, grade and mask the catalog alone decides. A view is declared over SQL and names, field by field, the
coordinates it derives from; its default decision is the strictest of theirs. Declarations know no database.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from schema.graph import Field, GraphError, Link, Node
from schema.scalars import STRING, Scalar


@dataclass(frozen=True, slots=True)
class Entity:
    """A shared entity: `one` and `many` are its root fields, if it has any; `fields` says which scalar each must be."""

    name: str
    title: str
    provider: str
    resource: str
    fields: Mapping[str, Scalar]
    links: tuple[Link, ...] = ()
    one: str | None = None
    many: str | None = None
    interfaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ViewField:
    """A field of a view: a column of its SQL, and the coordinates it is made from."""

    name: str
    scalar: Scalar
    title: str
    derives: tuple[str, ...]
    column: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A node over SQL on entities. `division` is the column with the town's code."""

    name: str
    title: str
    relation: str
    key: tuple[str, ...]
    fields: tuple[ViewField, ...]
    division: str | None = "town_code"
    links: tuple[Link, ...] = ()
    interfaces: tuple[str, ...] = ()


def quoted(identifier: str) -> str:
    """A SQL identifier, quoted.

    >>> quoted('odd "name')
    '"odd ""name"'
    """
    return '"' + identifier.replace('"', '""') + '"'


def bind_entity(entity: Entity, node: Node) -> Node:
    """The catalog's node with the entity's links, if the catalog and the declaration say the same.

    Raises GraphError naming the first field on which they differ: nothing resolvable is uncatalogued, and nothing
    catalogued of a shared entity is left out.
    """
    declared = {name: scalar.name for name, scalar in entity.fields.items()}
    catalogued = {name: field.scalar.name for name, field in node.fields.items()}
    for name in declared.keys() | catalogued.keys():
        if declared.get(name) != catalogued.get(name):
            raise GraphError(
                f"{entity.name}.{name}: declared as {declared.get(name)}, catalogued as {catalogued.get(name)}"
            )
    links = {link.name: link for link in entity.links}
    return replace(node, title=entity.title, links=links, is_table=False, interfaces=entity.interfaces)


def view_node(view: View, find: Callable[[str], Field | None]) -> Node:
    """The node of a view; `find` gives the field of a coordinate. Raises GraphError for an unknown input."""
    fields = {each.name: _view_field(view, each, find) for each in view.fields}
    return Node(
        name=view.name,
        relation=f"({view.relation})",
        title=view.title,
        key=view.key,
        fields=fields,
        links={link.name: link for link in view.links},
        division=view.division,
        interfaces=view.interfaces,
        key_columns=tuple(fields[name].column for name in view.key),
        key_types=tuple(fields[name].sql_type for name in view.key),
    )


def _view_field(view: View, each: ViewField, find: Callable[[str], Field | None]) -> Field:
    inputs = [(coordinate, find(coordinate)) for coordinate in each.derives]
    if missing := [coordinate for coordinate, found in inputs if found is None]:
        raise GraphError(f"{view.name}.{each.name} derives from nothing known: {', '.join(missing)}")
    known = tuple(found for _, found in inputs if found is not None)
    return Field(
        coordinate=f"{view.name}.{each.name}",
        name=each.name,
        column=quoted(each.column or snake(each.name)),
        scalar=each.scalar,
        title=each.title,
        kind="derived",
        sharing=strictest([one.sharing for one in known]),
        openness="open" if all(one.openness == "open" for one in known) else "closed",
        grade=max((one.grade for one in known), default=1),
        sql_type=each.scalar.cast,
        inputs=known,
        is_searched=len(known) == 1 and known[0].is_searched and each.scalar is STRING,
    )


@dataclass(frozen=True, slots=True)
class Metadata:
    """A node over the platform's own tables; `fields` are name, scalar, title. Columns are the names in snake case."""

    name: str
    title: str
    relation: str
    key: tuple[str, ...]
    fields: tuple[tuple[str, Scalar, str], ...]
    kind: str


def metadata_node(declared: Metadata) -> Node:
    """The node of the platform's own table."""
    made = {
        field_name: Field(
            coordinate=f"{declared.name}.{field_name}",
            name=field_name,
            column=quoted(snake(field_name)),
            scalar=scalar,
            title=field_title,
            kind=declared.kind,
            sharing="unconditional",
            sql_type=scalar.cast,
            required=field_name in declared.key,
        )
        for field_name, scalar, field_title in declared.fields
    }
    return Node(
        name=declared.name,
        relation=declared.relation,
        title=declared.title,
        key=declared.key,
        fields=made,
        is_metadata=True,
        key_columns=tuple(made[field_name].column for field_name in declared.key),
        key_types=tuple(made[field_name].sql_type for field_name in declared.key),
    )


_STRICTNESS = ("unconditional", "conditional", "not_shared")


def strictest(sharings: Sequence[str]) -> str:
    """The strictest sharing type (就高从严); not shared where there is none.

    >>> strictest(["unconditional", "conditional"]), strictest([])
    ('conditional', 'not_shared')
    """
    return max(sharings, key=_STRICTNESS.index, default="not_shared")


def snake(name: str) -> str:
    """A camelCase name as snake_case.

    >>> snake("legalPersonId")
    'legal_person_id'
    """
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
