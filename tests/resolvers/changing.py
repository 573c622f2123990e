"""In charge of batches that change a table at random, and of what a subscription is told of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg
import orjson
from graphql import GraphQLInputObjectType
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from msgspec.structs import replace

from policies.principal import Principal
from resolvers.changes import SINCE
from resolvers.refusal import Refusal
from resolvers.run import Connection, assemble, fetch
from schema.graph import Graph, Node, Root, Space
from tests.resolvers.asking import Engine
from tests.resolvers.drawn_inputs import Inputs, literal

MOST = 200
_UPDATE = """
update {table} set {columns} = (select {columns_of_other} from {table} as other where other.ctid = $2::text::tid),
       __epoch = default where ctid = any($1::text[]::tid[])"""
_COLUMNS = """
select format('"%s"', replace(attname, '"', '""')) from pg_attribute
 where attrelid = $1::text::regclass and attnum > 0 and not attisdropped
   and attname <> '__epoch' and attgenerated = ''"""
_BRING_BACK = """
insert into {table} ({columns}) overriding system value
select {columns_of_past} from (select distinct on (key::text) key, row, to_epoch from platform.history
                     where schema_name = $1 and relation_name = $2 order by key::text, to_epoch desc) as history,
       platform.past_row(null::{table}, history.row) as past
 where random() < 0.3 and not exists (select from {table} as now where {same})"""


@dataclass(frozen=True, slots=True)
class Entrance:
    """A connection by its path, and the node it leads to."""

    path: tuple[str, ...]
    node: Node

    def query(self, where: object, fields: str) -> str:
        """A query for all its rows that meet a condition."""
        inner = f"{self.path[-1]}(first: {MOST}, where: {literal(where)}) {{ nodes {{ id {fields} }} }}"
        for space in reversed(self.path[:-1]):
            inner = f"{space} {{ {inner} }}"
        return f"{{ {inner} }}"

    def subscription(self, where: object, fields: str) -> str:
        """A subscription to what changes of them."""
        for step in reversed(self.path):
            where = {step: where}
        shown = f"isComplete inserted updated removed nodes {{ id ... on {self.node.name} {{ __typename {fields} }} }}"
        return f"subscription {{ changed(first: {MOST}, where: {literal(where)}) {{ {shown} }} }}"


def entrances_to_tables(graph: Graph) -> list[Entrance]:
    """All connections that can be watched."""
    return list(_entrances(graph, graph.roots, ()))


def _entrances(graph: Graph, members: Mapping[str, Root | Space], path: tuple[str, ...]) -> list[Entrance]:
    found: list[Entrance] = []
    for name, member in members.items():
        if isinstance(member, Space):
            found += _entrances(graph, member.members, (*path, name))
        elif member.many and graph.nodes[member.node].table is not None:
            found.append(Entrance((*path, name), graph.nodes[member.node]))
    return found


def condition(draw: DrawFn, inputs: Inputs, kind: GraphQLInputObjectType, node: Node) -> object:
    """A condition that reaches through no link: what linked rows were before is not looked at."""
    drawn = inputs.where(draw, kind, 1) if draw(st.booleans()) else {}
    return _without_links(drawn, node)


def _without_links(where: object, node: Node) -> object:
    if isinstance(where, list):
        return [_without_links(each, node) for each in where]
    assert isinstance(where, dict)
    kept = {name: each for name, each in where.items() if name in (*node.fields, "and", "or", "not")}
    return {
        name: _without_links(each, node) if name in ("and", "or", "not") and name not in node.fields else each
        for name, each in kept.items()
    }


def leaves(node: Node) -> str:
    """All fields of a node."""
    return " ".join(name for name in node.fields if name != "id")


Shown = Mapping[str, object]


async def rows_now(
    engine: Engine, principal: Principal, entrance: Entrance, where: object
) -> Mapping[str, Shown] | None:
    """The rows that meet a condition, by id; None where the query is refused."""
    try:
        data = (await engine.show(principal, entrance.query(where, leaves(entrance.node)))).data
    except (Refusal, asyncpg.DataError):
        return None
    for step in entrance.path:
        assert isinstance(data, dict)
        data = data[step]
    assert data is None or isinstance(data, dict)
    return None if data is None else {row["id"]: row for row in data["nodes"]}


@dataclass(frozen=True, slots=True)
class Event:
    """What a subscription is told of, and the keys that are recorded of it."""

    nodes: Sequence[Shown]
    inserted: Sequence[str]
    updated: Sequence[str]
    removed: Sequence[str]
    is_complete: bool
    keys: Sequence[Sequence[object]]


async def told(engine: Engine, principal: Principal, document: str, since: int) -> Event | None:
    """What a subscription is told of everything after an epoch; None where it is refused."""
    try:
        prepared = (await engine.view()).preparer(principal).prepare_events(document, None, {}, principal)
    except Refusal:
        return None
    if prepared.plan.watch is None:
        return None
    prepared = replace(prepared, variables={**prepared.variables, SINCE: since})
    async with engine.pool.acquire() as connection:
        try:
            rows = await fetch(connection, prepared)
        except (Refusal, asyncpg.DataError):
            return None
    result = assemble(prepared, rows, {"since": str(since), "epoch": "0"})
    data = orjson.loads(orjson.dumps(result.data))["changed"]
    lists = {name: data[name] for name in ("nodes", "inserted", "updated", "removed")}
    return Event(**lists, is_complete=data["isComplete"], keys=result.keys)


async def change(connection: Connection, node: Node, seed: float) -> None:
    """One batch: rows take values of others, go, and come back as they were at some time."""
    table = node.relation
    async with connection.transaction():
        await connection.execute("select platform.begin_batch()")
        await connection.execute("select setseed($1)", seed)
        places = [row[0] for row in await connection.fetch(f"select ctid::text from {table} order by random()")]
        names = [name for (name,) in await connection.fetch(_COLUMNS, table)]
        free = [name for name in names if name not in (*node.key_columns, '"__order"')]
        taken = len(places) // 5
        if free and places:
            sql = _UPDATE.format(
                table=table,
                columns=f"({', '.join(free)})",
                columns_of_other=", ".join(f"other.{name}" for name in free),
            )
            await connection.execute(sql, places[:taken], places[-1])
        await connection.execute(f"delete from {table} where ctid = any($1::text[]::tid[])", places[taken : 2 * taken])
        if node.table is not None:
            same = " and ".join(f"now.{column} = past.{column}" for column in node.key_columns)
            past = ", ".join(f"past.{name}" for name in names)
            sql = _BRING_BACK.format(table=table, same=same, columns=", ".join(names), columns_of_past=past)
            await connection.execute(sql, node.table.schema, node.table.name)
        await connection.execute("select platform.end_batch('collection')")
