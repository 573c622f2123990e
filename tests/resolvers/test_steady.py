"""Statements planned once: only where the plan for all values is the plan of those that were asked."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest
from msgspec import structs

from policies.principal import Principal
from resolvers.keep import Prepared
from resolvers.readers import Readers
from resolvers.sql import Statement
from resolvers.steady import Steadiness, one_plan_takes_ms
from tests.resolvers.asking import Engine, engine_on

_SKEWED = """
create table skewed (id int primary key, kind text, note text);
insert into skewed
select n, case when n < 5 then 'rare' else 'usual' end, repeat('x', 100) from generate_series(1, 200000) as n;
create index on skewed (kind);
analyze skewed"""
# Who has waited for a lock as long as a statement may, if that were 0.3 s.
_CANCEL_WHO_WAITS = """
select pg_cancel_backend(pid) from pg_stat_activity
 where datname = current_database() and wait_event_type = 'Lock' and clock_timestamp() - query_start > '0.3 s'"""
_BY_KIND = "select note from skewed where kind = $1::text"
_NEWEST = "select id from skewed where kind = $1::text order by id desc limit 10"
_ALL = "select sum(length(note)) from skewed where id > $1::int"
_BY_KEY = "select note from skewed where id > $1::int order by id limit 10"
_LINKED = """
select page.id, linked.id
  from (select id, kind from skewed where id > $1::int order by id limit 1000) as page
  left join lateral (select id from skewed as other where other.kind = page.kind limit 1) as linked on true
 order by page.id"""
_PAGE = """query ($status: String!, $after: String!) {
  enterprises(where: { status: { eq: $status }, creditCode: { gt: $after } }, first: 2) { nodes { creditCode status } }
}"""
_DEPARTMENT = Principal("market-regulation", ())


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(database_url)
    await opened.execute(_SKEWED)
    yield opened
    await opened.close()


@pytest.mark.every_postgresql
async def test_a_statement_whose_plan_depends_on_the_value_is_not_steady(connection: asyncpg.Connection) -> None:
    assert await one_plan_takes_ms(connection, _BY_KIND, [["rare"], ["usual"]]) is None
    assert await one_plan_takes_ms(connection, _BY_KEY, [[1], [160_000], [-1]])


async def test_a_plan_in_use_is_given_up_for_a_value_it_is_much_slower_for_and_for_no_less(
    connection: asyncpg.Connection,
) -> None:
    assert await one_plan_takes_ms(connection, _NEWEST, [["rare"]], is_doubted=True) is None
    for statement, value in ((_NEWEST, "usual"), (_ALL, 0)):  # of which the second saves no planning to speak of
        assert await one_plan_takes_ms(connection, statement, [[value]], is_doubted=True)
    assert await one_plan_takes_ms(connection, _ALL, [[0]]) is None


async def test_whether_rows_looked_up_are_remembered_does_not_make_a_plan_another(
    connection: asyncpg.Connection,
) -> None:
    plans = [await connection.fetch("explain " + _LINKED.replace("$1::int", str(each))) for each in (1, 199_999)]

    assert [any("Memoize" in line[0] for line in plan) for plan in plans] == [True, False]
    assert await one_plan_takes_ms(connection, _LINKED, [[1], [199_999]])


async def test_nothing_is_left_behind_by_a_comparison(connection: asyncpg.Connection) -> None:
    for samples in ([["rare"]], [["it's"]], [["%"]]):
        await one_plan_takes_ms(connection, _BY_KIND, samples)
    with pytest.raises(asyncpg.DataError):
        await one_plan_takes_ms(connection, _BY_KEY, [["no number"]])

    assert await connection.fetchval("select count(*) from pg_prepared_statements where name = 'compared'") == 0
    assert await connection.fetchval("show plan_cache_mode") == "auto"


async def test_a_connection_is_steady_for_as_long_as_it_is_asked_to_be(database_url: str) -> None:
    async with asyncpg.create_pool(database_url, min_size=1, max_size=1) as pool:
        readers = Readers(pool, 1)
        modes: list[str] = []
        for steady in (True, False, True, True, False):
            async with readers.connection(steady=steady) as connection:
                modes.append(await connection.fetchval("show plan_cache_mode"))
        async with readers.connection(steady=True):
            pass
        await readers.close()

        assert modes == ["force_generic_plan", "auto", "force_generic_plan", "force_generic_plan", "auto"]
        assert await pool.fetchval("show plan_cache_mode") == "auto"


async def test_a_plan_that_turns_out_to_be_slow_for_a_rare_value_is_given_up(county_url: str) -> None:
    async with engine_on(county_url) as engine:
        await engine.pool.execute(_SKEWED)
        asked = await engine.prepare(_DEPARTMENT, _PAGE, {"status": "usual", "after": ""})
        (statement,) = asked.plan.statements
        status = tuple(each for each in statement.parameters if each.operand.variable == "status")
        usual = structs.replace(asked, plan=replace(asked.plan, statements=(Statement(_NEWEST, status),)))
        rare = structs.replace(usual, variables={"status": "rare"})

        async def give_up(*calls: tuple[Prepared, float, bool], before: str = "select") -> None:
            steadiness = Steadiness(engine.service.readers)
            assert not any(steadiness.is_steady(usual) for _ in range(40))
            await steadiness.compared()
            assert steadiness.is_steady(usual)
            await engine.pool.execute(before)
            for slow_one, elapsed_s, is_steady in calls:
                steadiness.took(slow_one, elapsed_s)
                await steadiness.compared()
                assert steadiness.is_steady(usual) is is_steady

        # A long wait for something else does not hide what takes less.
        await give_up((rare, 0.01, True), (usual, 9.0, True), (rare, 3.0, False))
        await give_up((structs.replace(usual, variables={"status": None}), 3.0, False))  # of which no text can be made
        await give_up((usual, 3.0, False), before="alter table skewed rename to gone")  # which cannot be measured


async def test_what_could_not_be_measured_is_measured_after_ten_times_as_many_uses(county_url: str) -> None:
    async with engine_on(county_url) as engine:
        await engine.pool.execute(_SKEWED)
        await engine.pool.execute("alter table skewed rename to elsewhere")
        asked = await engine.prepare(_DEPARTMENT, _PAGE, {"status": "usual", "after": ""})
        status = tuple(each for each in asked.plan.statements[0].parameters if each.operand.variable == "status")
        usual = structs.replace(asked, plan=replace(asked.plan, statements=(Statement(_NEWEST, status),)))
        steadiness = Steadiness(engine.service.readers)

        async def is_steady_after(*uses: int) -> list[bool]:
            told = []
            for number in uses:
                assert not any(steadiness.is_steady(usual) for _ in range(number))
                await steadiness.compared()
                told.append(steadiness.is_steady(usual))
            return told

        assert await is_steady_after(40, 359) == [False, False]
        await engine.pool.execute("alter table elsewhere rename to skewed")
        assert await is_steady_after(3_598) == [False]
        assert await is_steady_after(1) == [True]
        await engine.pool.execute("drop table skewed")


async def test_a_question_that_took_too_long_is_measured_like_one_that_took_long(
    county_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with engine_on(county_url) as engine, asyncio.timeout(30):
        for number in range(60):
            await engine.ask(_DEPARTMENT, _PAGE, {"status": "active", "after": str(number)})
        await asyncio.sleep(0.5)  # whatever is measured so far
        caplog.set_level("INFO", "yishu.graphql")

        async with engine.pool.acquire() as holder, holder.transaction():
            await holder.execute("lock table pool_market_regulation.enterprise in access exclusive mode")
            asked = asyncio.create_task(engine.ask(_DEPARTMENT, _PAGE, {"status": "active", "after": "never asked"}))
            while "was not compared" not in caplog.text:
                await holder.execute("select pg_stat_clear_snapshot()")
                await holder.execute(_CANCEL_WHO_WAITS)
                await asyncio.sleep(0.02)
        assert (await asked).code == "TIMEOUT"


async def _planned_once(engine: Engine) -> int:
    sql = "select coalesce(sum(generic_plans), 0) from pg_prepared_statements where statement like '%enterprise%'"
    async with engine.service.readers.connection(steady=True) as connection:
        return int(await connection.fetchval(sql))


async def test_a_question_asked_again_and_again_is_planned_once_and_answered_the_same(county_url: str) -> None:
    async with engine_on(county_url) as engine:
        codes = [row[0] for row in await engine.pool.fetch("select credit_code from pool_market_regulation.enterprise")]
        told = []
        for number in range(60):
            variables = {"status": "active" if number % 2 else "revoked", "after": codes[number % len(codes)]}
            told.append((variables, await engine.ask(_DEPARTMENT, _PAGE, variables)))

        assert await _planned_once(engine) > 0
        for variables, answer in told:
            rows = await engine.pool.fetch(
                "select credit_code, status from pool_market_regulation.enterprise"
                " where status = $1 and credit_code > $2 order by credit_code limit 2",
                variables["status"],
                variables["after"],
            )
            expected = [{"creditCode": code, "status": status} for code, status in rows]
            assert answer.data == {"enterprises": {"nodes": expected}}


@pytest.mark.parametrize(
    ("selected", "steady"),
    [
        ("name parent { name }", True),
        ('name enterprises(first: 2, where: {name: {search: "工具"}}) { nodes { name } }', False),
        ("name enterprises(first: 2) { nodes { name } }", False),
    ],
)
async def test_a_look_up_is_planned_once_if_nothing_but_its_key_is_searched(
    engine: Engine, selected: str, steady: bool
) -> None:
    document = f"query P($code: String!) {{ place(code: $code) {{ {selected} }} }}"

    plan = (await engine.prepare(_DEPARTMENT, document, {"code": "330784"})).plan

    assert plan.lookup is not None
    assert plan.lookup.steady is steady
