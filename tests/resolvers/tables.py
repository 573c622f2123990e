"""In charge of pool tables for tests of the engine that the base libraries have no like of: every type of column,
odd names, no key, a key the public may not see, columns that most may not, an entry that is not published.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

_ROWS_EVERYTHING = """
insert into pool_education.everything
values (1, 1, 9007199254740993, 0.5, 0.1, 12.340, true, '2020-02-29', '2020-01-01 00:00:00.5+08', '2020-01-01 12:00:00',
        '{"a": [1, null]}', '[1, 2]', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{x,"y,z"}', '10.0.0.0/8', 'ab', 'plain',
        '12:30', '1 day', 1.00, -0.0),
       (2, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
        1.000, 0),
       (3, -7, -5, -1e100, 1e30, -0.001, false, '0001-01-01', '1999-12-31 23:59:59.123456+00',
        '2024-02-29 23:59:00.999', 'null', '"text"', 'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
        '{}', '::1', '', '', '00:00', '-2 hours', -1e30, 0.3),
       (4, 1, 9007199254740993, 0.5, 0.1, 12.340, true, '2020-02-29', '2020-01-01 00:00:00+00', '2020-01-01 12:00:00',
        'true', '{}', 'c0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{x}', '10.0.0.1', 'AB', 'Plain', '23:59:59', '1 mon',
        1, 0.1);
insert into pool_education.keyless (name, size)
values ('b', 1), ('a', null), ('b', 1), (null, 3), ('a', 2), ('c', 0), (null, null);
insert into pool_education.half_open values ('k3', 'E01', null), ('E00', 'y', 2), ('k2', 'E01', 1), ('k4', null, 9);
insert into pool_education."Odd ""table""s" values ('甲', 1, 'a', '330784105'), ('甲', 2, null, '330784001'),
       ('乙', 1, 'c', null);
insert into pool_education.draft values ('secret');
insert into pool_education."grant" values ('G1', 'E01', 10.50, '2024-02-29', 'first', '13812345678', '330784105'),
       ('G2', 'E01', 0, '2024-03-01', 'second', '110', '330784105'), ('G3', 'E01', null, null, null, null, '330784001'),
       ('G4', 'E02', -3.1, '2025-01-01', 'first', null, '330784105'), ('G5', 'E03', 7, '2024-02-01', null, '', null),
       ('G6', null, 99999999999.99, '2024-02-29', 'second', '110', '330784105'), ('G7', 'gone', 1, null, '', '', null);
"""
_CREATE = """
create schema pool_education;
create table pool_education.everything (
    id integer primary key, small smallint, big bigint, double double precision, "real" real, exact numeric(12,3),
    flag boolean, day date, moment timestamptz, local_moment timestamp, document json, binary_document jsonb,
    identifier uuid, list text[], network inet, fixed character(4), short character varying(10), "time" time,
    period interval, "any" numeric, zero double precision);
create table pool_education.keyless (
    __row bigint generated always as identity primary key, name text collate "C", size integer);
create table pool_education.half_open (
    hidden text collate "C" primary key, shown text collate "C", size integer);
create table pool_education."Odd ""table""s" (
    "企业 name" text collate "C", "select" integer, "Order By" text collate "C", town text collate "C",
    primary key ("企业 name", "select"));
create table pool_education."grant" (
    code text collate "C" primary key, holder text collate "C", amount numeric(18,2), paid_on date,
    reason text collate "C", phone text collate "C", town text collate "C");
create table pool_education.draft (code text collate "C" primary key);
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table and how it is catalogued; items are column, field, type, openness."""

    name: str
    graph_name: str
    type_name: str
    key: tuple[str, ...]
    items: tuple[tuple[str, str, str, str], ...]
    status: str = "published"
    division: str = ""


_EVERYTHING = Table(
    "everything", "everything", "EducationEverything", ("id",),
    (
        ("id", "number", "integer", "closed"), ("small", "small", "smallint", "closed"),
        ("big", "big", "bigint", "closed"), ("double", "double", "double precision", "closed"),
        ("real", "real", "real", "closed"), ("exact", "exact", "numeric(12,3)", "closed"),
        ("flag", "flag", "boolean", "closed"), ("day", "day", "date", "closed"),
        ("moment", "moment", "timestamp with time zone", "closed"),
        ("local_moment", "localMoment", "timestamp without time zone", "closed"),
        ("document", "document", "json", "closed"), ("binary_document", "binaryDocument", "jsonb", "closed"),
        ("identifier", "identifier", "uuid", "closed"), ("list", "list", "text[]", "closed"),
        ("network", "network", "inet", "closed"), ("fixed", "fixed", "character(4)", "closed"),
        ("short", "short", "character varying(10)", "closed"), ("time", "time", "time without time zone", "closed"),
        ("period", "period", "interval", "closed"), ("any", "any", "numeric", "closed"),
        ("zero", "zero", "double precision", "closed"),
    ),
)  # fmt: skip
_KEYLESS = Table(
    "keyless", "keyless", "EducationKeyless", ("__row",),
    (("name", "name", "text", "open"), ("size", "size", "integer", "open")),
)  # fmt: skip
_HALF_OPEN = Table(
    "half_open", "halfOpen", "EducationHalfOpen", ("hidden",),
    (("hidden", "hidden", "text", "closed"), ("shown", "shown", "text", "open"), ("size", "size", "integer", "open")),
)  # fmt: skip
_ODD = Table(
    'Odd "table"s', "oddNames", "EducationOddNames", ("企业 name", "select"),
    (
        ("企业 name", "qiYeName", "text", "open"), ("select", "select", "integer", "open"),
        ("Order By", "orderBy", "text", "open"), ("town", "town", "text", "open"),
    ),
    division="town",
)  # fmt: skip
_GRANT = Table(
    "grant", "grants", "EducationGrant", ("code",),
    (
        ("code", "code", "text", "open"), ("holder", "holder", "text", "open"),
        ("amount", "amount", "numeric(18,2)", "open"), ("paid_on", "paidOn", "date", "closed"),
        ("reason", "reason", "text", "closed"), ("phone", "phone", "text", "closed"), ("town", "town", "text", "open"),
    ),
    division="town",
)  # fmt: skip
_DRAFT = Table("draft", "draft", "EducationDraft", ("code",), (("code", "code", "text", "open"),), status="draft")

_ENTRY = """
insert into catalog.entry (classification, sequence, title, provider, sharing, openness, published_on, grade,
                           authoritative_source, status)
values ('312001', $1, $2, 'education', 'unconditional', 'open', '2026-01-01', 1, 'education', $3) returning code"""
_RESOURCE = """
insert into catalog.resource (entry, provider, name, title, schema_name, relation_name, graph_name, type_name,
                              key_columns)
values ($1, 'education', $2, $2, 'pool_education', $2, $3, $4, $5) returning id"""
_ITEM = """
insert into catalog.item (resource, position, name, graph_name, title, data_type, sql_type, sharing, openness, required,
                          is_division)
values ($1, $2, $3, $4, '列 ' || $3, 'C', $5, 'unconditional', $6, $7, $8)"""


_ELEMENTS = """
update catalog.item set element = 'DE-0003' where graph_name in ('shown', 'hidden', 'holder') and resource in (
    select id from catalog.resource where type_name in ('EducationHalfOpen', 'EducationGrant'))"""
_GOVERNED = """
update catalog.item set grade = 3, mask = case graph_name when 'phone' then 'phone' end,
       sharing = case graph_name when 'phone' then sharing else 'conditional' end, sharing_condition = 'for a reason'
 where graph_name in ('phone', 'reason') and resource in (
    select id from catalog.resource where type_name = 'EducationGrant')"""


async def create_tables(connection: asyncpg.Connection) -> None:
    """Creates, governs, catalogues and fills the tables, within the caller's batch."""
    await connection.execute(_CREATE)
    for number, table in enumerate((_EVERYTHING, _KEYLESS, _HALF_OPEN, _ODD, _DRAFT, _GRANT), 1):
        await catalogue(connection, table, number)
    await connection.execute(_ROWS_EVERYTHING)
    await connection.execute(_ELEMENTS)
    await connection.execute(_GOVERNED)


async def catalogue(connection: asyncpg.Connection, table: Table, number: int) -> None:
    """Governs and catalogues one existing, empty table of the education bureau, in an entry of its own."""
    quoted = table.name.replace('"', '""')
    await connection.execute("select platform.govern($1::text::regclass, $2)", f'pool_education."{quoted}"', table.key)
    entry = await connection.fetchval(_ENTRY, number, table.graph_name, table.status)
    resource = await connection.fetchval(
        _RESOURCE, entry, table.name, table.graph_name, table.type_name, list(table.key)
    )
    await connection.executemany(_ITEM, _items(table, resource))


def _items(table: Table, resource: int) -> Sequence[tuple[object, ...]]:
    return [
        (resource, position, column, field, sql_type, openness, column in table.key, column == table.division)
        for position, (column, field, sql_type, openness) in enumerate(table.items, 1)
    ]
