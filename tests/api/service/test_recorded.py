"""What leaves is in the log to the byte and to the key: kept, coalesced, overtaken and pushed answers too."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import asyncpg
import pytest

from policies.decision import Right
from policies.principal import Principal
from policies.store import grant, revoke
from tests.api.service.subscribers import Subscribing, batch, set_enterprises
from tests.api.service.workers import Step, Worker
from tests.resolvers.asking import Told
from tests.resolvers.recorded import Case, assert_recorded, with_ids

_EDUCATION, _STATISTICS = Principal("education", (), "li", "desk"), Principal("statistics", (), "wang")
_LEGAL_PERSON = "Enterprise.legalPersonId"
_TOWNS = "{ enterprisesAggregate(groupBy: [townCode], first: 50) { key { townCode } count } }"
_PERSONS = "{ enterprisesAggregate(groupBy: [legalPersonId], first: 50) { key { legalPersonId } count } }"
_LISTED = "{ enterprises(first: 9, orderBy: [{ creditCode: ASC }]) { totalCount nodes { creditCode legalPersonId } } }"
_VARYING = """query ($size: Int!, $status: String) {
  enterprises(first: $size, where: { status: { eq: $status } }) { nodes { name status town { name } } } }"""
_CHANGES = """subscription {
  changed(where: { enterprises: { status: { ne: "x" } } }) { epoch inserted updated removed
    nodes { ... on Enterprise { name status legalPersonId town { name } licences { nodes { number } } } } } }"""
_WATCHED = "credit_code in (select credit_code from pool_market_regulation.enterprise order by 1 limit 4)"


async def _case(worker: Worker, document: str, principal: Principal = _EDUCATION) -> Case:
    setting = (await worker.service.platform.view()).preparer(principal).setting
    return Case(principal, with_ids(setting.schema, setting.graph, document))


async def _assert_recorded(worker: Worker, case: Case, told: Told) -> None:
    setting = (await worker.service.platform.view()).preparer(case.principal).setting
    await assert_recorded(worker.pool, setting, case, told)


@pytest.mark.parametrize(
    "variables",
    [{"size": 3, "status": "存续"}, {"status": "存续", "size": 3}, {"size": 3, "status": "存续", "other": [1]}],
)
async def test_a_kept_answer_is_recorded_with_the_variables_of_its_question(
    worker: Worker, variables: Mapping[str, object]
) -> None:
    case = await _case(worker, _VARYING)
    for _ in range(3):
        await worker.ask(case.principal, case.document, {"size": 3, "status": "存续"})

    told = await worker.ask(case.principal, case.document, variables)

    await _assert_recorded(worker, replace(case, variables={"size": 3, "status": "存续"}), told)


@pytest.mark.parametrize("gone", [0, 1, 4])
async def test_of_equal_aggregates_asked_at_a_time_each_is_recorded_but_for_who_goes(worker: Worker, gone: int) -> None:
    case = await _case(worker, _TOWNS)
    is_reading, may_read = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        is_reading.set()
        await may_read.wait()

    worker.steps.at(Step.RUN, hold)
    asking = [asyncio.create_task(worker.ask(case.principal, case.document)) for _ in range(5)]
    await is_reading.wait()
    asking[gone].cancel()
    await asyncio.gather(asking[gone], return_exceptions=True)
    may_read.set()

    told = [await each for number, each in enumerate(asking) if number != gone]

    assert len({each.operation_id for each in told}) == 4
    for each in told:
        await _assert_recorded(worker, case, each)
    assert await worker.pool.fetchval("select count(*) from log.record") == 4


async def test_of_equal_aggregates_that_fail_each_failure_is_recorded(
    worker: Worker, other: asyncpg.Connection
) -> None:
    case = await _case(worker, _TOWNS)
    await worker.ask(_STATISTICS, "{ __typename }")
    await other.execute("alter table pool_market_regulation.enterprise rename column town_code to no_code")

    told = await asyncio.gather(*(worker.ask(case.principal, case.document) for _ in range(3)))

    for each in told:
        record = await worker.record(each)
        assert (each.codes, record["error_codes"]) == (["INTERNAL"], ["INTERNAL"])
        assert (record["outcome"], record["keys"], record["shown"]) == ("error", "[]", 0)


@pytest.mark.parametrize("document", [_PERSONS, _LISTED])
@pytest.mark.parametrize("step", [Step.PREPARE, Step.RUN, Step.RECORD])
async def test_a_right_revoked_at_any_step_is_not_used_by_answers_kept_or_shared(
    worker: Worker, other: asyncpg.Connection, document: str, step: Step
) -> None:
    for right in (Right.READ, Right.FILTER, Right.AGGREGATE):
        await grant(other, "education", _LEGAL_PERSON, right, "test")
    case = await _case(worker, document)
    shown = [await worker.ask(case.principal, case.document) for _ in range(3)]
    if step is Step.RUN:  # nothing is read for a kept answer: a batch ends what was kept
        await batch(other)

    async def revoking() -> None:
        await revoke(other, "education", _LEGAL_PERSON, Right.READ, "test")

    worker.steps.at(step, revoking)
    told = await asyncio.gather(*(worker.ask(case.principal, case.document) for _ in range(6)))

    assert [each.codes for each in shown] == [[]] * 3
    version = await other.fetchval("select policy_version from platform.state")
    for each in told:
        is_after = (await worker.record(each))["policy_version"] == version
        assert set(each.codes) == ({"FIELD_DENIED"} if is_after else set())
        if is_after:
            await _assert_recorded(worker, case, each)
    assert set((await worker.ask(case.principal, case.document)).codes) == {"FIELD_DENIED"}


async def test_each_event_is_recorded_with_every_row_it_tells_of(
    subscribing: Subscribing, worker: Worker, other: asyncpg.Connection
) -> None:
    case = await _case(worker, _CHANGES)
    asked = [await subscribing.subscribe(_EDUCATION, case.document) for _ in range(3)]
    for number, change in enumerate(("status = '停业'", "status = 'x'", "status = '存续', name = name || '甲'")):
        since = await other.fetchval("select data_epoch from platform.state")
        await batch(other, set_enterprises(change, _WATCHED))
        for each in asked:
            told = await each.told()
            await _assert_recorded(worker, replace(case, variables={"$since": since}), told)
            assert (await worker.record(told))["shown"] > 4, number
