"""Finding a key by blocks: always what reading every record finds, whatever is in a block and whatever is not yet."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from uuid import UUID

import asyncpg
import orjson
import pytest
from msgspec.structs import replace

from audit.identifiers import OperationIds
from audit.key_blocks import make_block
from audit.log import AccessLog
from audit.parts import parts_as_keys
from audit.record import KeyPart, Record, State
from audit.search import Filters, search
from tests.audit.records import append_many, count_waiting, make_record

# What every record says, one by one.
_READ_ALL = """
select id from log.record
 where ($1::text is null or department = $1) and ($2::timestamptz is null or at >= $2)
   and ($3::timestamptz is null or at < $3)
   and exists (select from log.resolved_field as field where field.operation_id = id and field.key = $5
                  and ($4::text is null or field.coordinate = $4))
 order by id desc limit $6"""
_SHOWING = "select log.showing('K5', null, null, null, null, 9)"


async def _found(connection: asyncpg.Connection, filters: Filters, limit: int = 1_000) -> list[UUID]:
    return [operation.operation_id for operation in await search(connection, filters, limit)]


async def _read(connection: asyncpg.Connection, filters: Filters, limit: int = 1_000) -> list[UUID]:
    asked = (filters.department, filters.since, filters.until, filters.coordinate, filters.key, limit)
    return [row["id"] for row in await connection.fetch(_READ_ALL, *asked)]


async def _parts(keys: Iterable[str]) -> AsyncIterator[KeyPart]:
    for place, key in enumerate(keys):
        yield KeyPart(place % 2, place // 2 + 1, orjson.dumps([key]))


def _drawn(draw: random.Random, state: State, ids: list[UUID]) -> Record:
    """A record with an id of any age; most show a key or two of few, some hundreds."""
    several = [f"K{draw.randrange(300)}" for _ in range(draw.choice((0, 1, 1, 2, 300)))]
    composite = [["330784", str(draw.randrange(50))] for _ in range(draw.randrange(3))]
    made = make_record(state)
    return replace(
        made,
        id=ids.pop(draw.randrange(min(len(ids), 200))),
        at=made.at + timedelta(seconds=draw.randrange(-3_600, 3_600)),
        department=draw.choice(("education", "health")),
        keys=orjson.dumps([several, composite]),
        shown=len(several) + len(composite),
    )


@pytest.mark.every_postgresql
async def test_a_search_by_blocks_finds_what_reading_everything_finds(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    draw = random.Random(7)
    made = OperationIds()
    ids = [made.next() for _ in range(600)]
    records = [_drawn(draw, state, ids) for _ in range(500)]
    for some in (records[begun : begun + 25] for begun in range(0, len(records), 25)):
        await asyncio.gather(*(log.append(record, must_match=True) for record in some))
        if draw.random() < 0.5:
            await make_block(connection, records=draw.choice((20, 60)), keys=10_000)

    assert await connection.fetchval("select count(*) from log.key_block") > 3
    assert await count_waiting(connection) > 0
    for _ in range(150):
        filters = Filters(
            key=draw.choice((f"K{draw.randrange(320)}", f'["330784","{draw.randrange(60)}"]')),
            department=draw.choice((None, "health")),
            coordinate=draw.choice((None, "Enterprise.name", "Licence.number")),
            since=draw.choice((None, draw.choice(records).at)),
            until=draw.choice((None, None, draw.choice(records).at)),
        )
        limit = draw.choice((1, 3, 1_000))
        assert await _found(connection, filters, limit) == await _read(connection, filters, limit), filters


async def test_a_record_that_is_committed_after_younger_ones_are_in_a_block_is_found(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    await log.append(make_record(state), must_match=True)
    assert await make_block(connection, records=1) == 1
    late, young = make_record(state, keys=b'[["LATE"],[]]', shown=1), make_record(state)
    async with other.transaction():
        await other.execute("select from platform.hold_state()")
        await log.append_within(other, late)
        await log.append(young, must_match=True)
        assert await make_block(connection, records=1) == 1
        assert await _found(connection, Filters(key="LATE")) == []

    assert await _found(connection, Filters(key="LATE")) == [late.id]
    assert await make_block(connection, records=1) == 1
    assert await _found(connection, Filters(key="LATE")) == [late.id]


async def test_keys_in_parts_are_found_in_a_block(log: AccessLog, connection: asyncpg.Connection, state: State) -> None:
    record = make_record(state, keys=parts_as_keys(6), shown=6)
    await log.append_in_parts(connection, record, _parts("ABCDEF"))

    assert await make_block(connection, records=1) == 1
    assert [await _found(connection, Filters(key=key)) for key in "ADX"] == [[record.id], [record.id], []]
    assert await _found(connection, Filters(key="B", coordinate="Enterprise.name")) == []


async def test_a_block_whose_keys_no_text_can_hold_is_read_whole(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    unfit = make_record(state, keys=rb'[["\u0000"],[]]', shown=1)
    fit = make_record(state, keys=b'[["E1"],[]]', shown=1)
    await asyncio.gather(log.append(unfit, must_match=True), log.append(fit, must_match=True))

    assert await make_block(connection, records=1) == 2
    assert await connection.fetchval("select prints is null from log.key_block")
    assert await _found(connection, Filters(key="E1")) == [fit.id]


async def test_records_that_are_gone_stop_nothing(log: AccessLog, connection: asyncpg.Connection, state: State) -> None:
    """An operator may archive the oldest records before they are in a block."""
    await log.append(make_record(state, keys=b'[["GONE"],[]]', shown=1), must_match=True)
    async with connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute("delete from log.record")
    left = make_record(state, keys=b'[["LEFT"],[]]', shown=1)
    await log.append(left, must_match=True)

    assert [await make_block(connection, records=1) for _ in range(3)] == [1, 1, 0]
    assert await connection.fetchval("select count(*) from log.key_block") == 1
    assert await _found(connection, Filters(key="GONE")) == []
    assert await _found(connection, Filters(key="LEFT")) == [left.id]


async def test_records_appended_many_at_once_are_divided_and_a_key_of_thousands_is_found_newest_first(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    await append_many(connection, log, state, 20_000, keys=10)

    assert [await make_block(connection) for _ in range(6)] == [5_001, 5_000, 5_000, 5_000, 0, 0]
    for key, limit in (("K3", 7), ("K3", 5_000), ("K10", 7)):
        assert await _found(connection, Filters(key=key), limit) == await _read(connection, Filters(key=key), limit)


async def test_records_that_are_appended_while_a_block_is_made_are_found(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    await append_many(connection, log, state, 1_000, keys=10)

    async def rest(_: float) -> None:
        if await count_waiting(connection) == 1_001:
            await log.append(make_record(state, keys=b'[["LATE"],[]]', shown=1), must_match=True)
            assert len(await _found(connection, Filters(key="LATE"))) == 1
            assert len(await _found(connection, Filters(key="K7"))) == 100

    assert await make_block(other, records=1_001, rest=rest) == 1_001
    assert await count_waiting(connection) == 1
    assert len(await _found(connection, Filters(key="LATE"))) == 1
    assert len(await _found(connection, Filters(key="K7"))) == 100
    assert await connection.fetchval("select prints = log.key_prints(records) from log.key_block")


async def test_a_search_does_not_read_the_records_of_other_blocks(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    await append_many(connection, log, state, 24_000, keys=24_000)
    while await make_block(connection):
        pass
    await connection.execute("analyze log.record")
    await connection.fetch(_SHOWING)  # makes its plans

    (line, *_), *more = await connection.fetch(f"explain (analyze, buffers) {_SHOWING}")
    read = next(int(found[1]) for row in more if (found := re.search(r"shared hit=(\d+)", row[0])))
    pages = await connection.fetchval("select relpages from pg_class where oid = 'log.record'::regclass")

    assert read < pages / 3, line
