"""Rows of pages that are read ahead: which, when, and that they are those that pages would have been read with."""

import math
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import orjson
import pytest

from api.cluster import Cluster
from policies.principal import Principal
from resolvers.by_key import AFTER, SIZE
from resolvers.keep import Prepared
from resolvers.known_rows import KnownRows
from resolvers.listed_keys import keys_taken
from resolvers.lookup import has_ordered_key
from resolvers.read_ahead import Portions, ReadAhead
from resolvers.row_kinds import Phase, Worth
from resolvers.row_store import RowStore
from resolvers.run import assemble, fetch
from schema.graph import Node
from tests.resolvers.asking import Engine, engine_on
from tests.resolvers.counted_rows import ALWAYS
from tests.resolvers.county import create_county

_MARKET = Principal("market-regulation", ())
_LEARNED = Worth(math.inf, 5, Phase.LEARNED)
_PAGE = """
query ($after: String!) {
  enterprises(where: { creditCode: { gt: $after } }, first: 8, orderBy: [{ creditCode: ASC }]) { nodes { %s } }
}"""
_NAMES = "creditCode name"
_LINKS = (
    "id name town { id name parent { name } } licences(first: 2) { nodes { id number } } projects { nodes { code } }"
)


@pytest.fixture(scope="session")
async def engine(plain_url: str) -> AsyncIterator[Engine]:
    """An engine over texts that can all be written."""
    async with engine_on(plain_url) as opened:
        yield opened


async def _shown(engine: Engine, known: KnownRows, ahead: ReadAhead, selection: str, after: str) -> bytes:
    """The data and keys of a page, when nothing more is being read."""
    prepared = await _prepared(engine, selection, after)
    async with engine.pool.acquire() as connection:
        found = assemble(prepared, await known.fetch(connection, prepared, 1, ahead), {})
    await ahead.settled()
    return orjson.dumps([found.data, found.keys])


async def _prepared(engine: Engine, selection: str = _NAMES, after: str = "E00") -> Prepared:
    return await engine.prepare(_MARKET, _PAGE % selection, {"after": after})


async def _whole(engine: Engine, selection: str, after: str) -> bytes:
    prepared = await _prepared(engine, selection, after)
    async with engine.pool.acquire() as connection:
        whole = assemble(prepared, await fetch(connection, prepared), {})
    return orjson.dumps([whole.data, whole.keys])


@pytest.mark.parametrize("selection", [_NAMES, _LINKS])
async def test_pages_of_rows_read_ahead_are_those_that_are_read(engine: Engine, selection: str) -> None:
    known = KnownRows(worth=_LEARNED)
    ahead = ReadAhead(engine.service.readers, known.store)
    for after in ("E00", "E16"):  # a few rows at first, which tell how heavy they are
        await _shown(engine, known, ahead, selection, after)
    rows = await engine.pool.fetchval("select count(*) from pool_market_regulation.enterprise")
    assert known.store.number == rows

    for after in ("E07", "E19", "E23", "E99", ""):
        assert await _shown(engine, known, ahead, selection, after) == await _whole(engine, selection, after)
    assert known.store.number == rows


async def test_nothing_is_read_ahead_before_rows_are_worth_it(engine: Engine) -> None:
    known = KnownRows()
    ahead = ReadAhead(engine.service.readers, known.store)
    for after in ("E00", "E05", "E10", "E15"):
        await _shown(engine, known, ahead, _NAMES, after)

    assert known.store.number == 0


async def test_nothing_is_read_ahead_where_all_is_known(engine: Engine) -> None:
    known = KnownRows(worth=ALWAYS)
    for _ in range(100):  # a kind that begins as known is soon known to miss none
        await _shown(engine, known, ReadAhead(engine.service.readers, KnownRows().store), _NAMES, "E00")
    ahead = ReadAhead(engine.service.readers, known.store)
    await _shown(engine, known, ahead, _NAMES, "E00")

    assert known.store.number == 8


async def test_rows_that_cannot_be_written_are_not_read_ahead(embedded_postgresql: Cluster) -> None:
    url = await create_county(embedded_postgresql, "quoting_county")
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        await connection.execute("select platform.begin_batch()")
        await connection.execute(
            "update pool_market_regulation.enterprise set name = 'a \"name\"' where credit_code = 'E22'"
        )
        await connection.execute(
            "update pool_market_regulation.enterprise set name = 'plain' where credit_code <> 'E22'"
        )
        await connection.execute("select platform.end_batch('collection')")
    await connection.close()
    async with engine_on(url) as engine:
        known = KnownRows(worth=_LEARNED)
        ahead = ReadAhead(engine.service.readers, known.store)
        for after in ("E00", "E05", "E10"):
            assert await _shown(engine, known, ahead, _NAMES, after) == await _whole(engine, _NAMES, after)

        assert 15 < known.store.number < 30


async def test_a_portion_is_found_by_an_index_in_its_order(engine: Engine) -> None:
    by_key = (await _prepared(engine, _LINKS)).plan.statements[0].by_key
    assert by_key is not None
    assert by_key.portion is not None
    async with engine.pool.acquire() as connection, connection.transaction():
        await connection.execute("set local enable_seqscan = off; set local enable_bitmapscan = off")
        arguments = by_key.portion.bind({AFTER: "", SIZE: 200})
        plan = "\n".join(row[0] for row in await connection.fetch(f"explain {by_key.portion.sql}", *arguments))

    assert "Index Scan using enterprise_pkey" in plan
    assert "Sort Key: t1.c0" not in plan


def test_rows_have_an_order_by_one_text_alone() -> None:
    node = Node("A", "a", "", ("key",), {}, key_columns=("key",), key_types=("text",), has_unique_key=True)

    assert has_ordered_key(node)
    assert not has_ordered_key(replace(node, has_unique_key=False))
    assert not has_ordered_key(replace(node, key_types=("integer",)))
    assert not has_ordered_key(replace(node, key_columns=("key", "year"), key_types=("text", "integer")))


async def test_rows_that_are_heavy_are_no_lighter_for_being_known(engine: Engine) -> None:
    store = RowStore()
    kind = store.kind("kind", 1, _LEARNED)
    heavy = {f"{number:03}": b"x" * 100_000 for number in range(300)}
    kind.learn({key: heavy[key] for key in list(heavy)[:10]})
    ahead = ReadAhead(engine.service.readers, store)
    portions = Portions(
        "select lpad(n::text, 3, '0') from generate_series(0, 299) as n where lpad(n::text, 3, '0') > $1 limit $2::int",
        lambda last, rows: (last, rows),
        lambda rows: {row[0]: heavy[row[0]] for row in rows},
    )
    for _ in range(3):
        ahead.earn("kind", kind, 300, portions)
        await ahead.settled()

    assert store.number == 10


@pytest.mark.parametrize(
    ("keys", "known"),
    [
        ("lpad(n::text, 3, '0')", 300),
        ("lpad((n / 2)::text, 3, '0')", 0),  # each twice
        ("lpad((300 - n)::text, 3, '0')", 0),
        ("lpad((n % 250)::text, 3, '0')", 0),  # begins again
    ],
)
async def test_a_list_is_known_where_its_keys_tell_places_apart(engine: Engine, keys: str, known: int) -> None:
    store = RowStore()
    listed = store.begin_list("list", 1)
    ahead = ReadAhead(engine.service.readers, store)
    reads: list[int] = []

    def bind(_: str, rows: int) -> tuple[int, int]:
        reads.append(rows)
        return sum(reads[:-1]), rows

    portions = Portions(
        f"select {keys} from generate_series(0, 299) as n where n >= $1::int order by n limit $2::int",
        bind,
        keys_taken,
        most=100,
    )
    for _ in range(3):
        ahead.earn("list", listed, 400, portions)
        await ahead.settled()

    assert len(listed.rows) == known
    assert listed.ahead.is_whole == bool(known)
    assert listed.ahead.is_over
    assert len(reads) <= 5
    assert (listed.after("000", 2) is None) == (known == 0)


async def test_long_keys_are_read_few_at_a_time(engine: Engine) -> None:
    store = RowStore()
    listed = store.begin_list("list", 1)
    ahead = ReadAhead(engine.service.readers, store)
    reads: list[int] = []

    def bind(last: str, rows: int) -> tuple[str, int]:
        reads.append(rows)
        return last, rows

    sql = """
        select key from (select lpad(n::text, 20000, '0') as key from generate_series(0, 99) as n) as long
         where key > $1::text order by key limit $2::int"""
    ahead.earn("list", listed, 400, Portions(sql, bind, keys_taken, most=1_000))
    await ahead.settled()

    assert len(listed.rows) == 100
    assert max(reads) == (256 << 10) // 20_001
