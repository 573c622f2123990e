"""Making blocks of keys: one at a time, in pieces that hold nobody up, and all of a block or nothing."""

import asyncio
import time

import asyncpg
import orjson
from msgspec.structs import replace

from api.preparing import connected
from audit.identifiers import uuid7
from audit.key_blocks import KeyBlocks, is_recorded_lately, make_block
from audit.log import AccessLog
from audit.record import State
from audit.search import Filters, search
from resolvers.load import Load
from tests.audit.records import append_many, count_waiting, make_record


async def _found(connection: asyncpg.Connection, key: str) -> list[object]:
    return [operation.operation_id for operation in await search(connection, Filters(key=key), 1_000)]


async def test_one_block_is_made_at_a_time_and_one_not_finished_changes_nothing(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    record = make_record(state, keys=b'[["E1"],[]]', shown=1)
    await log.append(record, must_match=True)
    is_resting = asyncio.Event()

    async def rest(_: float) -> None:
        is_resting.set()
        await asyncio.sleep(60)

    making = asyncio.create_task(make_block(other, records=1, rest=rest))
    await is_resting.wait()

    assert await make_block(connection, records=1) == 0
    assert await connection.fetchval("select log.make_key_block(1, 1)") == 0  # of the versions before
    assert await _found(connection, "E1") == [record.id]
    making.cancel()
    await asyncio.wait({making})
    await other.close()

    assert await _found(connection, "E1") == [record.id]
    assert await make_block(connection, records=1) == 1
    assert await _found(connection, "E1") == [record.id]


async def test_a_block_of_what_no_longer_waits_is_not_put_in_its_place(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    """Somebody makes both tables again, as docs/log.md says, while a block is made of what waited before."""
    for _ in range(3):
        await log.append(make_record(state), must_match=True)
    again = asyncio.Event()

    async def rest(_: float) -> None:
        if not again.is_set():
            again.set()
            await connection.execute(
                "delete from log.recent where records[1] = (select max(id::text)::uuid from log.record)"
            )
            await connection.execute(
                "insert into log.recent select array[id], 2 from log.record order by id desc limit 1"
            )

    assert await make_block(other, records=3, rest=rest) == 0
    assert await connection.fetchval("select count(*) from log.key_block") == 0
    assert await count_waiting(connection) == 3
    assert await make_block(other, records=3) == 3


async def test_a_record_of_very_many_keys_holds_nobody_up(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    keys = orjson.dumps([[f"K{number}" for number in range(20_000)], []])
    for _ in range(3):
        await log.append(make_record(state, keys=keys, shown=20_000), must_match=True)
    rested: list[float] = []

    async def rest(worked_s: float) -> None:
        rested.append(worked_s)
        await connection.execute("begin; set local lock_timeout = '1s'; lock table log.record; commit")

    assert await make_block(other, records=3, rest=rest) == 3
    assert len(rested) > 20
    assert max(rested) < 1
    assert await connection.fetchval("select prints = log.key_prints(records) from log.key_block")
    assert len(await _found(connection, "K19999")) == 3


async def test_records_of_many_keys_make_smaller_pieces(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    keys = orjson.dumps([[f"K{number}" for number in range(250)], []])
    for _ in range(3):
        await asyncio.gather(
            *(log.append(make_record(state, keys=keys, shown=250), must_match=True) for _ in range(100))
        )
    rested: list[float] = []

    async def rest(worked_s: float) -> None:
        rested.append(worked_s)

    assert await make_block(connection, records=300, rest=rest) == 300
    assert len(rested) > 300 / 3  # never more than two of them in a piece
    assert await connection.fetchval("select prints = log.key_prints(records) from log.key_block")


async def test_nothing_is_put_into_a_block_before_there_is_enough(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    for _ in range(3):
        await log.append(make_record(state), must_match=True)

    assert await make_block(connection, records=4) == 0
    assert await make_block(connection, records=4, keys=6) == 3
    assert await count_waiting(connection) == 0


async def test_what_waits_is_found_behind_very_much_that_waits_no_more_and_taken_in_pieces(
    connection: asyncpg.Connection, other: asyncpg.Connection
) -> None:
    await connection.execute(
        """
        insert into log.recent select array[gen_random_uuid()], 1 from generate_series(1, 30000);
        delete from log.recent where (ctid::text::point)[0] < 200"""
    )
    waiting = await count_waiting(connection)
    assert waiting > 5_000
    left = []

    async def rest(_: float) -> None:
        left.append(await count_waiting(connection))

    assert await make_block(other, records=waiting + 1, rest=rest) == 0
    assert 200 // 64 + waiting // 512 < len(left) < waiting // 16
    assert await make_block(other, records=waiting, rest=rest) == waiting
    assert set(left) == {waiting}
    assert await count_waiting(connection) == 0


async def test_blocks_are_made_beside_the_answers(
    log: AccessLog, database_url: str, connection: asyncpg.Connection, state: State
) -> None:
    await append_many(connection, log, state, 9_000, keys=9_000)
    blocks = KeyBlocks(lambda: connected(database_url), Load())
    try:
        async with asyncio.timeout(10):
            while await count_waiting(connection) >= 4_096:  # noqa: ASYNC110 - what is waited for is another's commit
                await asyncio.sleep(0.02)
    finally:
        await blocks.close()

    assert len(await _found(connection, "K77")) == 1


async def test_whoever_records_anything_is_seen_to_be_busy_for_a_moment(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    assert not await is_recorded_lately(connection)
    for age_ms, is_lately in ((60_000, False), (0, True), (30_000, True)):
        its_id = uuid7(time.time_ns() // 1_000_000 - age_ms, age_ms)
        await log.append(replace(make_record(state), id=its_id), must_match=True)
        assert await is_recorded_lately(connection) is is_lately
    await asyncio.sleep(1.1)

    assert not await is_recorded_lately(connection)
