"""The published tables of the pool as the catalog has them, and which of them moved since they were read.

Reading thousands of tables costs tenths of a second, and a batch changes few: so the catalog is asked for the versions
of all, and for the rows of those alone whose version is another one. Pure: reads no database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schema.declaration import quoted, strictest
from schema.graph import Field, Node, Table
from schema.scalars import scalar_of

# Published tables with their items, in one row per table; the stricter of entry and item is taken in `_field`. A table
# without columns has nothing to ask for and is not in the graph.
_ROWS = """
select r.id, r.type_name, r.graph_name, r.title, r.provider, r.schema_name, r.relation_name, r.key_columns,
       exists(select from pg_constraint k join pg_class c on c.oid = k.conrelid
                join pg_namespace n on n.oid = c.relnamespace
               where k.contype = 'p' and n.nspname = r.schema_name and c.relname = r.relation_name
                 and array(select a.attname::text from pg_attribute a
                            where a.attrelid = c.oid and a.attnum = any(k.conkey)) <@ r.key_columns) as has_unique_key,
       r.order_column, r.name as resource, e.sharing, e.openness, e.grade, e.sharing_ground,
       array_agg(array[i.name, i.graph_name, i.title, i.sql_type, i.sharing, i.openness, i.grade::text,
                       i.mask, coalesce(i.sharing_ground, e.sharing_ground), i.required::text, i.is_division::text,
                       i.searched::text, i.element, i.authoritative::text]
                 order by i.position) as items
  from catalog.resource r
  join catalog.entry e on e.code = r.entry
  join catalog.item i on i.resource = r.id
 where e.status = 'published'{narrowed}
 group by r.id, e.code"""
CATALOG_QUERY = _ROWS.format(narrowed="")
TABLES_QUERY = _ROWS.format(narrowed=" and r.id = any($1)")

# A row that was inserted or updated has the number of its transaction, and batches, which alone write the catalog, come
# one after another: so of as many items the sum of the numbers grows when one of them changes. The primary key stands
# beside them, for that is not the catalog's.
VERSIONS_QUERY = """
select r.id, r.xmin as resource, e.xmin as entry, i.count, i.sum, k.oid as key
  from catalog.resource r
  join catalog.entry e on e.code = r.entry
  left join (select n.nspname, c.relname, k.oid
               from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
              where k.contype = 'p') as k on k.nspname = r.schema_name and k.relname = r.relation_name
  join (select resource, count(*) as count, sum(xmin::text::bigint)::bigint as sum
          from catalog.item group by resource) i on i.resource = r.id
 where e.status = 'published'"""

_OPENNESS = ("open", "restricted", "closed")

Rows = Sequence[Mapping[str, object]]
Version = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Catalogued:
    """A published table: its department's code, what that calls it, its name below it, and its node, not linked yet."""

    provider: str
    resource: str
    name: str
    node: Node


@dataclass(frozen=True, slots=True)
class Tables:
    """All published tables by the number of their resource, each with the version it was read at."""

    table_by_id: Mapping[object, Catalogued]
    version_by_id: Mapping[object, Version]

    def ordered(self) -> list[Catalogued]:
        """By department and name."""
        return sorted(self.table_by_id.values(), key=lambda table: (table.provider, table.name))


NO_TABLES = Tables({}, {})


def moved(known: Tables, versions: Rows) -> list[object]:
    """The numbers of the resources whose rows have to be read, by the rows of VERSIONS_QUERY."""
    return [number for number, version in _versions(versions).items() if known.version_by_id.get(number) != version]


def caught_up(known: Tables, versions: Rows, rows: Rows) -> Tables:
    """The tables that have these versions, by the rows of TABLES_QUERY for those that moved, read in the same snapshot.

    A table that is the same although its version is another one stays the same object.
    """
    table_by_id = dict(known.table_by_id)
    for row in rows:
        table, before = _table(row), known.table_by_id.get(row["id"])
        table_by_id[row["id"]] = before if before == table else table
    version_by_id = _versions(versions)
    return Tables({number: table_by_id[number] for number in version_by_id}, version_by_id)


def tables_of(rows: Rows) -> Tables:
    """The tables of the rows of CATALOG_QUERY, at no version and under numbers of their own."""
    return Tables({number: _table(row) for number, row in enumerate(rows)}, {})


def _versions(versions: Rows) -> dict[object, Version]:
    return {row["id"]: tuple(row.values()) for row in versions}


def _table(row: Mapping[str, object]) -> Catalogued:
    return Catalogued(str(row["provider"]), str(row["resource"]), str(row["graph_name"]), _table_node(row))


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
        has_unique_key=bool(row["has_unique_key"]),
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
