"""Which rows are known, for how long, of whom, and within how much memory."""

import itertools
import math
from typing import Any

import asyncpg
import orjson
import pytest

from policies.principal import PUBLIC, Principal
from resolvers.keep import Prepared
from resolvers.known_rows import KnownRows
from resolvers.row_kinds import Worth
from resolvers.row_store import RowStore
from resolvers.run import assemble, fetch
from resolvers.written import NotWritableError
from tests.resolvers.asking import Engine
from tests.resolvers.comparing import PRINCIPALS
from tests.resolvers.counted_rows import ALWAYS, CountedRows

_MARKET, _EDUCATION = Principal("market-regulation", ()), Principal("education", ())
_SELECTION = "nodes { creditCode name employees }"
_PAGE = """
query ($after: String!, $first: Int) {
  enterprises(where: { creditCode: { gt: $after } }, first: $first, orderBy: [{ %s }]) { %s }
}"""
_CODES = [f"E{number:02}" for number in range(0, 41, 4)]


@pytest.fixture
async def plain(changing: asyncpg.Connection) -> asyncpg.Connection:
    """A connection that sees texts that can be written."""
    await changing.execute("update pool_market_regulation.enterprise set name = 'plain', legal_person_name = '张三'")
    return changing


async def _shown(connection: asyncpg.Connection, known: KnownRows, prepared: Prepared, state: object = 1) -> bytes:
    """The data and keys as they are made of known rows, held against those that are read as a whole."""
    result = assemble(prepared, await known.fetch(connection, prepared, state), {})
    whole = assemble(prepared, await fetch(connection, prepared), {})
    found = orjson.dumps([result.data, result.keys])
    assert found == orjson.dumps([whole.data, whole.keys])
    return found


async def _prepared(
    engine: Engine, selection: str = _SELECTION, after: str = "E00", first: int = 10, principal: Principal = _MARKET
) -> Prepared:
    return await engine.prepare(principal, _PAGE % ("creditCode: ASC", selection), {"after": after, "first": first})


async def test_rows_are_known_when_most_of_a_page_were_seen_before(engine: Engine, plain: asyncpg.Connection) -> None:
    known = CountedRows(worth=Worth(0.45, 5))
    once = [await _prepared(engine, after=f"E{number:02}", first=5) for number in (0, 6, 12, 18, 24)]
    few = await _prepared(engine, after="E00", first=4)

    for prepared in once:
        await _shown(plain, known, prepared)
    assert (known.pages, known.store.number) == (0, 0)
    for prepared in [few] * 40:
        await _shown(plain, known, prepared)
    assert known.pages == 0
    for prepared in once * 6:
        await _shown(plain, known, prepared)
    assert known.pages > 0
    assert known.store.number > 0


async def test_known_rows_are_not_read_again_and_which_there_are_is(engine: Engine, plain: asyncpg.Connection) -> None:
    known, prepared = CountedRows(worth=ALWAYS), await _prepared(engine)
    for _ in range(2):
        before = await _shown(plain, known, prepared)
    code = orjson.loads(before)[0]["enterprises"]["nodes"][3]["creditCode"]
    rename = "update pool_market_regulation.enterprise set name = 'renamed' where credit_code = $1"
    await plain.execute(rename, code)

    again = assemble(prepared, await known.fetch(plain, prepared, 1), {})
    assert orjson.dumps([again.data, again.keys]) == before
    assert b"renamed" in await _shown(plain, known, prepared, state=2)
    await plain.execute("delete from pool_market_regulation.enterprise where credit_code = $1", code)
    assert code.encode() not in await _shown(plain, known, prepared, state=2)


async def test_rows_of_a_state_before_are_let_go_little_by_little(engine: Engine, plain: asyncpg.Connection) -> None:
    known, page = CountedRows(worth=ALWAYS), await _prepared(engine)
    await plain.execute(
        "insert into pool_market_regulation.enterprise (credit_code, name)"
        " select 'E9' || lpad(n::text, 4, '0'), 'plain' from generate_series(1, 1200) as n"
    )
    await _shown(plain, known, await _prepared(engine, after="E9", first=1200))
    assert (known.store.number, known.store.left_over) == (1200, 0)

    left_over = []
    for _ in range(4):
        await _shown(plain, known, page, state=2)
        left_over.append(known.store.left_over)

    assert left_over == [700, 200, 0, 0]
    assert known.store.number == 10


async def test_a_row_is_known_to_all_for_whom_it_looks_the_same_and_shown_to_who_may_know_it(
    engine: Engine, plain: asyncpg.Connection
) -> None:
    known, town = CountedRows(worth=ALWAYS), PRINCIPALS[3]
    for principal in (_MARKET, _MARKET, _EDUCATION):
        await _shown(plain, known, await _prepared(engine, "nodes { creditCode name }", principal=principal))
    shared = known.store.number

    theirs = await _shown(plain, known, await _prepared(engine, "nodes { creditCode name }", principal=town))
    ours = await _shown(plain, known, await _prepared(engine, "nodes { creditCode name }", first=40))

    assert len(orjson.loads(theirs)[0]["enterprises"]["nodes"]) < len(orjson.loads(ours)[0]["enterprises"]["nodes"])
    assert shared == 10
    masked = [
        await _shown(plain, known, await _prepared(engine, "nodes { legalPersonName }", principal=principal))
        for principal in (_MARKET, PUBLIC)
        for _ in range(2)
    ]
    assert masked[0] == masked[1] != masked[2] == masked[3]


@pytest.mark.parametrize("text", ['"', "\\", "\n", "a\nb", "\t", '","', "\x1f"])
@pytest.mark.parametrize("column", ["enterprise.name", "licence.number", "enterprise.credit_code"])
async def test_what_cannot_be_written_is_not_known(
    engine: Engine, plain: asyncpg.Connection, column: str, text: str
) -> None:
    table, _, name = column.partition(".")
    await plain.execute("delete from pool_market_regulation.licence where number > 'L10'")
    await plain.execute("update pool_market_regulation.licence set holder_code = 'E01'")
    prepared = await _prepared(engine, "nodes { creditCode name licences { nodes { number } } }", "", 100)
    known = CountedRows(worth=ALWAYS)
    await _shown(plain, known, prepared)
    row = f"(select min(ctid) from pool_market_regulation.{table})"
    await plain.execute(f"update pool_market_regulation.{table} set {name} = $1 where ctid = {row}", text)

    with pytest.raises(NotWritableError):
        await _shown(plain, known, prepared)


async def test_what_stands_as_it_is_stands_so_in_known_rows(engine: Engine, plain: asyncpg.Connection) -> None:
    await plain.execute("update pool_market_regulation.licence set holder_code = 'E01'")
    await plain.execute("update pool_market_regulation.licence set number = '' where number = 'L01'")
    known, prepared = (
        CountedRows(worth=ALWAYS),
        await _prepared(engine, "nodes { name licences { nodes { number } } }", "", 100),
    )
    for state, text in enumerate(("", " ", "null", "'", "\x7f", "\u2028", "🔧", "$1", "},{", "]")):
        await plain.execute("update pool_market_regulation.enterprise set name = $1", text)
        for _ in range(3):
            await _shown(plain, known, prepared, state=state)
    assert known.pages == 30


async def test_where_keys_do_not_tell_rows_apart_all_is_read(engine: Engine, plain: asyncpg.Connection) -> None:
    await plain.execute("alter table pool_market_regulation.enterprise drop constraint enterprise_pkey cascade")
    await plain.execute("update pool_market_regulation.enterprise set credit_code = 'E03' where credit_code = 'E02'")
    for first in (1, 2, 3, 10):
        known = CountedRows(worth=ALWAYS)
        for after in ("E01", "E02", "E00"):
            for _ in range(3):
                await _shown(plain, known, await _prepared(engine, "nodes { creditCode name }", after, first))


@pytest.mark.parametrize(
    "change", ["update {} set name = 'other' where credit_code = 'E05'", "update {} set credit_code = 'E05'"]
)
async def test_rows_are_learned_no_more_when_their_key_has_ceased_to_tell_them_apart(
    engine: Engine, plain: asyncpg.Connection, change: str
) -> None:
    known, table = CountedRows(worth=Worth(-1.0, 0)), "pool_market_regulation.enterprise"
    for _ in range(40):  # never known, and so read as a whole each time
        await _shown(plain, known, await _prepared(engine))
    learned = known.store.number
    await plain.execute(f"alter table {table} drop constraint enterprise_pkey cascade")
    await plain.execute(change.format(table))

    await _shown(plain, known, await _prepared(engine, after="E04"))

    assert (learned, known.store.number, known.store.left_over) == (10, 0, 10)
    await _shown(plain, known, await _prepared(engine))
    assert (known.store.number, known.store.left_over) == (0, 0)


class _Interrupted(asyncpg.Connection):
    """A connection over which a row is deleted after the next statement."""

    deleted: str | None = None

    async def fetch(self, query: str, *arguments: object, **options: Any) -> list[Any]:  # Any: as asyncpg has it
        rows: list[Any] = await super().fetch(query, *arguments, **options)
        code, self.deleted = self.deleted, None
        if code is not None:
            await self.execute("delete from pool_market_regulation.enterprise where credit_code = $1", code)
        return rows


async def test_rows_that_go_after_their_keys_were_read_are_not_missed(engine: Engine, county_url: str) -> None:
    connection = await asyncpg.connect(county_url, connection_class=_Interrupted)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("select platform.begin_batch()")
    known, prepared = CountedRows(worth=ALWAYS), await _prepared(engine, "nodes { creditCode }")
    connection.deleted = "E05"

    result = assemble(prepared, await known.fetch(connection, prepared, 1), {})

    await transaction.rollback()
    await connection.close()
    assert b"E05" not in orjson.dumps([result.data, result.keys])
    assert known.pages == 0


async def test_no_more_memory_is_taken_than_there_is(engine: Engine, plain: asyncpg.Connection) -> None:
    known = CountedRows(RowStore(5_000), ALWAYS)
    for number, code in itertools.product(range(3), _CODES):
        await _shown(plain, known, await _prepared(engine, after=code, first=5 + number))
        assert 0 <= known.store.size_bytes <= 5_000
    assert known.pages > 0
    assert known.store.number > 0


async def test_many_kinds_take_no_more_either(engine: Engine, plain: asyncpg.Connection) -> None:
    known = CountedRows(RowStore(20_000), Worth())
    for number in range(60):
        await _shown(plain, known, await _prepared(engine, f"nodes {{ a{number}: creditCode }}", first=1 + number % 20))
        assert 0 <= known.store.size_bytes <= 20_000


async def test_none_are_known_without_memory(engine: Engine, plain: asyncpg.Connection) -> None:
    known = CountedRows(RowStore(0), ALWAYS)
    for _ in range(3):
        await _shown(plain, known, await _prepared(engine))
    assert (known.pages, known.store.size_bytes) == (0, 0)


async def test_what_was_asked_for_longest_ago_goes_first(engine: Engine, plain: asyncpg.Connection) -> None:
    known = CountedRows(RowStore(5_000), ALWAYS)
    first, second = await _prepared(engine, "nodes { name }"), await _prepared(engine, "nodes { status name }")
    for _ in range(3):
        await _shown(plain, known, first)
    pages = known.pages
    for _ in range(3):
        await _shown(plain, known, second)

    assert (pages, known.pages) == (3, 6)
    assert 10 < known.store.number < 20
    assert known.store.size_bytes <= 5_000


async def test_small_pages_are_read_as_a_whole(engine: Engine, plain: asyncpg.Connection) -> None:
    known, small = CountedRows(worth=Worth(math.inf, 8)), await _prepared(engine, first=7)
    for prepared in (await _prepared(engine), small, small):
        await _shown(plain, known, prepared)
    assert known.pages == 0


async def test_a_null_beside_a_key_of_two_lines_does_not_make_two_keys(
    engine: Engine, plain: asyncpg.Connection
) -> None:
    """Else a town's office would be shown the rows of another town by the keys that are in the lines."""
    town, table = PRINCIPALS[3], "pool_market_regulation.enterprise"
    await plain.execute(f"alter table {table} drop constraint enterprise_pkey cascade")
    await plain.execute(f"alter table {table} alter credit_code drop not null")
    ours = await plain.fetch(f"select ctid from {table} where town_code = '330784105' limit 2")
    others = await plain.fetch(f"select credit_code from {table} where town_code = '330784001' limit 2")
    await plain.execute(f"delete from {table} where town_code = '330784105' and not ctid = any($1::tid[])", ours)
    known = CountedRows(worth=ALWAYS)
    document = "{ enterprises(first: 8, orderBy: [{ status: ASC }]) { nodes { name } } }"
    await _shown(plain, known, await engine.prepare(town, document))
    await plain.execute(f"update {table} set credit_code = null where ctid = $1", ours[0][0])
    await plain.execute(
        f"update {table} set credit_code = $1 where town_code = '330784105' and credit_code is not null",
        "\n".join(each[0] for each in others),
    )

    prepared = await engine.prepare(town, document)
    with pytest.raises(NotWritableError):
        assemble(prepared, await known.fetch(plain, prepared, 1), {})
