"""The state is read in the statement that makes a record durable: a move of the state is before or after each group."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest

from audit.log import AccessLog, LogUnavailable
from audit.record import PlanContent, State
from tests.audit.records import count_records, current_state, make_plan, make_record

_BLOCKED = """
select count(*) from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0"""


@asynccontextmanager
async def revocation(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """A batch that has moved the state and commits at the end of the block."""
    async with connection.transaction():
        await connection.execute("select platform.begin_batch()")
        await connection.execute("select platform.end_batch('policy', policy_moved => true)")
        yield


async def revoke(connection: asyncpg.Connection) -> None:
    """One revocation, from begin to commit."""
    async with revocation(connection):
        pass


async def wait_for_blocked(connection: asyncpg.Connection, count: int) -> None:
    """Returns when that many statements wait for a lock."""
    for _ in range(1_000):
        if await connection.fetchval(_BLOCKED) >= count:
            return
        await asyncio.sleep(0.005)
    pytest.fail(f"there are never {count} statements waiting for a lock")


def moved(state: State) -> State:
    """The state after one revocation."""
    return State(state.policy_version + 1, state.graph_version, state.data_epoch + 1)


@pytest.mark.every_postgresql
async def test_a_revocation_that_commits_first_keeps_the_record_out(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    async with revocation(other):
        appending = asyncio.create_task(log.append(make_record(state), must_match=True))
        await wait_for_blocked(connection, 1)
        assert not appending.done()

    assert await appending == moved(state)
    assert await count_records(connection) == 0


async def test_a_revocation_that_is_rolled_back_lets_the_record_in(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    batch = other.transaction()
    await batch.start()
    await other.execute("update platform.state set policy_version = policy_version + 1")
    appending = asyncio.create_task(log.append(make_record(state), must_match=True))
    await wait_for_blocked(connection, 1)
    await batch.rollback()

    assert await appending == state
    assert await count_records(connection) == 1


async def test_a_change_of_the_row_that_passes_no_gate_still_keeps_the_record_out(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    await connection.execute("alter table platform.state disable trigger close_gate")
    async with other.transaction():
        await other.execute("update platform.state set policy_version = policy_version + 1")
        appending = asyncio.create_task(log.append(make_record(state), must_match=True))
        await wait_for_blocked(connection, 1)

    assert (await appending).policy_version == state.policy_version + 1
    assert await count_records(connection) == 0


async def test_a_revocation_waits_for_a_record_being_committed(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    async with connection.transaction():
        await connection.execute("select from platform.hold_state()")
        revoking = asyncio.create_task(revoke(other))
        await wait_for_blocked(connection, 1)
        await log.append_within(connection, make_record(state))
        assert not revoking.done()

    await revoking
    assert await count_records(connection) == 1
    assert await current_state(connection) == moved(state)


@pytest.mark.every_postgresql
async def test_a_waiting_revocation_is_not_overtaken_by_later_records(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    async with connection.transaction():
        await connection.execute("select from platform.hold_state()")
        revoking = asyncio.create_task(revoke(other))
        await wait_for_blocked(connection, 1)
        appending = asyncio.create_task(log.append(make_record(state), must_match=True))
        await wait_for_blocked(connection, 2)

    await revoking
    assert await appending == moved(state)
    assert await count_records(connection) == 0


async def test_a_caller_holding_only_the_row_can_write_while_a_revocation_waits(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    async with connection.transaction():
        await connection.execute("select from platform.state for share")
        revoking = asyncio.create_task(revoke(other))
        await wait_for_blocked(connection, 1)
        async with asyncio.timeout(5):
            await log.append_within(connection, make_record(state))

    await revoking
    assert await count_records(connection) == 1


async def test_no_record_carries_a_state_that_was_left_before_it_was_written(
    pool: asyncpg.Pool, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    """Two workers write while the policy moves: the order of commits, read from the log, shows no stale record."""
    await connection.execute(
        "create table written (id uuid, commit_state bigint);"
        "create function check_state() returns trigger language plpgsql as $$ begin"
        " insert into written select new.id, (select policy_version from platform.state); return null; end $$;"
        "create trigger check_state after insert on log.record for each row execute function check_state();"
    )
    logs = [AccessLog(pool), AccessLog(pool)]
    deadline = time.monotonic() + 1.0
    answered: list[UUID] = []
    repeated: list[UUID] = []

    async def work(log: AccessLog) -> None:
        seen = state
        while time.monotonic() < deadline:
            record = make_record(seen)
            returned = await log.append(record, must_match=True)
            (answered if returned == seen else repeated).append(record.id)
            seen = returned

    async def keep_revoking() -> None:
        while time.monotonic() < deadline:
            await revoke(other)
            await asyncio.sleep(0.01)

    await asyncio.gather(keep_revoking(), *(work(log) for log in logs for _ in range(4)))
    await asyncio.gather(*(log.close() for log in logs))

    rows = await connection.fetch("select id, policy_version, commit_state from log.record join written using (id)")
    assert repeated
    assert {row["id"] for row in rows} == set(answered)
    assert all(row["policy_version"] == row["commit_state"] for row in rows)


async def test_revocations_are_not_starved_by_records(
    pool: asyncpg.Pool, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    logs = [AccessLog(pool) for _ in range(4)]
    is_over = asyncio.Event()

    async def work(log: AccessLog) -> None:
        while not is_over.is_set():
            await log.append(make_record(state), must_match=False)

    workers = [asyncio.create_task(work(log)) for log in logs for _ in range(4)]
    slowest_s = 0.0
    for _ in range(20):
        started = time.monotonic()
        await revoke(other)
        slowest_s = max(slowest_s, time.monotonic() - started)
    is_over.set()
    await asyncio.gather(*workers)
    await asyncio.gather(*(log.close() for log in logs))

    assert slowest_s < 2.0
    assert await count_records(connection) > 0


async def test_without_the_state_row_nothing_is_written(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    await connection.execute("delete from platform.state")

    with pytest.raises(LogUnavailable):
        await log.append(make_record(state), must_match=False)
    with pytest.raises(LogUnavailable, match="no row"):
        await log.append_within(connection, make_record(state))

    assert await count_records(connection) == 0


@pytest.mark.every_postgresql
@pytest.mark.parametrize("plan", [make_plan(), make_plan("{ new }")])
async def test_whoever_waits_for_a_locked_log_does_not_hold_the_state(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State, plan: PlanContent
) -> None:
    """Who has altered the log's tables may move the state then, and a revocation waits for neither of them."""
    await log.append(make_record(state), must_match=True)
    async with connection.transaction():
        await connection.execute("lock table log.record, log.plan in share row exclusive mode")
        appending = asyncio.create_task(log.append(make_record(state, plan=plan), must_match=True))
        await wait_for_blocked(connection, 1)
        async with asyncio.timeout(5):
            await revoke(other)
            await connection.execute("set local deadlock_timeout = '1min'")
            await connection.execute("update platform.state set data_epoch = data_epoch")

    assert await appending == moved(state)
    assert await count_records(connection) == 1
