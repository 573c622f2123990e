"""A record whose keys are in parts is whole or not there, and reads like any other."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

import asyncpg
import pytest

from audit.log import AccessLog, LogUnavailable
from audit.parts import parts_as_keys, store_parts
from audit.record import KeyPart, Record, State
from audit.search import Filters, search
from tests.audit.records import count_records, current_state, make_record

_PARTS = (
    KeyPart(0, 1, b'["A","B"]'),
    KeyPart(0, 3, b'["C"]'),
    KeyPart(1, 1, b'[["330784","A-1"],["330784","\xe4\xb9\x99"]]'),
)
_LINES = """
select coordinate, use, key_position, key from log.resolved_field
 where operation_id = $1 order by field_position, key_position"""


async def _each(parts: Sequence[KeyPart] = _PARTS) -> AsyncIterator[KeyPart]:
    for part in parts:
        await asyncio.sleep(0)
        yield part


def _record(state: State) -> Record:
    return make_record(state, keys=parts_as_keys(len(_PARTS)), shown=5)


@pytest.mark.every_postgresql
async def test_a_record_in_parts_reads_as_one_with_all_keys(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    parted = _record(state)
    whole = make_record(state, keys='[["A","B","C"],[["330784","A-1"],["330784","乙"]]]'.encode(), shown=5)
    await log.append(whole, must_match=True)

    returned = await log.append_in_parts(other, parted, _each())

    assert returned == state
    lines = await connection.fetch(_LINES, parted.id)
    assert lines == await connection.fetch(_LINES, whole.id)
    assert [tuple(line)[2:] for line in lines if line["coordinate"] == "Enterprise.name"] == [
        (1, "A"),
        (2, "B"),
        (3, "C"),
    ]
    assert await connection.fetchval("select keys from log.record where id = $1", parted.id) == '{"parts":3}'


async def test_it_is_found_by_a_key_of_any_part(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    parted = _record(state)
    await log.append_in_parts(other, parted, _each())

    for key in ("C", '["330784","乙"]'):
        assert [each.operation_id for each in await search(connection, Filters(key=key), 5)] == [parted.id]
    assert await search(connection, Filters(key="D"), 5) == ()


async def test_under_another_state_nothing_is_written(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    stale = _record(state._replace(policy_version=state.policy_version + 1))

    assert await log.append_in_parts(other, stale, _each()) == await current_state(connection)

    assert await count_records(connection) == 0
    assert await connection.fetchval("select count(*) from log.key_part") == 0
    assert not other.is_in_transaction()


async def test_a_part_that_cannot_be_written_leaves_nothing(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    with pytest.raises(LogUnavailable):
        await log.append_in_parts(other, _record(state), _each((*_PARTS, KeyPart(0, 3, b"[]"))))

    assert await count_records(connection) == 0
    assert await connection.fetchval("select count(*) from log.key_part") == 0
    assert not other.is_in_transaction()


async def test_parts_need_their_record_and_are_never_changed(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await store_parts(connection, uuid4(), _each())

    await log.append_in_parts(other, _record(state), _each())
    for change in ("update log.key_part set first = 9", "delete from log.key_part", "truncate log.key_part"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await connection.execute(change)


async def test_while_parts_are_written_nobody_waits(
    log: AccessLog, connection: asyncpg.Connection, other: asyncpg.Connection, state: State
) -> None:
    async def slow() -> AsyncIterator[KeyPart]:
        yield _PARTS[0]
        await asyncio.wait_for(connection.execute("update platform.state set policy_version = policy_version + 1"), 2)

    returned = await log.append_in_parts(other, _record(state), slow())

    assert returned.policy_version == state.policy_version + 1
    assert json.loads(await connection.fetchval("select coalesce(json_agg(id), '[]') from log.record")) == []
