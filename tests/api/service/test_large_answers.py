"""Answers made in pieces while policy and data move: exact, recorded in parts, and nothing left of what was not."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from api.errors import RequestError
from api.question import Question
from api.spool import SpoolSpace
from policies.decision import Right
from policies.principal import Principal
from policies.store import grant, revoke
from resolvers.limits import Limits
from tests.api.service.subscribers import batch, set_enterprises, subscribing_to
from tests.api.service.workers import Step, Worker, worker_on

_MARKET, _EDUCATION = Principal("market-regulation", ()), Principal("education", ())
_NUMBERS = """{
  a: enterprises(first: 1) { nodes { employees } }
  b: enterprises(first: 40) { nodes { employees } }
  c: enterprises(first: 1) { nodes { employees } }
}"""
_LEGAL_PERSON = "Enterprise.legalPersonId"
_PERSONS = "{ enterprises(first: 30, where: {legalPersonId: {isNull: false}}) { nodes { legalPersonId } } }"


@pytest.fixture
def space(tmp_path: Path) -> SpoolSpace:
    """Where everything goes to a file at once."""
    return SpoolSpace(tmp_path / "spool", memory_bytes=1)


@pytest.fixture
async def piecemeal(county_url: str, space: SpoolSpace) -> AsyncIterator[Worker]:
    """A worker that makes every answer in pieces, of two rows at most."""
    async with worker_on(county_url, Limits(whole_rows=0, portion_rows=2), space) as opened:
        yield opened


def _collecting(connection: asyncpg.Connection, number: int) -> Callable[[], Awaitable[object]]:
    return lambda: batch(connection, set_enterprises(f"employees = {number}", "true"))


@pytest.mark.parametrize(
    ("step", "times"),
    [(Step.PREPARE, 1), (Step.RUN, 1), (Step.BETWEEN, 1), (Step.BETWEEN, 3), (Step.RECORD, 1), (Step.RECORD, 3)],
)
async def test_batches_meanwhile_leave_one_exact_answer(
    piecemeal: Worker, other: asyncpg.Connection, space: SpoolSpace, step: Step, times: int
) -> None:
    await _collecting(other, 0)()
    piecemeal.steps.at(step, *(_collecting(other, number) for number in range(1, times + 1)))

    told = await piecemeal.ask(_MARKET, _NUMBERS)

    assert told.codes == []
    assert isinstance(told.data, dict)
    assert {node["employees"] for each in told.data.values() for node in each["nodes"]} == {times}
    record = await piecemeal.record(told)
    assert record["response_digest"] == hashlib.sha256(told.body).digest()
    assert record["data_epoch"] == await other.fetchval("select data_epoch from platform.state")
    assert record["shown"] == await other.fetchval("select sum(json_array_length(keys)) from log.key_part")
    assert space.used_bytes == 0


async def test_a_right_revoked_while_a_large_answer_was_made_is_not_used(
    piecemeal: Worker, other: asyncpg.Connection, space: SpoolSpace
) -> None:
    for right in (Right.READ, Right.FILTER):
        await grant(other, "education", _LEGAL_PERSON, right, "test")
    granted = await piecemeal.ask(_EDUCATION, _PERSONS)
    piecemeal.steps.at(Step.RECORD, lambda: revoke(other, "education", _LEGAL_PERSON, Right.READ, "test"))

    told = await piecemeal.ask(_EDUCATION, _PERSONS)

    assert granted.codes == []
    assert set(told.codes) == {"FIELD_DENIED"}
    assert space.used_bytes == 0


async def test_a_log_that_cannot_be_written_lets_nothing_out(
    piecemeal: Worker, other: asyncpg.Connection, space: SpoolSpace
) -> None:
    await other.execute("alter table log.key_part rename to key_part_away")

    told = await piecemeal.ask(_MARKET, _NUMBERS)

    assert (told.code, told.data) == ("LOG_UNAVAILABLE", None)
    assert await other.fetchval("select count(*) from log.record") == 0
    assert space.used_bytes == 0


async def test_a_question_given_up_leaves_nothing(piecemeal: Worker, space: SpoolSpace) -> None:
    is_asked, never = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        is_asked.set()
        await never.wait()

    piecemeal.steps.at(Step.RECORD, wait)
    asking = asyncio.create_task(piecemeal.ask(_MARKET, _NUMBERS))
    await is_asked.wait()
    assert space.used_bytes > 0

    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)

    assert space.used_bytes == 0


async def test_over_a_socket_it_is_one_message_or_too_large(
    piecemeal: Worker, county_url: str, space: SpoolSpace
) -> None:
    question = Question(_NUMBERS, None, {}, _MARKET, None, allows_mutation=True)

    async def identify() -> Principal:
        return _MARKET

    async with subscribing_to(piecemeal, county_url) as subscribing:
        answers = [answer async for answer in subscribing.subscriptions.events(question, identify)]
        assert [answer.spooled for answer in answers] == [None]
        assert answers[0].body.startswith(b'{"data":{"a":')
        space.message_bytes = 100
        with pytest.raises(RequestError, match="larger than 100 bytes"):
            await anext(subscribing.subscriptions.events(question, identify))

    assert space.used_bytes == 0


async def test_whoever_waits_for_a_turn_and_leaves_takes_none(county_url: str, space: SpoolSpace) -> None:
    is_asked, may_go = asyncio.Event(), asyncio.Event()
    told: list[int] = []

    async def wait() -> None:
        is_asked.set()
        await may_go.wait()

    async with worker_on(county_url, Limits(whole_rows=0, portion_rows=2), space, connections=6) as worker:
        worker.steps.at(Step.RUN, wait, may_go.wait)
        running = [asyncio.create_task(worker.ask(_MARKET, _NUMBERS)) for _ in range(2)]
        await is_asked.wait()
        question = Question(_NUMBERS, None, {}, _MARKET, None, allows_mutation=True, go_on=lambda: told.append(1))
        leaving = asyncio.create_task(worker.service.answer(question))
        staying = asyncio.create_task(worker.ask(_MARKET, _NUMBERS))
        await asyncio.sleep(0.2)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        may_go.set()

        assert [(await each).codes for each in (*running, staying)] == [[]] * 3
        assert [(await worker.ask(_MARKET, _NUMBERS)).codes for _ in range(3)] == [[]] * 3
    assert told == []
