"""In charge of the rows the reference answers from: all of them, in Python, read once with plain selects."""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from graphql import GraphQLError

from policies.scopes import Scope
from resolvers.seal import SealError
from schema.graph import Field, Graph, Node
from schema.scalars import JSON, OTHER, REAL
from tests.resolvers.asking import SEAL

Connection = asyncpg.Connection | PoolConnectionProxy
_IDS_OF_A_TYPE = 4
_AUDIENCE_COLUMNS = ("status", "openness", "sharing", "provider")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its fields' values, the text of its key, its division, its place in an order that tells nothing, and
    what decides who may know of it.
    """

    node: Node
    values: Mapping[str, object]
    key: tuple[str, ...]
    key_values: tuple[object, ...]
    division: str | None
    order: object
    audience: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of the graph by node, but those of the log."""

    rows_by_node: Mapping[str, Sequence[Row]]

    def visible(self, node: Node, scope: Scope) -> list[Row]:
        """The rows that exist for somebody."""
        return [row for row in self.rows_by_node[node.name] if _exists(row, scope)]


def _exists(row: Row, scope: Scope) -> bool:
    if row.node.is_metadata:
        return _is_published(row, scope)
    return scope.division is None or (row.division is not None and row.division == scope.division)


def _is_published(row: Row, scope: Scope) -> bool:
    if row.node.name == "Lineage":
        return scope.audience != "public"
    told = row.audience
    if not told:
        return True
    if scope.audience == "public":
        return (told["status"], told["openness"], told["sharing"]) == ("published", "open", "unconditional")
    is_told = told["status"] == "published" and (row.node.name != "ItemQuality" or told["sharing"] != "not_shared")
    return is_told or told["provider"] == scope.department


async def read_rows(connection: Connection, graph: Graph) -> Rows:
    """All rows of all nodes but the log's."""
    kept = [node for node in graph.nodes.values() if not any(field.kind == "log" for field in node.fields.values())]
    return Rows({node.name: await _rows_of(connection, node) for node in kept})


async def _rows_of(connection: Connection, node: Node) -> list[Row]:
    columns = [f"t.{field.column}{'::text' if _is_read_as_text(field) else ''}" for field in node.fields.values()]
    columns += [f"t.{column}::text" for column in node.key_columns]
    columns += [f"t.{column}" for column in node.key_columns]
    columns.append(f"t.{node.division}" if node.division else "null")
    columns.append(f"t.{node.order_column}" if node.order_column else "null")
    has_audience = bool(node.audiences) and node.name != "Lineage"
    columns += [f"t.{column}" for column in _AUDIENCE_COLUMNS] if has_audience else []
    return [
        _row(node, list(row)) for row in await connection.fetch(f"select {', '.join(columns)} from {node.relation} t")
    ]


def ids_by_type(rows: Rows) -> Mapping[str, Sequence[str]]:
    """The global ids of the first rows of every type, as the engine seals them."""
    return {
        name: [SEAL.close(b"id", (name, *row.key)) for row in each[:_IDS_OF_A_TYPE]]
        for name, each in rows.rows_by_node.items()
        if each
    }


def opened_id(sealed: object) -> tuple[str, tuple[str, ...]]:
    """The type and the key of a global id, a type that there is not for what is none."""
    try:
        name, *key = map(str, SEAL.open(b"id", str(sealed)))
    except SealError:
        return "", ()
    return name, tuple(key)


def _is_read_as_text(field: Field) -> bool:
    return field.scalar in (JSON, OTHER)


def _row(node: Node, values: list[object]) -> Row:
    fields, keys = len(node.fields), len(node.key_columns)
    shown, rest = values[:fields], values[fields:]
    (division, order), audience = rest[2 * keys : 2 * keys + 2], rest[2 * keys + 2 :]
    return Row(
        node=node,
        values={
            field.name: single(value) if field.scalar is REAL and isinstance(value, float) else value
            for field, value in zip(node.fields.values(), shown, strict=True)
        },
        key=tuple(str(each) for each in rest[:keys]),
        key_values=tuple(rest[keys : 2 * keys]),
        division=None if division is None else str(division),
        order=order,
        audience={name: str(each) for name, each in zip(_AUDIENCE_COLUMNS, audience, strict=False)},
    )


def single(value: float) -> float:
    """The shortest number that is the same in single precision. Raises GraphQLError for what is too large for it."""
    try:
        packed = struct.pack("<f", value)
    except OverflowError as error:
        raise GraphQLError("too large for single precision") from error
    found = (float(f"{value:.{digits}g}") for digits in range(1, 17))
    return next(each for each in found if struct.pack("<f", each) == packed)


def shown_value(field: Field, value: object) -> object:
    """The value as JSON shows it."""
    if value is None:
        return None
    if field.scalar is JSON:
        return json.loads(str(value))
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if field.scalar.name == "BigInt" or isinstance(value, date | UUID):
        return str(value)
    return value


def _moment(value: datetime) -> str:
    plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    text = plain.isoformat(timespec="microseconds").rstrip("0").rstrip(".")
    return text + "Z" if value.tzinfo else text
