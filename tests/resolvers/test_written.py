"""Rows that the database writes as JSON are to the byte those that are made of its rows, and so is their record."""

from collections.abc import AsyncIterator

import asyncpg
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from api.cluster import Cluster
from policies.principal import Principal
from resolvers.keep import Prepared, Preparer
from resolvers.limits import Limits
from resolvers.plan import Setting
from resolvers.run import assemble, fetch
from resolvers.written import NotWritableError
from schema.graph import Graph, Node, Root, Space
from schema.scalars import FLOAT, JSON, REAL
from tests.resolvers.alike import check_alike
from tests.resolvers.asking import Engine, engine_on
from tests.resolvers.comparing import PRINCIPALS
from tests.resolvers.county import create_county
from tests.resolvers.tables import Table, catalogue

_MARKET = Principal("market-regulation", ())
_EDUCATION = Principal("education", ())
_ENTERPRISES = "{ enterprises(first: 40) { nodes { creditCode name town { name } licences { nodes { number } } } } }"
_OF_EDGES = ["cursor", "place: cursor", "__typename"]
_NOT_AS_THEY_ARE = ['"', 'a"', "\\", "a\\", *(chr(number) for number in range(1, 32)), '","', '"},{"', "\\u0022"]
_AS_THEY_ARE = ["", " ", "'", "''", "null", "\x7f", "\u2028", "\ufffe", "🔧", "$1", "%", "}", "]", ",", "永康", "[]"]


_ROWS = """
insert into pool_education.wide (id, c0, c699) values ('x', 'first', 'last'), ('y', null, null);
insert into pool_education.big select n, repeat('x', 500000) from generate_series(1, 20) as n;
insert into pool_education.loose values ('a', 'b'), (null, 'c'), ('', null)"""


def _is_written(prepared: Prepared) -> bool:
    return any("string_agg(x.t" in statement.sql for statement in prepared.plan.statements)


@pytest.fixture(scope="session")
async def by_rows(county_url: str) -> AsyncIterator[Engine]:
    """An engine that takes every answer for too large to be written."""
    async with engine_on(county_url, Limits(whole_rows=0, portion_rows=1_000)) as opened:
        yield opened


def _connections(members: dict[str, Root | Space], graph: Graph, names: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The paths of all connections at roots, but for the log's."""
    paths: list[tuple[str, ...]] = []
    for name, member in members.items():
        if isinstance(member, Space):
            paths += _connections(dict(member.members), graph, (*names, name))
        elif member.many and not graph.nodes[member.node].is_growing:
            paths.append((*names, name))
    return paths


@st.composite
def _nodes(draw: DrawFn, graph: Graph, node: Node, depth: int = 2) -> str:
    """A selection of nothing but what can be written, and now and then of what cannot."""
    plain = [name for name, field in node.fields.items() if field.scalar not in (FLOAT, REAL, JSON)]
    chosen = draw(st.lists(st.sampled_from([*plain, "__typename"]), min_size=1, max_size=20, unique=True))
    parts = [name if draw(st.integers(0, 5)) else f"other{number}: {name}" for number, name in enumerate(chosen)]
    links = draw(st.lists(st.sampled_from(sorted(node.links)), max_size=3, unique=True)) if node.links and depth else []
    for name in links:
        target = graph.nodes[node.links[name].target]
        inner = draw(_nodes(graph, target, depth - 1))
        first = draw(st.sampled_from(["", "(first: 2)", "(first: 0)"]))
        parts.append(
            f"{name}{first} {{ __typename nodes {{ {inner} }} }}" if node.links[name].many else f"{name} {{ {inner} }}"
        )
    if draw(st.booleans()):
        parts.append(draw(st.sampled_from(["id", "id again: id"])))
    return " ".join(draw(st.permutations(parts)))


@st.composite
def _documents(draw: DrawFn, graph: Graph) -> str:
    """One connection at a root, with its nodes and what may stand beside them."""
    *spaces, name = draw(st.sampled_from(_connections(dict(graph.roots), graph)))
    members = graph.roots
    for each in spaces:
        space = members[each]
        assert isinstance(space, Space)
        members = space.members
    root = members[name]
    assert isinstance(root, Root)
    beside = [
        "totalCount",
        "info: pageInfo { hasNextPage }",
        "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }",
        "__typename",
    ]
    nodes = draw(_nodes(graph, graph.nodes[root.node]))
    edge = " ".join(draw(st.permutations([f"node {{ {nodes} }}", *draw(st.sets(st.sampled_from(_OF_EDGES)))])))
    parts = [draw(st.sampled_from([f"nodes {{ {nodes} }}", f"edges {{ {edge} }}"]))]
    parts += draw(
        st.lists(st.sampled_from([*beside, "pageInfo { hasNextPage }"]), max_size=2, unique_by=lambda x: x[:8])
    )
    first = draw(st.sampled_from(["", "(first: 1)", "(first: 3)", "(first: 0)", "(first: 1000)", "(last: 2)"]))
    shown = f"{name}{first} {{ {' '.join(draw(st.permutations(parts)))} }}"
    for each in reversed(spaces):
        shown = f"{each} {{ {shown} }}"
    return f"{{ {shown} }}"


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large])
@given(data=st.data())
async def test_any_rows_written_are_those_made_of_rows(engine: Engine, by_rows: Engine, data: st.DataObject) -> None:
    principal = data.draw(st.sampled_from(PRINCIPALS))
    view = await engine.view()
    document = data.draw(_documents(view.preparer(principal).setting.graph))

    await check_alike(engine, by_rows, principal, document)


async def _both(connection: asyncpg.Connection, setting: Setting, document: str) -> tuple[bytes | None, bytes]:
    """The data, keys included, as they were written, None where they could not be; and as they are made of rows."""
    preparer, found = Preparer(setting), list[bytes | None]()
    for prepare in (preparer.prepare, preparer.prepare_unwritten):
        prepared = prepare(document, None, {}, _MARKET)
        assert _is_written(prepared) == (not found)
        try:
            result = assemble(prepared, await fetch(connection, prepared), {})
            found.append(orjson.dumps([result.data, result.keys]))
        except NotWritableError:
            found.append(None)
    written, made = found
    assert made is not None
    return written, made


@pytest.mark.parametrize("column", ["enterprise.name", "licence.number", "enterprise.credit_code"])
async def test_values_and_keys_stand_as_they_are_or_are_not_written(
    engine: Engine, changing: asyncpg.Connection, column: str
) -> None:
    table, _, name = column.partition(".")
    await changing.execute("update pool_market_regulation.enterprise set name = 'plain'")
    await changing.execute("delete from pool_market_regulation.licence where number > 'L10'")
    await changing.execute("update pool_market_regulation.licence set holder_code = 'E01'")
    row = await changing.fetchval(f"select min(ctid) from pool_market_regulation.{table}")
    setting = (await engine.view()).preparer(_MARKET).setting
    for text in (*_AS_THEY_ARE, *_NOT_AS_THEY_ARE):
        changed = f"update pool_market_regulation.{table} set {name} = $1 where ctid = $2 returning ctid"
        row = await changing.fetchval(changed, text, row)

        written, made = await _both(changing, setting, _ENTERPRISES)

        assert written == (made if text in _AS_THEY_ARE else None), repr(text)


async def test_what_cannot_be_written_is_made_of_rows_and_in_the_end_not_tried_any_more(
    county_url: str, by_rows: Engine
) -> None:
    document = "query ($n: Int!) { pool { education { everything(where: {number: {gt: $n}}) { nodes { list } } } } }"
    async with engine_on(county_url) as engine:
        for number in range(20):
            assert _is_written(await engine.prepare(_EDUCATION, document, {"n": -number}))

            told = await check_alike(engine, by_rows, _EDUCATION, document, {"n": -number})

            assert '{x,"y,z"}' in str(told.data)
        assert not _is_written(await engine.prepare(_EDUCATION, document, {"n": 0}))
        await check_alike(engine, by_rows, _EDUCATION, document, {"n": 3})


async def _odd_county(cluster: Cluster) -> str:
    """A county with a table of very many columns, one of very large values, and one with a key that may be null."""
    url = await create_county(cluster, "odd")
    names = [f"c{number}" for number in range(700)]
    tables = {"wide": ("id", *names), "big": ("id", "value"), "loose": ("key", "value")}
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        await connection.execute("select platform.begin_batch()")
        for number, (name, columns) in enumerate(tables.items(), 50):
            key = "" if name == "loose" else f", primary key ({columns[0]})"
            listed = ", ".join(f"{each} text" for each in columns)
            await connection.execute(f"create table pool_education.{name} ({listed}{key})")
            items = tuple((each, each, "text", "closed") for each in columns)
            type_name = f"Education{name.title()}"
            await catalogue(connection, Table(name, name, type_name, (columns[0],), items), number)
        await connection.execute(_ROWS)
        await connection.execute("select platform.end_batch('collection', graph_moved => true)")
    await connection.close()
    return url


async def test_what_is_too_large_to_be_written_is_made_of_rows(embedded_postgresql: Cluster) -> None:
    url = await _odd_county(embedded_postgresql)
    limits = Limits(whole_rows=0, portion_rows=1_000)
    async with engine_on(url) as engine, engine_on(url, limits) as by_rows:

        async def is_written(selection: str) -> bool:
            head = "query ($skip: Boolean = true)" if "$skip" in selection else "query"
            document = f"{head} {{ pool {{ education {{ {selection} }} }} }}"
            told = await check_alike(engine, by_rows, _EDUCATION, document)
            assert told.codes == []
            return _is_written(await engine.prepare(_EDUCATION, document))

        assert not await is_written(f"wide {{ nodes {{ {' '.join(f'c{number}' for number in range(700))} }} }}")
        assert await is_written(f"wide {{ nodes {{ {' '.join(f'c{number}' for number in range(60))} }} }}")
        assert not await is_written("big { nodes { value again: value } }")
        assert await is_written("big(first: 2) { nodes { value } }")
        # An answer tells how large they are, in whatever document they are asked for.
        assert not await is_written("big { nodes { value } }")
        assert not await is_written("big(first: 2) { nodes { value } }")
        assert await is_written("loose { nodes { value } }")
        assert not await is_written("loose { nodes { value @skip(if: $skip) } }")


async def test_what_is_made_in_pieces_is_made_of_rows(by_rows: Engine) -> None:
    assert not _is_written(await by_rows.prepare(_MARKET, _ENTERPRISES))


async def test_what_is_denied_is_not_selected(engine: Engine, by_rows: Engine) -> None:
    document = "{ people(first: 5) { nodes { citizenId phone } } }"

    told = await check_alike(engine, by_rows, _EDUCATION, document)

    assert told.codes == ["FIELD_DENIED"]
    prepared = await engine.prepare(_EDUCATION, document)
    assert _is_written(prepared)
    assert not any('."phone"' in statement.sql for statement in prepared.plan.statements)


@pytest.mark.parametrize(
    "selection",
    [
        "edges { cursor }",
        "nodes { name } edges { cursor node { name } }",
        "nodes { name } others: nodes { status }",
        "nodes { licencesAggregate { count } }",
        "nodes { licences(last: 2) { nodes { number } } }",
        "nodes { licences { totalCount nodes { number } } }",
    ],
)
async def test_what_the_database_cannot_write_is_made_of_rows(engine: Engine, by_rows: Engine, selection: str) -> None:
    document = f"{{ enterprises(first: 3) {{ {selection} }} }}"

    assert not _is_written(await engine.prepare(_MARKET, document))
    await check_alike(engine, by_rows, _MARKET, document)
