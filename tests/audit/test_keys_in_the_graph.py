"""Asking the graph who was shown a key: always what reading every record finds, and without reading them all."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Mapping
from typing import cast

import asyncpg
import orjson
import pytest
from msgspec.structs import replace

from api.preparing import bring_up
from audit.key_blocks import make_block
from audit.log import AccessLog
from audit.record import Record, State
from policies.principal import Principal
from tests.audit.records import append_many, make_record
from tests.resolvers.asking import Engine, engine_on

_AUDITOR = Principal("audit-office", ("auditor",))
_FIELDS = """
query ($where: ResolvedFieldWhere!) {
  log { resolvedFields(where: $where, first: 1000) { nodes { operationId fieldPosition keyPosition } } }
}"""
_OPERATIONS = """
query ($where: OperationWhere!) { log { operations(where: $where, first: 1000) { nodes { operationId } } } }"""
_NEWEST = """
query ($key: String!) { log { resolvedFields(where: {key: {eq: $key}}, first: 3) { nodes { operationId key } } } }"""
_READ = (
    "select operation_id, field_position, key_position from log.resolved_field where {} order by 1 desc, 2 desc, 3 desc"
)
_READ_OPERATIONS = """
select id from log.record
 where {} (select from log.resolved_field as field where field.operation_id = record.id and {}) order by id desc"""


@pytest.fixture
async def engine(database_url: str, connection: asyncpg.Connection) -> AsyncIterator[Engine]:
    await bring_up(connection)
    async with engine_on(database_url) as opened:
        yield opened


@pytest.fixture
async def state(engine: Engine) -> State:
    """The state with the policy that the engine asks under."""
    return (await engine.view()).state


def _drawn(draw: random.Random, state: State) -> Record:
    keys = [f"K{draw.randrange(60)}" for _ in range(draw.choice((0, 1, 2, 90)))]
    composite = [["330784", str(draw.randrange(20))] for _ in range(draw.randrange(2))]
    made = make_record(state, keys=orjson.dumps([keys, composite]), shown=len(keys) + len(composite))
    return replace(made, department=draw.choice(("education", "health")))


async def _nodes(engine: Engine, document: str, name: str, where: Mapping[str, object]) -> list[tuple[object, ...]]:
    shown = (await engine.show(_AUDITOR, document, {"where": where})).data
    nodes = cast(dict[str, dict[str, dict[str, list[dict[str, object]]]]], shown)["log"][name]["nodes"]
    return [tuple(node.values()) for node in nodes]


async def _read(connection: asyncpg.Connection, sql: str) -> list[tuple[object, ...]]:
    return [(str(row[0]), *list(row.values())[1:]) for row in await connection.fetch(sql)]


@pytest.mark.every_postgresql
async def test_the_graph_finds_what_reading_everything_finds(
    log: AccessLog, connection: asyncpg.Connection, state: State, engine: Engine
) -> None:
    draw = random.Random(11)
    for _ in range(12):
        await asyncio.gather(*(log.append(_drawn(draw, state), must_match=True) for _ in range(10)))
        if draw.random() < 0.5:
            await make_block(connection, records=10)
    assert await connection.fetchval("select count(*) from log.key_block") > 3
    assert await connection.fetchval("select count(*) from log.recent") > 0

    composite = '["330784","7"]'
    for where, condition in (
        ({"key": {"eq": "K7"}}, "key = 'K7'"),
        ({"key": {"eq": composite}}, f"key = '{composite}'"),
        ({"key": {"eq": "nobody's"}}, "false"),
        ({"key": {"eq": None}}, "false"),
        ({"key": {"in": ["K7", composite, "K8"]}}, f"key in ('K7', 'K8', '{composite}')"),
        ({"key": {"in": []}}, "false"),
        ({"key": {"in": [f"K{each % 60}" for each in range(120)]}}, "key like 'K%'"),
        ({"key": {"in": [f"K{each}" for each in range(20)]}}, "key in (select 'K' || n from generate_series(0, 19) n)"),
        ({"key": {"in": [f"K{each}" for each in range(55, 200)]}}, "key in ('K55', 'K56', 'K57', 'K58', 'K59')"),
        ({"or": [{"key": {"eq": f"K{each}"}} for each in range(12)]}, "key ~ '^K([0-9]|10|11)$'"),
        ({"key": {"eq": "K7"}, "department": {"eq": "health"}}, "key = 'K7' and department = 'health'"),
        ({"or": [{"key": {"eq": "K7"}}, {"use": {"eq": "denied"}}]}, "key = 'K7' or use = 'denied'"),
        ({"not": {"key": {"eq": "K7"}}, "use": {"ne": "shown"}}, "not key = 'K7' and use <> 'shown'"),
        ({"not": {"not": {"key": {"eq": "K7"}}}}, "key = 'K7'"),
    ):
        found = await _nodes(engine, _FIELDS, "resolvedFields", where)
        assert found == (await _read(connection, _READ.format(condition)))[:1000], where
    for quantifier, exists, condition in (
        ("some", "exists", "key = 'K7'"),
        ("none", "not exists", "key = 'K7'"),
        ("every", "not exists", "(key = 'K7') is not true"),
    ):
        found = await _nodes(engine, _OPERATIONS, "operations", {"resolvedFields": {quantifier: {"key": {"eq": "K7"}}}})
        assert found == (await _read(connection, _READ_OPERATIONS.format(exists, condition)))[:1000], quantifier


async def test_a_key_is_looked_for_by_its_blocks_however_often_and_a_common_one_is_not(
    log: AccessLog, connection: asyncpg.Connection, state: State, engine: Engine
) -> None:
    rare = make_record(state, keys=b'[["RARE"],[]]', shown=1)
    await log.append(rare, must_match=True)
    await append_many(connection, log, state, 20_001, keys=1)
    while await make_block(connection):
        pass
    ids = [row[0] for row in await connection.fetch("select id from log.record order by id desc limit 1")]

    assert await connection.fetchval("select log.holding(array['RARE', 'NONE'])") == [rare.id]
    assert await connection.fetchval("select log.is_common(array['K0']) and not log.is_common(array['RARE'])")
    for _ in range(8):  # from the sixth time on PostgreSQL would rather have one plan for all keys
        for key, newest in (("RARE", rare.id), ("K0", ids[0])):
            told = await engine.ask(_AUDITOR, _NEWEST, {"key": key})
            nodes = cast(dict[str, dict[str, dict[str, list[dict[str, object]]]]], told.data)
            assert nodes["log"]["resolvedFields"]["nodes"][0] == {"operationId": str(newest), "key": key}
    async with engine.service.readers.connection() as reader:
        planned = "select sum(generic_plans) from pg_prepared_statements where statement like '%log.' || 'holding%'"
        assert await reader.fetchval(planned) == 0


async def test_a_key_that_becomes_common_after_its_statement_was_planned_is_found(
    log: AccessLog, connection: asyncpg.Connection, state: State, engine: Engine
) -> None:
    await append_many(connection, log, state, 20_000, keys=1)
    while await make_block(connection):
        pass
    prepared = await engine.prepare(_AUDITOR, _NEWEST, {"key": "K0"})
    (statement,) = prepared.plan.statements
    await connection.execute("prepare planned as " + statement.sql.replace("$1", "'K0'"))
    assert (await connection.fetch("execute planned"))[0]["count"] == 3

    newest = make_record(state, keys=b'[["K0"],[]]', shown=1)
    await log.append(newest, must_match=True)
    assert await connection.fetchval("select log.is_common(array['K0'])")
    assert str(newest.id) in (await connection.fetch("execute planned"))[0][1].decode()


async def test_of_many_keys_the_records_in_no_block_are_read_once_and_of_too_many_none_is_looked_for(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    await append_many(connection, log, state, 2_000, keys=2_000)
    keys = [f"K{each}" for each in range(101)]
    started = time.perf_counter()
    found = await connection.fetchval("select log.holding_up_to($1, 20000)", keys[:100])
    once_s = time.perf_counter() - started

    assert found == await connection.fetchval("select log.holding($1)", keys[:100] * 2)
    assert found == [
        row[0]
        for row in await connection.fetch(
            "select distinct operation_id from log.resolved_field where key = any($1) order by 1 desc", keys[:100]
        )
    ]
    assert once_s < 1
    assert await connection.fetchval("select log.is_common($1)", keys)
    assert not await connection.fetchval("select log.is_common($1)", keys[:100] * 2)


async def test_few_conditions_of_a_document_are_looked_for(engine: Engine) -> None:
    where = {"or": [{"key": {"eq": f"K{each}"}} for each in range(50)]}
    (statement,) = (await engine.prepare(_AUDITOR, _FIELDS, {"where": where})).plan.statements

    assert statement.sql.count("log.is_common") == 8
    assert statement.sql.count('."key" = ') == 50
