"""Reading and recording in one statement: the record is of exactly what was read, under the state it was read in."""

import asyncio
from hashlib import sha256

import asyncpg
import pytest

from audit.completing import Completed, Incomplete, Reading, RecordMissing, RowTooLarge, complete
from audit.log import AccessLog
from audit.record import Record, State
from tests.audit.records import count_records, make_record
from tests.audit.test_validation_at_commit import moved, revocation, wait_for_blocked

_READING = Reading("select text, keys, shown from shelf where key = $1 and shelf = $2", ["A"], "")
_HOLE = "#hole#"
_BEFORE, _AFTER = '{"data":{"名":', '},"extensions":{"receipt":1}}'


@pytest.fixture(autouse=True)
async def _shelf(connection: asyncpg.Connection) -> None:
    """Rows as a plan's statement gives them."""
    await connection.execute("create table shelf (key text, shelf text, text text, keys text, shown int)")
    await connection.execute(
        "insert into shelf values ('K', 'A', $1, '[[\"K\"],[]]', 1), ('K', 'B', '{}', '[]', 0)", f'{{"id":"{_HOLE}"}}'
    )


@pytest.fixture
async def record(log: AccessLog, state: State) -> Record:
    """A record whose plan is stored."""
    await log.append(make_record(state), must_match=True)
    return make_record(state)


async def _complete(connection: asyncpg.Connection, record: Record, reading: Reading = _READING) -> Completed | None:
    return await complete(connection, reading, Incomplete(record, "K", _BEFORE, _AFTER, "id"))


async def _row(connection: asyncpg.Connection, record: Record) -> asyncpg.Record | None:
    return await connection.fetchrow("select * from log.record where id = $1", record.id)


@pytest.mark.every_postgresql
async def test_the_record_is_the_answers(connection: asyncpg.Connection, record: Record) -> None:
    found = await _complete(connection, record)

    row, complete_one = await _row(connection, record), await connection.fetchrow("select * from log.record")
    assert found == Completed(record.state, f'{{"id":"{_HOLE}"}}', '[["K"],[]]', 1)
    assert row is not None
    assert complete_one is not None
    body = f"{_BEFORE}{found.text}{_AFTER}".encode()
    assert (row["keys"], row["shown"], row["response_digest"]) == (found.keys, 1, sha256(body).digest())
    same = set(row.keys()) - {"id", "at", "keys", "shown", "response_digest", "elapsed_us"}
    assert [row[name] for name in sorted(same)] == [complete_one[name] for name in sorted(same)]


@pytest.mark.every_postgresql
async def test_a_hole_is_filled_before_the_digest_is_taken(connection: asyncpg.Connection, record: Record) -> None:
    found = await _complete(connection, record, Reading(_READING.sql, _READING.constants, _HOLE))

    row = await _row(connection, record)
    assert found is not None
    assert row is not None
    assert found.text == '{"id":"id"}'
    assert row["response_digest"] == sha256(f"{_BEFORE}{found.text}{_AFTER}".encode()).digest()


async def test_without_a_row_there_is_no_record(connection: asyncpg.Connection, record: Record) -> None:
    assert await _complete(connection, record, Reading(_READING.sql, ["C"], "")) is None
    assert await _row(connection, record) is None


async def test_the_time_that_reading_takes_is_in_the_record(connection: asyncpg.Connection, record: Record) -> None:
    slow = "select text, keys, shown from shelf, pg_sleep(0.05) where key = $1 and shelf = $2"

    await _complete(connection, record, Reading(slow, ["A"], ""))

    row = await _row(connection, record)
    assert row is not None
    assert 50_000 <= row["elapsed_us"] - record.elapsed_us < 5_000_000
    assert 0.05 <= (row["at"] - record.at).total_seconds() < 5


async def test_it_is_durable_whatever_the_connection_is_set_to(connection: asyncpg.Connection, record: Record) -> None:
    await connection.execute("set synchronous_commit = off")
    flushed = "select pg_current_wal_flush_lsn() - '0/0'"
    before = await connection.fetchval(flushed)

    await _complete(connection, record)

    assert await connection.fetchval(flushed) > before
    assert await connection.fetchval("show synchronous_commit") == "off"


@pytest.mark.every_postgresql
async def test_a_revocation_that_commits_first_keeps_the_record_out(
    connection: asyncpg.Connection, other: asyncpg.Connection, database_url: str, record: Record
) -> None:
    third = await asyncpg.connect(database_url)
    async with revocation(other):
        await other.execute("update shelf set text = 'new'")
        completing = asyncio.create_task(_complete(third, record))
        await wait_for_blocked(connection, 1)
        assert not completing.done()

    found = await completing
    await third.close()
    assert found is not None
    assert (found.state, await _row(connection, record)) == (moved(record.state), None)


async def test_a_batch_that_altered_what_is_read_is_not_waited_for_with_the_state_held(
    connection: asyncpg.Connection, other: asyncpg.Connection, database_url: str, record: Record
) -> None:
    third = await asyncpg.connect(database_url)
    async with other.transaction():
        await other.execute("select platform.begin_batch()")
        await other.execute("alter table shelf add column more int")
        completing = asyncio.create_task(_complete(third, record))
        await wait_for_blocked(connection, 1)
        async with asyncio.timeout(5):  # nobody waits for a deadlock to be found
            await other.execute("set local deadlock_timeout = '1min'; select platform.end_batch('collection')")

    found = await completing
    await third.close()
    assert found is not None
    assert found.state != record.state
    assert await _row(connection, record) is None


async def test_a_large_row_is_left_alone(connection: asyncpg.Connection, record: Record) -> None:
    """It would be sent, and so waited for by a slow reader, while the state is held."""
    await connection.execute("insert into shelf select 'K', 'L', repeat('五', 30000), '[]', 1")

    with pytest.raises(RowTooLarge):
        await _complete(connection, record, Reading(_READING.sql, ["L"], ""))

    assert await _row(connection, record) is None


async def test_nobody_waits_for_the_state_while_the_row_is_read(
    connection: asyncpg.Connection, other: asyncpg.Connection, record: Record
) -> None:
    slow = Reading("select text, keys, shown from shelf, pg_sleep(1) where key = $1 and shelf = $2", ["A"], "")
    completing = asyncio.create_task(_complete(connection, record, slow))
    await asyncio.sleep(0.2)

    async with asyncio.timeout(0.5), revocation(other):
        pass

    found = await completing
    assert found is not None
    assert found.state == moved(record.state)


@pytest.mark.parametrize("sizes", [(1, 1), (1, 100_000), (100_000, 1)])
async def test_two_rows_of_one_key_are_an_error(
    connection: asyncpg.Connection, record: Record, sizes: tuple[int, int]
) -> None:
    await connection.execute("delete from shelf")
    await connection.execute(
        "insert into shelf select 'K', 'A', repeat('x', size), '[]', 0 from unnest($1::int[]) as size", sizes
    )

    with pytest.raises((asyncpg.UniqueViolationError, RecordMissing)):
        await _complete(connection, record, Reading("select text, keys, shown from shelf where key = $1", [], ""))


async def test_a_row_too_large_is_not_sent(connection: asyncpg.Connection, record: Record) -> None:
    await connection.execute("update shelf set text = repeat('x', 100000)")
    asked: list[asyncpg.connection.LoggedQuery] = []

    with connection.query_logger(asked.append):
        with pytest.raises(RowTooLarge):
            await _complete(connection, record)
        await asyncio.sleep(0)  # they are told of in the next round of the loop

    (statement,) = (each for each in asked if "log.append(" in each.query)
    row = await connection.fetchrow(statement.query, *statement.args)
    assert row is not None
    assert (row["text"], row["told"], row["shown"]) == (None, None, 1)


async def test_a_record_that_is_dropped_is_told(connection: asyncpg.Connection, record: Record) -> None:
    await connection.execute("create function nothing() returns trigger language plpgsql as 'begin return null; end'")
    await connection.execute(
        "create trigger nothing before insert on log.record for each row execute function nothing()"
    )

    with pytest.raises(RecordMissing):
        await _complete(connection, record)

    assert await count_records(connection) == 1
