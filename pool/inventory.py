"""What the catalog already holds that a collection of one department must know; reads, never writes.

Read after the batch is open, so nothing of it can change before the batch ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import asyncpg

from pool.errors import CollectionError

_DEPARTMENTS = "select code from catalog.department order by code"
_ENTRIES = "select code, classification, sequence, title, provider from catalog.entry"
_TYPE_NAMES = "select type_name from catalog.resource"
_RESOURCES = """
select r.id, r.name, r.title, r.entry, r.schema_name, r.relation_name, r.graph_name, r.type_name, r.key_columns
  from catalog.resource r where r.provider = $1"""
_ITEMS = """
select i.id, i.resource, i.name, i.graph_name, i.sql_type, i.required, i.is_division,
       coalesce(a.attgenerated <> '', false) as computed
  from catalog.item i join catalog.resource r on r.id = i.resource
  left join pg_catalog.pg_class c on c.oid = to_regclass(format('%I.%I', r.schema_name, r.relation_name))
  left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = i.name
 where r.provider = $1 order by i.resource, i.position"""


@dataclass(frozen=True, slots=True)
class KnownItem:
    """A catalogued column; `computed` is filled by the platform, never by a source."""

    id: int
    name: str
    graph_name: str
    sql_type: str
    required: bool
    is_division: bool
    computed: bool


@dataclass(frozen=True, slots=True)
class KnownResource:
    """A catalogued table of the provider."""

    id: int
    name: str
    title: str
    entry: str
    schema_name: str
    relation_name: str
    graph_name: str
    type_name: str
    key: tuple[str, ...]
    items: tuple[KnownItem, ...]


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """A catalogued entry of any provider."""

    code: str
    classification: str
    sequence: int
    title: str
    provider: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """The catalog as one provider's collection sees it; `number` is its place among the departments, from 1."""

    provider: str
    number: int
    today: date
    entries: Mapping[str, KnownEntry]
    resources: Mapping[str, KnownResource]
    type_names: frozenset[str]


async def read_inventory(connection: asyncpg.Connection, provider: str) -> Inventory:
    """The catalog now. Raises CollectionError if there is no such department."""
    departments = [code for (code,) in await connection.fetch(_DEPARTMENTS)]
    if provider not in departments:
        raise CollectionError(f"no department is called {provider}", f"departments: {', '.join(departments)}")
    items: dict[int, list[KnownItem]] = {}
    for row in await connection.fetch(_ITEMS, provider):
        known = KnownItem(*(row[name] for name in KnownItem.__slots__))
        items.setdefault(row["resource"], []).append(known)
    resources = [_resource(row, items) for row in await connection.fetch(_RESOURCES, provider)]
    return Inventory(
        provider=provider,
        number=departments.index(provider) + 1,
        today=await connection.fetchval("select current_date"),
        entries={row["code"]: KnownEntry(*row.values()) for row in await connection.fetch(_ENTRIES)},
        resources={resource.name: resource for resource in resources},
        type_names=frozenset(name for (name,) in await connection.fetch(_TYPE_NAMES)),
    )


def _resource(row: asyncpg.Record, items: Mapping[int, list[KnownItem]]) -> KnownResource:
    return KnownResource(
        id=row["id"],
        name=row["name"],
        title=row["title"],
        entry=row["entry"],
        schema_name=row["schema_name"],
        relation_name=row["relation_name"],
        graph_name=row["graph_name"],
        type_name=row["type_name"],
        key=tuple(row["key_columns"]),
        items=tuple(items.get(row["id"], ())),
    )
