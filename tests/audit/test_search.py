"""Searching the log: newest first, all filters together."""

from datetime import timedelta

import asyncpg
import orjson
import pytest

from audit.log import AccessLog
from audit.record import Record, State
from audit.search import Filters, search
from tests.audit.records import make_plan, make_record, plan_field


@pytest.fixture
async def records(log: AccessLog, state: State) -> list[Record]:
    """Six operations of two departments, a minute apart, that show a licence and two enterprises each."""
    first = make_record(state)
    made = [
        make_record(
            state,
            department="education" if number % 2 else "health",
            at=first.at + timedelta(minutes=number),
            keys=f'[["E{number}","E{number + 1}"],[["330784","{number}"]]]'.encode(),
        )
        for number in range(6)
    ]
    for record in made:
        await log.append(record, must_match=True)
    return made


async def found(connection: asyncpg.Connection, records: list[Record], filters: Filters, limit: int = 10) -> list[int]:
    """Which of the records a search finds, by their number, in its order."""
    numbers = {record.id: number for number, record in enumerate(records)}
    return [numbers[operation.operation_id] for operation in await search(connection, filters, limit)]


async def test_a_search_without_filters_gives_the_newest_first(
    connection: asyncpg.Connection, records: list[Record]
) -> None:
    assert await found(connection, records, Filters()) == [5, 4, 3, 2, 1, 0]
    assert await found(connection, records, Filters(), limit=2) == [5, 4]


async def test_each_filter_narrows(connection: asyncpg.Connection, records: list[Record]) -> None:
    assert await found(connection, records, Filters(department="health")) == [4, 2, 0]
    assert await found(connection, records, Filters(since=records[2].at, until=records[4].at)) == [3, 2]
    assert await found(connection, records, Filters(key="E3")) == [3, 2]
    assert await found(connection, records, Filters(key='["330784","3"]')) == [3]
    assert await found(connection, records, Filters(coordinate="Enterprise.phone"), limit=1) == [5]
    assert await found(connection, records, Filters(coordinate="Enterprise.unknown")) == []


async def test_coordinate_and_key_must_meet_in_one_field(connection: asyncpg.Connection, records: list[Record]) -> None:
    assert await found(connection, records, Filters(coordinate="Enterprise.name", key="E3")) == [3, 2]
    assert await found(connection, records, Filters(coordinate="Licence.number", key="E3")) == []
    assert await found(connection, records, Filters(coordinate="Enterprise.name", key="E3", department="health")) == [2]


@pytest.mark.parametrize("hostile", ["'", "%", "\\", '"]]', "E3' or '1'='1", "\u202e", "x" * 100_000])
async def test_hostile_filters_find_nothing(
    connection: asyncpg.Connection, records: list[Record], hostile: str
) -> None:
    for filters in (Filters(department=hostile), Filters(coordinate=hostile), Filters(key=hostile)):
        assert await found(connection, records, filters) == []


async def test_keys_are_found_whatever_they_are_written_with(
    connection: asyncpg.Connection, log: AccessLog, state: State
) -> None:
    keys = ["企业", 'quo"te', "back\\slash", "line\nbreak", "\x01\x7f", '["not","composite"]', "'; --"]
    await log.append(make_record(state, keys=orjson.dumps([keys, []])), must_match=True)

    for key in keys:
        assert len(await search(connection, Filters(key=key), 1)) == 1, key


async def test_a_found_operation_says_who_for_what_and_how_it_ended(
    connection: asyncpg.Connection, log: AccessLog, state: State
) -> None:
    nodes = [{"path": "a", "type": "A", "fields": [plan_field("a.b", "A.b", "denied")]}]
    record = make_record(
        state, plan=make_plan(nodes=nodes), keys=b"[[]]", shown=0, outcome="partial", error_codes=("FIELD_DENIED",)
    )
    await log.append(record, must_match=True)

    (operation,) = await search(connection, Filters(coordinate="A.b"), 1)

    assert (operation.department, operation.actor, operation.case_no) == ("education", "wang", "2026-1")
    assert (operation.outcome, operation.error_codes, operation.shown) == ("partial", ("FIELD_DENIED",), 0)
    assert operation.at == record.at
