"""Writing what a batch changed into the catalog: new entries, resources and items, counts and completeness.

Rows go in by COPY or by arrays, a few statements for a whole batch, because a county has 3,899 tables. It decides
nothing: what is written was planned, what is measured was counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from pool.cataloguing import EntrySpec
from pool.planning import PlannedItem, PlannedTable
from pool.types import data_type

_ENTRY_COLUMNS = (
    "classification", "sequence", "title", "provider", "abstract", "format", "sharing", "sharing_condition",
    "sharing_ground", "sharing_method", "openness", "openness_condition", "update_cycle", "published_on", "grade",
    "authoritative_source", "system", "legal_basis", "division_code", "level", "status", "version",
)  # fmt: skip
_RESOURCE_COLUMNS = (
    "id", "entry", "provider", "name", "title", "schema_name", "relation_name", "graph_name", "type_name",
    "key_columns", "rows", "collected_at",
)  # fmt: skip
_ITEM_COLUMNS = (
    "id", "resource", "position", "name", "graph_name", "title", "data_type", "length", "sql_type", "required",
    "sharing", "sharing_condition", "sharing_ground", "openness", "grade", "mask", "element", "authoritative",
    "code_list", "is_division",
)  # fmt: skip
_NEXT_IDS = "select nextval(pg_get_serial_sequence($1, 'id'))::int from generate_series(1, $2)"
_LAST_POSITIONS = "select resource, max(position) as last from catalog.item where resource = any($1) group by resource"
_COUNTED = """
update catalog.resource as r set rows = counted.rows, collected_at = now(), __epoch = default
  from unnest($1::int[], $2::bigint[]) as counted(resource, rows) where r.id = counted.resource"""
_WIDENED = """
update catalog.item as i set sql_type = widened.sql_type, data_type = widened.data_type, __epoch = default
  from unnest($1::int[], $2::text[], $3::text[]) as widened(item, sql_type, data_type) where i.id = widened.item"""
_MEASURED = """
insert into catalog.quality as q (item, resource, rows, missing)
select * from unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[])
on conflict (item) do update
   set rows = excluded.rows, missing = excluded.missing, measured_at = now(), __epoch = default
 where (q.rows, q.missing) is distinct from (excluded.rows, excluded.missing)"""


@dataclass(frozen=True, slots=True)
class Measured:
    """A loaded table: how many rows it has, and in how many of them each planned item is missing."""

    table: PlannedTable
    rows: int
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """An item with the number of its catalog row; `position` is its place in the table, None if the row was there."""

    id: int
    resource: int
    position: int | None
    required: bool
    item: PlannedItem
    rows: int
    missing: int


async def write_catalog(
    connection: asyncpg.Connection, provider: str, entries: Mapping[str, EntrySpec], measured: Sequence[Measured]
) -> bool:
    """Writes it all; whether the graph is another one now (a new table, a new column, a wider type)."""
    await _copy(connection, "entry", _ENTRY_COLUMNS, [_entry_row(provider, *pair) for pair in entries.items()])
    new = [each for each in measured if each.table.is_new]
    known = [(each.table.resource, each) for each in measured if each.table.resource is not None]
    numbered = list(zip(await _next_ids(connection, "resource", len(new)), new, strict=True))
    now = await connection.fetchval("select now()")
    rows = [(number, *_resource_row(provider, each), now) for number, each in numbered]
    await _copy(connection, "resource", _RESOURCE_COLUMNS, rows)
    await connection.execute(_COUNTED, [number for number, _ in known], [each.rows for _, each in known])
    changed = await _write_items(connection, await _place(connection, [*numbered, *known]))
    return changed or bool(new)


async def _place(connection: asyncpg.Connection, tables: Sequence[tuple[int, Measured]]) -> list[_Placed]:
    """Numbers every item: known ones have theirs, new ones get the next, placed after those their table has."""
    last = {
        row["resource"]: row["last"]
        for row in await connection.fetch(_LAST_POSITIONS, [number for number, _ in tables])
    }
    added = sum(item.item is None for _, each in tables for item in each.table.items)
    free = iter(await _next_ids(connection, "item", added))
    placed = []
    for number, each in tables:
        position = last.get(number, 0)
        for item, missing in zip(each.table.items, each.missing, strict=True):
            position += item.item is None
            placed.append(
                _Placed(
                    id=next(free) if item.item is None else item.item,
                    resource=number,
                    position=position if item.item is None else None,
                    required=item.column.required or item.column.name in each.table.relation.key,
                    item=item,
                    rows=each.rows,
                    missing=missing,
                )
            )
    return placed


async def _write_items(connection: asyncpg.Connection, placed: Sequence[_Placed]) -> bool:
    added = [each for each in placed if each.position is not None]
    widened = [each for each in placed if each.item.widened_from]
    await _copy(connection, "item", _ITEM_COLUMNS, [_item_row(each) for each in added])
    types = [each.item.column.sql_type for each in widened]
    await connection.execute(_WIDENED, [each.id for each in widened], types, list(map(data_type, types)))
    await connection.execute(
        _MEASURED,
        [each.id for each in placed],
        [each.resource for each in placed],
        [each.rows for each in placed],
        [each.missing for each in placed],
    )
    return bool(added or widened)


async def _next_ids(connection: asyncpg.Connection, table: str, count: int) -> list[int]:
    return [number for (number,) in await connection.fetch(_NEXT_IDS, f"catalog.{table}", count)]


async def _copy(
    connection: asyncpg.Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]
) -> None:
    await connection.copy_records_to_table(table, schema_name="catalog", columns=columns, records=rows)


def _entry_row(provider: str, code: str, spec: EntrySpec) -> tuple[object, ...]:
    sequence = int(code.rpartition("/")[2])
    own = {"provider": provider, "sequence": sequence}
    return tuple(own[name] if name in own else getattr(spec, name) for name in _ENTRY_COLUMNS)


def _resource_row(provider: str, measured: Measured) -> tuple[object, ...]:
    table = measured.table
    relation = table.relation
    names = (relation.schema_name, relation.relation_name, table.graph_name, table.type_name, list(relation.key))
    return (table.entry, provider, table.asked.name, table.title, *names, measured.rows)


def _item_row(placed: _Placed) -> tuple[object, ...]:
    own = {
        "id": placed.id,
        "resource": placed.resource,
        "position": placed.position,
        "sql_type": placed.item.column.sql_type,
        "required": placed.required,
    }
    return tuple(own[name] if name in own else getattr(placed.item.spec, name) for name in _ITEM_COLUMNS)
