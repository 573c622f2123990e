"""Types of another database, resolved to built-in ones, each with the expression that selects a value as such.

It reads pg_type once and follows domains and arrays to what they are made of.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from pool.types import pool_type

_TYPES = """
select t.oid::bigint, t.typtype::text as kind, n.nspname = 'pg_catalog' as is_built_in,
       t.typbasetype::bigint as underlying,
       case when e.typarray = t.oid then t.typelem::bigint end as element,
       format_type(t.oid, null) as written, format_type(t.typbasetype, t.typtypmod) as underlying_written
  from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_type e on e.oid = t.typelem"""
_AS_TEXT = "{}::text"


@dataclass(frozen=True, slots=True)
class TypeRow:
    """A row of pg_type; `element` is set for true arrays only, `underlying` for domains."""

    oid: int
    kind: str
    is_built_in: bool
    underlying: int
    element: int | None
    written: str
    underlying_written: str


@dataclass(frozen=True, slots=True)
class SourceType:
    """A built-in type and how to select a column as one (`{}` is the column)."""

    sql_type: str
    template: str = "{}"


TypeCatalog = Mapping[int, TypeRow]


async def read_types(connection: asyncpg.Connection) -> TypeCatalog:
    """All types of the database."""
    return {row["oid"]: TypeRow(*row.values()) for row in await connection.fetch(_TYPES)}


def resolve(types: TypeCatalog, oid: int, written: str) -> SourceType:
    """The built-in type of a column whose type has this number and is written so, modifiers included."""
    row = types[oid]
    if row.kind == "d":
        return resolve(types, row.underlying, row.underlying_written)
    if row.element is not None:
        return _resolve_array(types, row.element, written)
    if row.kind == "c":
        return SourceType("jsonb", "to_jsonb({})")
    if not row.is_built_in:
        return SourceType("text", _AS_TEXT)
    return _resolve_built_in(written)


def _resolve_built_in(written: str) -> SourceType:
    if written == "money":
        return SourceType("numeric", "{}::numeric")
    if pool_type(written).name != "text" or written == "text" or written.startswith("character varying"):
        return SourceType(written)
    return SourceType(written if written.startswith("character") else "text", _AS_TEXT)


def _resolve_array(types: TypeCatalog, element: int, written: str) -> SourceType:
    """Arrays of what is built in stay arrays; those of composite values are JSON."""
    part = resolve(types, element, types[element].written)
    if part.sql_type == "jsonb" and part.template != "{}":
        return SourceType("jsonb", "to_jsonb({})")
    kept = pool_type(part.sql_type).name
    if kept.endswith("[]"):
        return SourceType("jsonb", "to_jsonb({})")
    return SourceType(f"{kept}[]", "{}" if part.template == "{}" else f"{{}}::{kept}[]")
