"""What a worker makes of a catalog that moved is what it would make of it anew; what did not move is not made again."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import asyncpg
import pytest

from api.platform import Platform, View
from policies.decision import Right
from policies.store import grant, revoke
from pool.batch import Collection, collect
from pool.progress import SilentProgress
from pool.sources.source import SourceColumn, SourceTable
from resolvers.limits import Limits
from schema.graph import Graph, Root, Space
from tests.pool.memory import MemorySource
from tests.resolvers.asking import SEAL

_Change = Callable[[asyncpg.Connection], Awaitable[object]]
_STEPS = 50
_TABLE = "(select id from catalog.resource order by random() limit 1)"
_ITEM = "(select id from catalog.item where not authoritative and sharing <> 'not_shared' order by random() limit 1)"
_OF_NO_ENTITY = """(select i.id from catalog.item i join catalog.resource r on r.id = i.resource
                     where r.provider in ('education', 'transport') order by random() limit 1)"""
_ENTRY = "(select code from catalog.entry where status in ('published', 'withdrawn') order by random() limit 1)"
_KEY = "name = 'credit_code' and resource = (select id from catalog.resource where type_name = 'Enterprise')"


def _batch(statement: str) -> _Change:
    async def act(connection: asyncpg.Connection) -> None:
        async with connection.transaction():
            await connection.execute("select platform.begin_batch()")
            await connection.execute(statement)
            await connection.execute("select platform.end_batch('catalog', graph_moved => true)")

    return act


def _collecting(*columns: tuple[str, str], after: _Change) -> _Change:
    async def act(connection: asyncpg.Connection) -> None:
        await after(connection)
        made = tuple(SourceColumn(name, kind) for name, kind in columns)
        source = MemorySource({SourceTable("arrived", made): []})
        await collect(connection, Collection("transport", source), SilentProgress())

    return act


async def _open(connection: asyncpg.Connection) -> None:
    await grant(connection, "", "EducationEverything.number", Right.READ, "test")


async def _close(connection: asyncpg.Connection) -> None:
    await revoke(connection, "", "EducationEverything.number", Right.READ, "test")


_DROP = _batch("delete from catalog.resource where name = 'arrived'; drop table if exists pool_transport.arrived")
_COLLECT = _collecting(("code", "text"), ("size", "integer"), after=_DROP)
_CHANGES: Mapping[str, _Change] = {
    "collect": _COLLECT,
    "collect more": _collecting(("code", "text"), ("size", "bigint"), ("town", "text"), after=_COLLECT),
    "drop": _DROP,
    "rename": _batch(f"update catalog.resource set title = title || '新', __epoch = default where id = {_TABLE}"),
    "rename without an epoch": _batch(f"update catalog.resource set title = title || '新' where id = {_TABLE}"),
    "rename an item": _batch(f"update catalog.item set title = title || '新' where id = {_ITEM}"),
    "regrade an item": _batch(f"update catalog.item set grade = 5 - grade where id = {_ITEM}"),
    "open an item": _batch(f"update catalog.item set openness = 'open' where id = {_ITEM}"),
    "delete an item": _batch(f"delete from catalog.item where id = {_OF_NO_ENTITY}"),
    "give an item an element": _batch(
        f"""update catalog.item set element = (select element from catalog.item where {_KEY})
             where not authoritative and id = {_OF_NO_ENTITY}"""
    ),
    "withdraw or publish": _batch(
        f"""update catalog.entry set status = case status when 'published' then 'withdrawn' else 'published' end
             where code = {_ENTRY}"""
    ),
    "regrade an entry": _batch(f"update catalog.entry set grade = 5 - grade where code = {_ENTRY}"),
    "count": _batch("update catalog.resource set rows = rows + 1, collected_at = now(), __epoch = default"),
    "move the source": _batch(f"update catalog.item set authoritative = not authoritative where {_KEY}"),
    "rename a department": _batch("update catalog.department set title = title || '新' where code = 'education'"),
    "open": _open,
    "close": _close,
}


@pytest.fixture
async def pool(county_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections of a worker."""
    async with asyncpg.create_pool(county_url, min_size=1, max_size=2) as opened:
        yield opened


def _order(members: Mapping[str, Root | Space]) -> list[object]:
    return [(name, _order(each.members) if isinstance(each, Space) else each) for name, each in members.items()]


def _graphs(view: View) -> tuple[Graph, Graph]:
    return view.departments.setting.graph, view.public.setting.graph


async def test_after_every_change_graph_and_law_are_what_they_would_be_anew(
    pool: asyncpg.Pool, other: asyncpg.Connection
) -> None:
    draw = random.Random(3)
    platform = Platform(pool, SEAL, Limits())
    view = await platform.view()
    drawn = [*_CHANGES, *draw.choices([*_CHANGES], k=_STEPS - len(_CHANGES))]

    for name in drawn:
        await _CHANGES[name](other)
        view = await platform.catch_up(view)
        anew = await Platform(pool, SEAL, Limits()).view()

        assert view.state == anew.state
        assert view.departments.setting.law.digest == anew.departments.setting.law.digest
        for made, expected in zip(_graphs(view), _graphs(anew), strict=True):
            assert made == expected, name
            assert list(made.nodes) == list(expected.nodes)
            assert _order(made.roots) == _order(expected.roots)


async def test_a_change_of_one_table_makes_that_table_alone_again(
    pool: asyncpg.Pool, other: asyncpg.Connection
) -> None:
    platform = Platform(pool, SEAL, Limits())
    before = await platform.view()
    await _COLLECT(other)
    await _CHANGES["count"](other)

    after = await platform.catch_up(before)

    old, new = _graphs(before)[0].nodes, _graphs(after)[0].nodes
    tables = {name: node for name, node in old.items() if node.is_table}
    assert len(tables) > 1
    assert [name for name, node in tables.items() if new[name] is not node] == []
    assert new.keys() - old.keys() == {"TransportArrived"}
    assert after.departments.setting.law is before.departments.setting.law
