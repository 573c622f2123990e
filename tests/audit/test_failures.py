"""What fails, fails closed, fails alone, and is over when its cause is."""

import asyncio
import json

import asyncpg
import pytest

from audit.append import append, row_of
from audit.log import AccessLog, LogUnavailable
from audit.record import PlanContent, State
from tests.audit.records import count_records, make_plan, make_record

HOSTILE = "a\0b\ud800c'\"\\'; drop table log.record; --\u202e\r\n\U0001f409"
UNFIT: tuple[dict[str, object], ...] = (
    {"variables": b"{not json"},
    {"variables": b'{"a":"\xff\xfe"} \xff'},
    {"variables": b"[" * 100_000 + b"]" * 100_000},
    {"purpose": b""},
    {"keys": b"[["},
    {"elapsed_us": 1 << 31},
    {"shown": -(1 << 70)},
    {"outcome": "perhaps"},
    {"plan": PlanContent(bytes(32), b'{"nodes":[]}')},
    {"plan": PlanContent(b"short", b'{"nodes":[]}')},
    {"plan": PlanContent(bytes(32), b"\xff")},
    {"document": "{ both }"},
)


@pytest.mark.every_postgresql
async def test_records_that_cannot_be_stored_fail_alone(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    records = [make_record(state)]
    for unfit in UNFIT:
        records += [make_record(state, **unfit), make_record(state)]

    outcomes = await asyncio.gather(
        *(log.append(record, must_match=True) for record in records), return_exceptions=True
    )

    assert outcomes[0::2] == [state] * (len(UNFIT) + 1)
    assert [unfit for unfit, outcome in zip(UNFIT, outcomes[1::2], strict=True) if outcome == state] == []
    assert {type(outcome) for outcome in outcomes[1::2]} == {LogUnavailable}
    assert await count_records(connection) == len(UNFIT) + 1


@pytest.mark.every_postgresql
async def test_records_of_a_statement_are_refused_if_the_plan_of_one_is_not_stored(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    await log.append(make_record(state), must_match=True)
    records = [make_record(state), make_record(state, plan=None), make_record(state, plan=make_plan("{ other }"))]
    rows = [row_of(record, must_match=True) for record in records]

    with pytest.raises(asyncpg.ForeignKeyViolationError, match="plan"):
        await append(connection, rows, (), timeout_s=10)

    assert await count_records(connection) == 1
    written = await append(connection, rows, [make_plan("{ other }")], timeout_s=10)
    assert (written.records, await count_records(connection)) == (3, 4)


@pytest.mark.every_postgresql
@pytest.mark.parametrize("changed", [{"document": "{ kept twice }"}, {"outcome": "perhaps"}])
async def test_records_of_a_statement_are_refused_if_one_says_what_none_can(
    log: AccessLog, connection: asyncpg.Connection, state: State, changed: dict[str, str]
) -> None:
    await log.append(make_record(state), must_match=True)
    rows = [row_of(make_record(state, **each), must_match=True) for each in ({}, changed, {})]

    with pytest.raises(asyncpg.CheckViolationError, match=next(iter(changed))):
        await append(connection, rows, (), timeout_s=10)

    assert await count_records(connection) == 1


async def test_a_record_is_never_written_twice(log: AccessLog, connection: asyncpg.Connection, state: State) -> None:
    record = make_record(state)
    await log.append(record, must_match=True)

    with pytest.raises(LogUnavailable, match="UniqueViolation"):
        await log.append(record, must_match=True)

    assert await count_records(connection) == 1


@pytest.mark.every_postgresql
async def test_hostile_text_is_recorded_and_read_back(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    variables = json.dumps({"text": HOSTILE, HOSTILE: [1e308, -0.0]}).encode()
    purpose = json.dumps({"code": HOSTILE, "caseNo": "fine"}).encode()
    texts = {"department": HOSTILE, "application": HOSTILE, "actor": HOSTILE, "operation_name": HOSTILE}
    planned = make_record(state, plan=make_plan(document=HOSTILE.replace("\ud800", "")), **texts, roles=(HOSTILE,))
    refused = make_record(state, plan=None, document=HOSTILE, variables=variables, purpose=purpose)

    await log.append(planned, must_match=True)
    await log.append(refused, must_match=True)

    readable = HOSTILE.replace("\0", "\ufffd").replace("\ud800", "\ufffd")
    rows = await connection.fetch("select * from log.operation order by operation_id")
    assert [rows[0][name] for name in texts] == [readable] * 4
    assert rows[0]["roles"] == [readable]
    assert rows[0]["document"] == HOSTILE.replace("\0", "\ufffd").replace("\ud800", "")
    assert rows[1]["document"] == readable
    assert rows[1]["variables"].encode() == variables
    assert rows[1]["purpose_code"] == readable.replace("\U0001f409", "\ufffd\ufffd")
    assert rows[1]["case_no"] == "fine"
    assert await connection.fetchval("select count(*) from log.resolved_field") == 4


async def test_a_plan_missing_from_the_database_is_stored_anew(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    await log.append(make_record(state), must_match=True)
    await connection.execute(
        "set session_replication_role = replica;"
        "delete from log.record; delete from log.plan_field; delete from log.plan_node; delete from log.plan;"
    )

    returned = await log.append(make_record(state), must_match=True)

    assert returned == state
    assert await connection.fetchval("select count(*) from log.plan_field") == 4


async def test_a_table_that_drops_records_answers_nobody(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    await connection.execute(
        "create function drop_some() returns trigger language plpgsql as"
        " $$ begin if new.shown = 0 then return null; end if; return new; end $$;"
        "create trigger drop_some before insert on log.record for each row execute function drop_some();"
    )

    with pytest.raises(LogUnavailable, match="0 of 1 records"):
        await log.append(make_record(state, shown=0), must_match=True)


async def test_a_cancelled_caller_does_not_break_the_group(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    async with other.transaction():
        await other.execute("update platform.state set one = true")
        in_flight = [asyncio.create_task(log.append(make_record(state), must_match=True)) for _ in range(4)]
        await asyncio.sleep(0.05)
        queued = [asyncio.create_task(log.append(make_record(state), must_match=True)) for _ in range(4)]
        await asyncio.sleep(0)
        for task in (in_flight[1], queued[2]):
            task.cancel()

    outcomes = await asyncio.gather(*in_flight, *queued, return_exceptions=True)

    assert [index for index, outcome in enumerate(outcomes) if isinstance(outcome, asyncio.CancelledError)] == [1, 6]
    assert [outcome for outcome in outcomes if outcome == state] == [state] * 6
    assert 6 <= await count_records(connection) <= 8


async def test_a_cancelled_writer_leaves_nobody_waiting(
    pool: asyncpg.Pool, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    log = AccessLog(pool)
    async with other.transaction():
        await other.execute("update platform.state set one = true")
        before = asyncio.all_tasks()
        waiting = [asyncio.create_task(log.append(make_record(state), must_match=True)) for _ in range(2)]
        await asyncio.sleep(0.05)
        waiting.append(asyncio.create_task(log.append(make_record(state), must_match=True)))
        await asyncio.sleep(0)
        for task in asyncio.all_tasks() - before - set(waiting):
            task.cancel()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [LogUnavailable] * 3
    assert await log.append(make_record(state), must_match=True) == state
    await log.close()


async def test_a_commit_that_takes_too_long_is_given_up_and_the_next_one_works(
    pool: asyncpg.Pool, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    log = AccessLog(pool, timeout_s=0.2)
    async with other.transaction():
        await other.execute("update platform.state set one = true")
        with pytest.raises(LogUnavailable, match="Timeout"):
            await log.append(make_record(state), must_match=True)

    assert await log.append(make_record(state), must_match=True) == state
    await log.close()
    # The server may have gone on before the cancellation reached it: a record nobody was answered for.
    assert await count_records(connection) in (1, 2)


async def test_a_connection_lost_between_two_records_is_replaced(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    await log.append(make_record(state), must_match=True)
    await _terminate_others(connection)
    await asyncio.sleep(0.1)

    assert await log.append(make_record(state), must_match=True) == state


async def test_a_connection_lost_during_a_commit_fails_the_group_and_is_replaced(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    await log.append(make_record(state), must_match=True)
    async with connection.transaction():
        await connection.execute("update platform.state set one = true")
        waiting = [asyncio.create_task(log.append(make_record(state), must_match=True)) for _ in range(3)]
        await asyncio.sleep(0.05)
        waiting[1].cancel()
        await _terminate_others(other, keep=connection)
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [LogUnavailable, asyncio.CancelledError, LogUnavailable]
    assert await log.append(make_record(state), must_match=True) == state
    assert await count_records(connection) == 2


async def test_a_pool_taken_away_is_reported(database_url: str, state: State) -> None:
    pool = await asyncpg.create_pool(database_url, min_size=1, max_size=1)
    log = AccessLog(pool)
    await log.append(make_record(state), must_match=True)

    pool.terminate()
    await asyncio.sleep(0)

    with pytest.raises(LogUnavailable):
        await log.append(make_record(state), must_match=True)
    await log.close()


async def _terminate_others(connection: asyncpg.Connection, keep: asyncpg.Connection | None = None) -> None:
    kept = 0 if keep is None else keep.get_server_pid()
    await connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid not in (pg_backend_pid(), $1) and backend_type = 'client backend'",
        kept,
    )
