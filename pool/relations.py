"""The pool's tables as PostgreSQL keeps them: making, widening, and what the platform adds to the columns of a source.

Every table is governed (epoch and history), has a primary key (`__row` where the source has none), and compares text by
the collation "C". It knows nothing of the catalog's descriptions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pool.sql import digest, free_of, identifier, identifiers, literal, relation, text_array
from pool.types import column_definition

ROW_KEY = "__row"
EPOCH = "__epoch"
ORDER = "__order"
# What a column must not be called: the platform's own columns and PostgreSQL's system columns.
RESERVED_COLUMNS = frozenset((ROW_KEY, EPOCH, ORDER, "tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a pool table that a source fills."""

    name: str
    sql_type: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """A pool table: where it is, the columns a source fills, and the key: `__row` where the source has none."""

    schema_name: str
    relation_name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def name(self) -> str:
        """The table with its schema, quoted."""
        return relation(self.schema_name, self.relation_name)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns a source fills, in its order."""
        return tuple(column.name for column in self.columns)

    @property
    def has_key(self) -> bool:
        """Whether rows have a key of their own."""
        return self.key != (ROW_KEY,)


def pool_schema(provider: str) -> str:
    """The schema of a department's tables.

    >>> pool_schema("market-regulation")
    'pool_market_regulation'
    """
    return "pool_" + provider.replace("-", "_")


def column_names(names: Iterable[str]) -> list[str]:
    """What the columns of a source are called in the pool: as there, unless that is a name PostgreSQL cannot have."""
    chosen: list[str] = []
    for position, name in enumerate(names, 1):
        chosen.append(free_of(name or f"column_{position}", {*chosen, *RESERVED_COLUMNS}))
    return chosen


def create_schema(provider: str) -> str:
    """SQL that makes the schema of a department if it is not there."""
    return f"create schema if not exists {identifier(pool_schema(provider))}"


def create_relation(table: Relation) -> str:
    """SQL that makes the governed table, still without its key: building the key over loaded rows is twice as fast."""
    columns = [_definition(column, table.key) for column in table.columns]
    if not table.has_key:
        sequence = relation(table.schema_name, f"__rows_{digest(table.relation_name)}")
        columns.append(f"{identifier(ROW_KEY)} bigint generated always as identity (sequence name {sequence})")
    return f"create table {table.name} ({', '.join(columns)}); {_govern(table)}"


def create_key(table: Relation) -> str:
    """SQL that makes the primary key; its index has a name that no table of a source has."""
    name = identifier(f"__key_{digest(table.relation_name)}")
    return f"alter table {table.name} add constraint {name} primary key ({identifiers(table.key)})"


def add_columns(table: Relation, names: Sequence[str]) -> str:
    """SQL that adds these columns of the table. They allow nulls: rows that were there first have no value."""
    added = [column for column in table.columns if column.name in names]
    clauses = (f"add column {identifier(each.name)} {column_definition(each.sql_type)}" for each in added)
    return f"alter table {table.name} {', '.join(clauses)}"


def widen_columns(table: Relation, names: Sequence[str]) -> str:
    """SQL that gives these columns the types they now have in the table's description. Rewrites the table."""
    widened = [column for column in table.columns if column.name in names]
    clauses = (f"alter column {identifier(each.name)} type {column_definition(each.sql_type)}" for each in widened)
    return f"alter table {table.name} {', '.join(clauses)}"


def _definition(column: Column, key: tuple[str, ...]) -> str:
    required = " not null" if column.required or column.name in key else ""
    return f"{identifier(column.name)} {column_definition(column.sql_type)}{required}"


def _govern(table: Relation) -> str:
    return f"select platform.govern({literal(table.name)}, {text_array(table.key)})"
