"""Rows that the database writes as JSON are to the byte those that are made of its rows, and so is their record."""

import asyncpg
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.cluster import Cluster
from policies.principal import Principal
from resolvers.keep import Prepared, Preparer
from resolvers.limits import Limits
from resolvers.plan import Setting
from resolvers.run import assemble, fetch
from resolvers.written import NotWritableError
from tests.resolvers.alike import check_alike
from tests.resolvers.asking import Engine, engine_on
from tests.resolvers.comparing import PRINCIPALS
from tests.resolvers.county import create_county
from tests.resolvers.drawn_written import PATIENT, documents
from tests.resolvers.tables import Table, catalogue

_MARKET = Principal("market-regulation", ())
_EDUCATION = Principal("education", ())
_ENTERPRISES = "{ enterprises(first: 40) { nodes { creditCode name town { name } licences { nodes { number } } } } }"
_NOT_AS_THEY_ARE = ['"', 'a"', "\\", "a\\", *(chr(number) for number in range(1, 32)), '","', '"},{"', "\\u0022"]
_AS_THEY_ARE = ["", " ", "'", "''", "null", "\x7f", "\u2028", "\ufffe", "🔧", "$1", "%", "}", "]", ",", "永康", "[]"]


_ROWS = """
insert into pool_education.wide (id, c0, c699) values ('x', 'first', 'last'), ('y', null, null);
insert into pool_education.big select n, repeat('x', 500000) from generate_series(1, 20) as n;
insert into pool_education.loose values ('a', 'b'), (null, 'c'), ('', null)"""


def _is_written(prepared: Prepared) -> bool:
    return any("string_agg(x.t" in statement.sql for statement in prepared.plan.statements)


@pytest.mark.slow
@settings(suppress_health_check=PATIENT)
@given(data=st.data())
async def test_any_rows_written_are_those_made_of_rows(engine: Engine, by_rows: Engine, data: st.DataObject) -> None:
    principal = data.draw(st.sampled_from(PRINCIPALS))
    view = await engine.view()
    document = data.draw(documents(view.preparer(principal).setting.graph))

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
