"""Two workers under many questions at once while rights and data move: every answer is true to its record's state."""

import asyncio
import json

import asyncpg

from policies.decision import Right
from policies.principal import Principal
from policies.store import grant, revoke
from tests.api.service.workers import Worker
from tests.resolvers.asking import Told

_EDUCATION = Principal("education", ())
_COORDINATE = "Enterprise.legalPersonId"
_ALLOWED = f"p, department:education, {_COORDINATE}, read, allow"
_DENIED = f"p, department:education, {_COORDINATE}, read, deny"
_DOCUMENT = """
query Numbers($first: Int!) {
  enterprises(first: $first) { nodes { employees legalPersonId } }
  licences(first: $first) { nodes { status } totalCount }
}"""
_ONE = '{ enterprise(creditCode: "E01") { employees legalPersonId licences(first: 3) { nodes { status } } } }'


async def _collect(connection: asyncpg.Connection, number: int) -> None:
    async with connection.transaction():
        await connection.execute("select platform.begin_batch()")
        await connection.execute(
            "update pool_market_regulation.enterprise set employees = $1, legal_person_id = 'x', __epoch = default",
            number,
        )
        await connection.execute(
            "update pool_market_regulation.licence set status = $1, __epoch = default", str(number)
        )
        await connection.execute("select platform.end_batch('collection', source => $1)", str(number))


async def _change(connection: asyncpg.Connection, *, times: int) -> None:
    for number in range(times):
        await _collect(connection, number)
        change = grant if number % 2 else revoke
        await change(connection, "education", _COORDINATE, Right.READ, "test")
        await asyncio.sleep(0.03)  # else a busy machine answers nothing before the last change


async def _ask_on(worker: Worker, changing: asyncio.Task[None]) -> list[Told]:
    told: list[Told] = []
    while not changing.done():
        told += [await worker.ask(_EDUCATION, _DOCUMENT, {"first": 40}), await worker.ask(_EDUCATION, _ONE)]
    return told


def _values(data: object, name: str) -> set[str]:
    if isinstance(data, list):
        return set().union(*(_values(each, name) for each in data))
    if not isinstance(data, dict):
        return set()
    return {str(data[name])} if name in data else set().union(*(_values(each, name) for each in data.values()))


async def test_every_answer_is_of_one_state_whatever_moves(
    worker: Worker, second: Worker, other: asyncpg.Connection
) -> None:
    await _collect(other, -1)
    changing = asyncio.create_task(_change(other, times=12))

    asked = await asyncio.gather(*(_ask_on(each, changing) for each in (worker, second) for _ in range(3)))

    await changing
    told = [each for answers in asked for each in answers]
    text_by_version = {row["version"]: row["text"] for row in await other.fetch("select * from policy.version")}
    batches = await other.fetch("select epoch, source from platform.batch order by epoch")
    for each in told:
        record = await worker.record(each)
        number = [row["source"] for row in batches if row["epoch"] <= record["data_epoch"] and row["source"]][-1]
        text = text_by_version[record["policy_version"]]
        assert _values(each.data, "employees") == _values(each.data, "status") == {number}
        assert ("FIELD_DENIED" in each.codes) == (_ALLOWED not in text or _DENIED in text)
        assert _values(each.data, "legalPersonId") == ({"None"} if each.codes else {"x"})
        assert json.loads(record["keys"])
    assert len({(await worker.record(each))["data_epoch"] for each in told}) > 2


async def test_the_log_is_read_in_one_snapshot_while_it_grows(worker: Worker, second: Worker) -> None:
    document = "{ log { operations(first: 5000) { totalCount nodes { operationId } } } }"

    async def read() -> list[Told]:
        return [await second.ask(Principal("audit", ("auditor",)), document) for _ in range(40)]

    reading = asyncio.create_task(read())
    while not reading.done():
        await worker.ask(_EDUCATION, "{ __typename }")

    for told in await reading:
        assert isinstance(told.data, dict)
        operations = told.data["log"]["operations"]
        assert operations["totalCount"] == len(operations["nodes"])
