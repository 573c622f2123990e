"""Answers that are asked for again: as governed, as recorded and as fresh as the first time."""

import asyncio
import hashlib

import asyncpg
import orjson
import pytest

from policies.decision import Right
from policies.principal import Principal
from policies.store import grant, revoke
from tests.api.service.workers import Step, Worker
from tests.resolvers.asking import Told

_EDUCATION, _STATISTICS = Principal("education", ()), Principal("statistics", ())
_AUDITOR = Principal("audit", ("auditor",))
_ENTERPRISES = (
    "{ enterprises(first: 3, orderBy: [{ creditCode: ASC }]) { totalCount nodes { creditCode legalPersonId } } }"
)
_TOWNS = "{ enterprisesAggregate(groupBy: [townCode], first: 50) { key { townCode } count } }"


async def _three_times(worker: Worker, document: str, principal: Principal = _EDUCATION) -> list[Told]:
    return [await worker.ask(principal, document) for _ in range(3)]


@pytest.mark.parametrize("document", [_ENTERPRISES, _TOWNS, '{ place(code: "330784") { name } }'])
async def test_each_answer_has_a_record_and_a_digest_of_its_own(worker: Worker, document: str) -> None:
    told = await _three_times(worker, document)

    assert len({each.operation_id for each in told}) == 3
    assert all(each.json["data"] == told[0].json["data"] for each in told)
    for each in told:
        record = await worker.record(each)
        assert record["response_digest"] == hashlib.sha256(each.body).digest()
        assert orjson.loads(each.body)["extensions"]["receipt"] == {"operationId": each.operation_id}
        assert (record["keys"], record["shown"]) == (
            (await worker.record(told[0]))["keys"],
            (await worker.record(told[0]))["shown"],
        )


async def test_a_kept_answer_is_not_read_again(worker: Worker) -> None:
    await _three_times(worker, _TOWNS)
    reads = 0

    async def count() -> None:
        nonlocal reads
        reads += 1

    worker.steps.at(Step.RUN, *[count] * 9)
    await worker.ask(_EDUCATION, _TOWNS)
    again, *_ = await asyncio.gather(*(worker.ask(_STATISTICS, _TOWNS) for _ in range(5)))

    assert again.codes == []
    assert reads == 1


async def test_a_right_revoked_ends_what_was_kept_with_it(worker: Worker, other: asyncpg.Connection) -> None:
    await grant(other, "education", "Enterprise.legalPersonId", Right.READ, "test")
    granted = await _three_times(worker, _ENTERPRISES)
    await revoke(other, "education", "Enterprise.legalPersonId", Right.READ, "test")

    told = await worker.ask(_EDUCATION, _ENTERPRISES)

    assert all(each.codes == [] for each in granted)
    assert told.codes == ["FIELD_DENIED"]
    assert b'"legalPersonId":"' not in told.body


@pytest.mark.parametrize("step", [Step.PREPARE, Step.RECORD])
async def test_a_batch_ends_what_was_kept_before_it(worker: Worker, other: asyncpg.Connection, step: Step) -> None:
    before = (await _three_times(worker, '{ place(code: "330784") { name } }'))[-1]

    async def rename() -> None:
        async with other.transaction():
            await other.execute("select platform.begin_batch()")
            await other.execute("update pool_civil_affairs.division set name = '新名' where code = '330784'")
            await other.execute("select platform.end_batch('collection', 'civil-affairs', 'test', 0, 1, 0, 0)")

    worker.steps.at(step, rename)
    after = await worker.ask(_EDUCATION, '{ place(code: "330784") { name } }')

    assert before.data == {"place": {"name": "永康市"}}
    assert after.data == {"place": {"name": "新名"}}


async def test_what_grows_between_batches_is_never_kept(worker: Worker) -> None:
    counts = [(await worker.ask(_AUDITOR, "{ log { operations { totalCount } } }")).json["data"] for _ in range(4)]

    assert len({orjson.dumps(each) for each in counts}) == 4


async def test_who_asks_is_computed_each_time(worker: Worker) -> None:
    for user in ("li", "wang", "li", "wang"):
        told = await worker.ask(Principal("education", (), user), "{ access { me { user } } }")
        assert told.data == {"access": {"me": {"user": user}}}
