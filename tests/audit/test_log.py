"""Appending to the log: whole, durable, in groups, and only under the state the record was made under."""

import asyncio
import json
from datetime import timedelta

import asyncpg
import pytest

from audit.log import AccessLog, LogUnavailable
from audit.record import State
from tests.audit.records import count_records, current_state, make_plan, make_record


@pytest.mark.every_postgresql
async def test_a_record_is_in_the_log_to_the_byte(log: AccessLog, connection: asyncpg.Connection, state: State) -> None:
    record = make_record(state, response_digest=b"\x01" * 32, error_codes=("FIELD_DENIED",), outcome="partial")

    returned = await log.append(record, must_match=True)

    assert returned == state
    row = await connection.fetchrow("select * from log.record")
    assert row is not None
    assert record.plan is not None
    assert dict(row) == {
        "id": record.id,
        "at": record.at,
        "department": "education",
        "application": "schools",
        "actor": "wang",
        "roles": ["auditor", "reader"],
        "purpose": '{"code":"enrolment","legalGround":"Article 5","caseNo":"2026-1"}',
        "plan": record.plan.digest,
        "document": None,
        "operation_name": "List",
        "variables": '{"first":2.50}',
        "policy_version": state.policy_version,
        "graph_version": state.graph_version,
        "data_epoch": state.data_epoch,
        "keys": '[["91330784MA28K00011"],[["330784","A-1"]]]',
        "shown": 2,
        "response_digest": b"\x01" * 32,
        "outcome": "partial",
        "error_codes": ["FIELD_DENIED"],
        "elapsed_us": 1500,
    }


async def test_a_plan_is_stored_once_and_to_the_byte(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    plan = make_plan("{ enterprises { nodes { name }}}  # 企业")

    await asyncio.gather(*(log.append(make_record(state, plan=plan), must_match=True) for _ in range(5)))
    await log.append(make_record(state, plan=plan), must_match=True)

    rows = await connection.fetch("select digest, content from log.plan")
    assert [(row["digest"], row["content"].encode()) for row in rows] == [(plan.digest, plan.content)]
    assert await connection.fetchval("select count(distinct plan) from log.record") == 1


async def test_a_plan_another_worker_stored_is_not_stored_again(
    pool: asyncpg.Pool, log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    other_worker = AccessLog(pool)
    await other_worker.append(make_record(state), must_match=True)
    await other_worker.close()

    await log.append(make_record(state), must_match=True)

    assert await connection.fetchval("select count(*) from log.plan") == 1
    assert await count_records(connection) == 2


async def test_a_refused_document_is_kept_as_text(log: AccessLog, connection: asyncpg.Connection, state: State) -> None:
    refused = make_record(state, plan=None, document="{ nonsense", outcome="refused", error_codes=("QUERY_INVALID",))

    await log.append(refused, must_match=False)

    row = await connection.fetchrow("select plan, document, outcome from log.record")
    assert row is not None
    assert tuple(row) == (None, "{ nonsense", "refused")


async def test_records_in_flight_share_commits(log: AccessLog, connection: asyncpg.Connection, state: State) -> None:
    await asyncio.gather(*(log.append(make_record(state), must_match=True) for _ in range(1_500)))

    assert await count_records(connection) == 1_500
    assert await connection.fetchval("select count(distinct xmin::text) from log.record") == 2


async def test_a_group_is_bounded_in_bytes(log: AccessLog, connection: asyncpg.Connection, state: State) -> None:
    keys = json.dumps([["9" * 18] * 5_000, []]).encode()

    await asyncio.gather(*(log.append(make_record(state, keys=keys), must_match=True) for _ in range(100)))

    assert await count_records(connection) == 100
    assert await connection.fetchval("select count(distinct xmin::text) from log.record") == 2


async def test_known_plans_are_bounded(pool: asyncpg.Pool, connection: asyncpg.Connection, state: State) -> None:
    log = AccessLog(pool, known_plans=2)

    for number in (1, 2, 3, 1, 2, 3):
        await log.append(make_record(state, plan=make_plan(f"query {number}")), must_match=True)
    await log.close()

    assert await connection.fetchval("select count(*) from log.plan") == 3
    assert await count_records(connection) == 6


async def test_a_record_of_another_state_is_not_written(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    stale = State(state.policy_version, state.graph_version, state.data_epoch - 1)

    returned = await log.append(make_record(stale), must_match=True)

    assert returned == state
    assert await count_records(connection) == 0


async def test_a_record_that_need_not_match_is_written_under_any_state(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    stale = State(state.policy_version, state.graph_version, state.data_epoch - 1)

    returned = await log.append(make_record(stale), must_match=False)

    assert returned == state
    assert await connection.fetchval("select data_epoch from log.record") == stale.data_epoch


async def _one_by_one(log: AccessLog, state: State, *, times: int) -> None:
    async def append(number: int) -> None:
        await asyncio.sleep(number * 0.0005)
        await log.append(make_record(state), must_match=True)

    await asyncio.gather(*map(append, range(times)))


async def test_records_of_many_under_way_share_a_commit_and_one_alone_waits_for_nobody(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    loop = asyncio.get_running_loop()
    log.load.under_way = 30
    await _one_by_one(log, state, times=30)
    commits = await connection.fetchval("select count(distinct xmin::text) from log.record")
    log.load.under_way = 1
    began = loop.time()
    for _ in range(20):
        await log.append(make_record(state), must_match=True)
    each_s = (loop.time() - began) / 20
    log.load.under_way = 1000  # who are slow themselves

    await asyncio.wait_for(log.append(make_record(state), must_match=True), 1)

    assert commits <= 10
    assert each_s < 0.05
    assert await count_records(connection) == 51


async def test_one_group_holds_matching_and_stale_records(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    stale = State(state.policy_version - 1, state.graph_version, state.data_epoch)
    matching = make_record(state)

    states = await asyncio.gather(
        *(log.append(record, must_match=True) for record in (make_record(stale), matching, make_record(stale)))
    )

    assert states == [state, state, state]
    assert [row["id"] for row in await connection.fetch("select id from log.record")] == [matching.id]


async def test_a_database_without_synchronous_commit_still_commits_records_durably(
    pool: asyncpg.Pool, connection: asyncpg.Connection, state: State
) -> None:
    await connection.execute(
        "create table commit_mode (mode text);"
        "create function keep_mode() returns trigger language plpgsql as"
        " $$ begin insert into commit_mode select current_setting('synchronous_commit'); return null; end $$;"
        "create trigger keep_mode after insert on log.record for each statement execute function keep_mode();"
    )
    async with pool.acquire() as first:
        await first.execute(
            "do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$"
        )
    await pool.expire_connections()
    log = AccessLog(pool)

    await log.append(make_record(state), must_match=True)
    await log.close()

    assert await pool.fetchval("show synchronous_commit") == "off"
    assert await connection.fetchval("select mode from commit_mode") == "on"


async def test_codecs_set_on_the_pool_do_not_change_what_is_stored(
    database_url: str, connection: asyncpg.Connection, state: State
) -> None:
    async def decode_json(opened: asyncpg.Connection) -> None:
        for name in ("json", "jsonb"):
            await opened.set_type_codec(name, schema="pg_catalog", encoder=json.dumps, decoder=json.loads)

    async with asyncpg.create_pool(database_url, min_size=1, max_size=2, init=decode_json) as pool:
        log = AccessLog(pool)
        await log.append(make_record(state), must_match=True)
        await log.close()

    assert await connection.fetchval("select variables from log.record") == '{"first":2.50}'


async def test_within_a_transaction_the_record_is_as_durable_as_the_transaction(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    kept = make_record(state)
    for record, is_kept in ((make_record(state), False), (kept, True)):
        transaction = other.transaction()
        await transaction.start()
        await other.execute("select from platform.hold_state()")
        await log.append_within(other, record)
        await (transaction.commit() if is_kept else transaction.rollback())

    assert [row["id"] for row in await connection.fetch("select id from log.record")] == [kept.id]


async def test_within_a_transaction_another_state_is_refused(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    stale = State(state.policy_version, state.graph_version + 1, state.data_epoch)

    with pytest.raises(LogUnavailable, match="does not hold the state"):
        await log.append_within(connection, make_record(stale, plan=None))

    assert await count_records(connection) == 0


async def test_within_a_transaction_an_error_of_the_database_is_no_record(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    with pytest.raises(LogUnavailable, match="DataError"):
        await log.append_within(connection, make_record(state, elapsed_us=1 << 40))


async def test_time_is_kept_to_the_microsecond(log: AccessLog, connection: asyncpg.Connection, state: State) -> None:
    record = make_record(state)
    later = make_record(state, at=record.at + timedelta(microseconds=1))

    await log.append(record, must_match=True)
    await log.append(later, must_match=True)

    assert await connection.fetchval("select max(at) - min(at) from log.record") == timedelta(microseconds=1)


@pytest.mark.parametrize(
    "change", ["update log.record set actor = 'x'", "delete from log.record", "truncate log.record"]
)
async def test_the_log_is_append_only(
    log: AccessLog, connection: asyncpg.Connection, state: State, change: str
) -> None:
    await log.append(make_record(state), must_match=True)

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await connection.execute(change)


async def test_a_closed_log_has_written_what_was_queued_and_refuses_more(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    queued = [asyncio.create_task(log.append(make_record(state), must_match=True)) for _ in range(10)]
    await asyncio.sleep(0)

    await log.close()

    assert await asyncio.gather(*queued) == [state] * 10
    assert await count_records(connection) == 10
    with pytest.raises(LogUnavailable, match="closed"):
        await log.append(make_record(state), must_match=True)
    assert await current_state(connection) == state
