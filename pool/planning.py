"""What becomes of each table of a source: which pool table it is or will be, with which columns, types, names and key.

Pure: it compares what a source says with what the catalog knows, and refuses what would lose something or break a name
that the graph has promised. Existing tables keep their catalog rows; only new columns and wider types change them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pool.cataloguing import EntrySpec, ItemSpec, TableSpec
from pool.entries import Entries
from pool.errors import CollectionError
from pool.inventory import Inventory, KnownItem, KnownResource
from pool.names import SHARED_ENTITIES, field_name, table_name, type_name
from pool.names import column_names as graph_names
from pool.relations import ROW_KEY, Column, Relation, column_names, pool_schema
from pool.sources.source import SourceTable
from pool.sql import short_name
from pool.types import can_be_key, data_type, pool_type, widest

_MOST_COLUMNS = 1598
_DIVISION_COLUMNS = ("town_code", "division_code")


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """A column to be: `spec` is whole, `item` the catalog row it has already, `widened_from` a type it had before."""

    spec: ItemSpec
    column: Column
    item: int | None = None
    widened_from: str = ""


@dataclass(frozen=True, slots=True)
class PlannedTable:
    """A table to be loaded. `asked` is the source's table with the columns, types and required columns of the pool."""

    asked: SourceTable
    relation: Relation
    items: tuple[PlannedItem, ...]
    resource: int | None
    entry: str
    title: str
    graph_name: str
    type_name: str

    @property
    def is_new(self) -> bool:
        """Whether the pool does not have the table yet."""
        return self.resource is None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the caller of a collection asked for, beyond the source: an entry, a key, specs by table name."""

    entry: str | None
    key: tuple[str, ...]
    specs: Mapping[str, TableSpec]


class Planner:
    """Plans the tables of one collection in turn; it remembers the names and entries it has given out."""

    def __init__(self, inventory: Inventory, wishes: Wishes) -> None:
        self.entries = Entries(inventory)
        self._inventory = inventory
        self._wishes = wishes
        self._graph_names = {resource.graph_name for resource in inventory.resources.values()}
        self._type_names = set(inventory.type_names)

    def plan(self, table: SourceTable) -> PlannedTable:
        """The plan of one table. Raises CollectionError for what cannot be taken in."""
        check_columns(table)
        known = self._inventory.resources.get(table.name)
        return self._plan_new(table) if known is None else self._plan_known(table, known)

    def _plan_new(self, table: SourceTable) -> PlannedTable:
        spec = self._wishes.specs.get(table.name, TableSpec())
        title = spec.title or table.title or table.name
        graph_name = spec.graph_name or table_name(table.name, self._graph_names)
        chosen_type = spec.type_name or type_name(self._inventory.provider, graph_name, self._type_names)
        self._graph_names.add(graph_name)
        self._type_names.add(chosen_type)
        items = _new_items(table, spec)
        names = {column.name: item.column.name for column, item in zip(table.columns, items, strict=True)}
        wanted = self._wishes.key or table.key
        key = tuple(names[name] for name in wanted if name in names)
        _check_key(table, wanted, key, items)
        return PlannedTable(
            asked=_asked(table, items),
            relation=_relation(pool_schema(self._inventory.provider), short_name(table.name), items, key or (ROW_KEY,)),
            items=items,
            resource=None,
            entry=self._entry(spec.entry, title),
            title=title,
            graph_name=graph_name,
            type_name=chosen_type,
        )

    def _entry(self, wanted: EntrySpec | str | None, title: str) -> str:
        entry = self._wishes.entry or wanted
        if entry is None:
            return self.entries.derived(title)
        return self.entries.existing(entry) if isinstance(entry, str) else self.entries.declared(entry)

    def _plan_known(self, table: SourceTable, known: KnownResource) -> PlannedTable:
        if self._wishes.entry not in (None, known.entry):
            raise CollectionError(f"table {table.name} belongs to entry {known.entry}, not to {self._wishes.entry}")
        if self._wishes.key and set(self._wishes.key) != set(known.key):
            kept = "no key" if known.key == (ROW_KEY,) else f"the key {', '.join(known.key)}"
            raise CollectionError(f"table {table.name} has {kept} in the pool, which a collection cannot change")
        kept_table, items = _known_items(table, known)
        return PlannedTable(
            asked=_asked(kept_table, items),
            relation=_relation(known.schema_name, known.relation_name, items, known.key),
            items=items,
            resource=known.id,
            entry=known.entry,
            title=known.title,
            graph_name=known.graph_name,
            type_name=known.type_name,
        )


def check_columns(table: SourceTable) -> None:
    """Raises CollectionError for more columns than a table can have."""
    if len(table.columns) > _MOST_COLUMNS:
        raise CollectionError(f"table {table.name} has {len(table.columns)} columns; the pool keeps {_MOST_COLUMNS}")


def _new_items(table: SourceTable, spec: TableSpec) -> tuple[PlannedItem, ...]:
    names = [column.name for column in table.columns]
    reserved = {item.graph_name for item in spec.items.values() if item.graph_name}
    derived = graph_names([name for name in names if not _has_graph_name(spec, name)], reserved)
    free = iter(derived)
    items = []
    for column, kept_name in zip(table.columns, column_names(names), strict=True):
        item = spec.items.get(column.name, ItemSpec(column.name))
        kept = pool_type(column.sql_type)
        items.append(
            PlannedItem(
                spec=replace(
                    item,
                    name=kept_name,
                    title=item.title or column.title or column.name or kept_name,
                    data_type=item.data_type or data_type(kept.name),
                    length=item.length or kept.length,
                    graph_name=item.graph_name or next(free),
                ),
                column=Column(kept_name, kept.name, column.required),
            )
        )
    return _with_division(items)


def _has_graph_name(spec: TableSpec, name: str) -> bool:
    return name in spec.items and spec.items[name].graph_name != ""


def _with_division(items: Sequence[PlannedItem]) -> tuple[PlannedItem, ...]:
    """Marks the column that rows are scoped by, if no spec does: it is called so, nothing is guessed from values."""
    if any(item.spec.is_division for item in items):
        return tuple(items)
    names = {item.column.name for item in items if item.column.sql_type == "text"}
    division = next((name for name in _DIVISION_COLUMNS if name in names), None)
    return tuple(
        replace(item, spec=replace(item.spec, is_division=True)) if item.column.name == division else item
        for item in items
    )


def _known_items(table: SourceTable, known: KnownResource) -> tuple[SourceTable, tuple[PlannedItem, ...]]:
    """The columns the pool takes of the table, and what becomes of each. Computed columns take nothing."""
    by_name = {item.name: item for item in known.items}
    pairs = [
        (column, name)
        for column, name in zip(table.columns, column_names(column.name for column in table.columns), strict=True)
        if name not in by_name or not by_name[name].computed
    ]
    missing = [item.name for item in known.items if not item.computed and item.name not in {name for _, name in pairs}]
    if missing:
        raise CollectionError(
            f"table {table.name} has columns in the pool that the source has not: {', '.join(missing)}",
            "give the source those columns, or give it another name to have a new table made",
        )
    added = [name for _, name in pairs if name not in by_name]
    _check_shared(known, added, "the source has columns that the pool has not")
    taken = {item.graph_name for item in known.items}
    items = []
    for column, name in pairs:
        sql_type = pool_type(column.sql_type)
        if name in by_name:
            items.append(_known_item(known, by_name[name], sql_type.name, is_guessed=table.is_guessed))
            continue
        graph_name = field_name(column.name, taken, f"column{len(taken) + 1}")
        taken.add(graph_name)
        spec = ItemSpec(
            name,
            title=column.title or column.name,
            data_type=data_type(sql_type.name),
            length=sql_type.length,
            graph_name=graph_name,
        )
        items.append(PlannedItem(spec, Column(name, sql_type.name)))
    return replace(table, columns=tuple(column for column, _ in pairs)), tuple(items)


def _known_item(known: KnownResource, item: KnownItem, incoming: str, *, is_guessed: bool) -> PlannedItem:
    sql_type = pool_type(item.sql_type).name
    wider = _widest_guessed(known, sql_type, incoming) if is_guessed else widest(sql_type, incoming)
    if wider is None:
        raise CollectionError(
            f"column {item.name} of table {known.name} holds {sql_type}, the source gives {incoming}",
            "give the source that type, or give it another name to have a new table made",
        )
    if wider != sql_type:
        _check_shared(known, [item.name], f"the source gives {incoming}, the pool has {sql_type}")
    spec = ItemSpec(item.name, graph_name=item.graph_name, is_division=item.is_division)
    return PlannedItem(spec, Column(item.name, wider, item.required), item.id, sql_type if wider != sql_type else "")


def _widest_guessed(known: KnownResource, kept: str, guessed: str) -> str:
    """A guess cannot tell a new kind of value from a bad row, so only larger whole numbers widen a column."""
    is_larger = (kept, guessed) == ("integer", "bigint") and known.type_name not in SHARED_ENTITIES
    return guessed if is_larger else kept


def _check_shared(known: KnownResource, names: Sequence[str], difference: str) -> None:
    """A shared entity's columns and types are declared in the graph: a collection that changed them would break it."""
    if names and known.type_name in SHARED_ENTITIES:
        raise CollectionError(
            f"table {known.name} is the shared entity {known.type_name}; {difference}: {', '.join(names)}",
            "leave those out, or collect them under another table name",
        )


def _check_key(table: SourceTable, wanted: tuple[str, ...], key: tuple[str, ...], items: Sequence[PlannedItem]) -> None:
    if len(key) != len(wanted):
        names = {column.name for column in table.columns}
        absent = ", ".join(name for name in wanted if name not in names)
        raise CollectionError(f"table {table.name} has no column {absent} to be its key")
    for item in items:
        if item.column.name in key and not can_be_key(item.column.sql_type):
            raise CollectionError(f"column {item.column.name} of table {table.name} is {item.column.sql_type}: no key")


def _relation(schema_name: str, relation_name: str, items: Sequence[PlannedItem], key: tuple[str, ...]) -> Relation:
    return Relation(schema_name, relation_name, tuple(item.column for item in items), key)


def _asked(table: SourceTable, items: Sequence[PlannedItem]) -> SourceTable:
    columns = (
        replace(column, sql_type=item.column.sql_type, required=item.column.required)
        for column, item in zip(table.columns, items, strict=True)
    )
    return replace(table, columns=tuple(columns))
