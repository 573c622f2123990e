"""Who gives up what is answered without a task, and whoever cannot be told, hurts nobody else."""

import asyncio
from dataclasses import dataclass, field

import asyncpg
import pytest

from api.question import Answer, Question
from tests.api.service.askers import EDUCATION, PAGE, PLACE, PLACES, Asker, data_of, move, raising
from tests.api.service.workers import Step, Worker

_WAITING = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'division'"
_LOCK = "lock table pool_civil_affairs.division in access exclusive mode"


@pytest.fixture(autouse=True)
async def _has_a_view(worker: Worker) -> None:
    """Who asks first waits for the worker's view."""
    await worker.ask(EDUCATION, PLACES)


@dataclass(slots=True)
class _Stop:
    """A step at which a question stops until it is let go on."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> None:
        self.reached.set()
        await self.go_on.wait()


async def _until_waiting(worker: Worker, number: int) -> None:
    """Returns when so many statements wait for the table of divisions."""
    for _ in range(500):
        if await worker.pool.fetchval(_WAITING) == number:
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


@pytest.mark.parametrize("step", [Step.RUN, Step.RECORD, Step.CATCH_UP])
@pytest.mark.parametrize("is_awaited", [True, False])
@pytest.mark.parametrize("document", [PLACE, PAGE])
async def test_what_is_given_up_is_neither_told_nor_recorded(
    worker: Worker, other: asyncpg.Connection, step: Step, document: str, *, is_awaited: bool
) -> None:
    stop, asker, records = _Stop(), Asker(worker), "select count(*) from log.record"
    before = await other.fetchval(records)
    if step is Step.CATCH_UP:
        worker.steps.at(Step.RECORD, lambda: move(other))
    worker.steps.at(step, stop)
    if is_awaited:
        question = Question(document, None, {"code": "330784"}, EDUCATION, None, allows_mutation=False)
        waiting = asyncio.create_task(worker.service.answer(question))
        await asyncio.wait_for(stop.reached.wait(), 5)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    else:
        assert asker.begin(document, code="330784")
        await asyncio.wait_for(stop.reached.wait(), 5)
        assert asker.under_way is not None
        asker.under_way.give_up()
        await asyncio.sleep(0.01)
    assert worker.log.load.under_way == 0

    stop.go_on.set()
    assert (await worker.ask(EDUCATION, PLACES)).codes == []
    assert asker.told == []
    assert await other.fetchval(records) == before + 1


async def test_what_is_given_up_reads_no_more_and_nothing_is_told_of_it(
    worker: Worker, other: asyncpg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    asker = Asker(worker)
    async with other.transaction():
        await other.execute(_LOCK)
        assert asker.begin(PAGE, code="330784")
        await _until_waiting(worker, 1)
        assert asker.under_way is not None
        asker.under_way.give_up()
        await _until_waiting(worker, 0)

    assert asker.told == []
    assert (await Asker(worker).ask(PAGE, code="330784")).code is None
    assert caplog.messages == []


async def test_who_waits_when_the_worker_has_no_more_time_is_told(worker: Worker, other: asyncpg.Connection) -> None:
    askers = [Asker(worker) for _ in range(3)]
    async with other.transaction():
        await other.execute(_LOCK)
        for asker in askers:
            assert asker.begin(PAGE, code="330784")
        await _until_waiting(worker, 3)

        await worker.service.give_up()

        assert [(await asker.answer()).code for asker in askers] == ["LOG_UNAVAILABLE"] * 3
        await _until_waiting(worker, 0)
    assert worker.log.load.under_way == 0
    assert (await Asker(worker).ask(PAGE, code="330784")).code is None


async def test_who_cannot_catch_up_is_told_like_anybody_without_a_record(
    worker: Worker, other: asyncpg.Connection
) -> None:
    worker.steps.at(Step.RECORD, lambda: move(other))
    worker.steps.at(Step.CATCH_UP, raising(asyncpg.LockNotAvailableError("held")))

    answer = await Asker(worker).ask(PLACE, code="330784")

    assert (answer.code, data_of(answer)) == ("LOG_UNAVAILABLE", None)
    assert answer.operation_id in answer.body.decode()
    assert worker.log.load.under_way == 0


async def test_a_look_up_broken_off_is_told_to_all_who_wait_for_it(worker: Worker) -> None:
    def fail(_: Answer | Exception) -> None:
        raise ZeroDivisionError

    stop, askers = _Stop(), [Asker(worker) for _ in range(3)]
    worker.steps.at(Step.RUN, stop)
    question = Question(PLACE, None, {"code": "330784"}, EDUCATION, None, allows_mutation=False)
    for asker in askers:
        worker.service.begin(question, fail)
        assert asker.begin(PLACE, code="330784")
    await asyncio.wait_for(stop.reached.wait(), 5)
    (looking_up,) = (task for task in asyncio.all_tasks() if "Lookups._run" in repr(task))
    looking_up.cancel()

    assert [(await asker.answer()).code for asker in askers] == ["LOG_UNAVAILABLE"] * 3
    assert (await Asker(worker).ask(PLACE, code="330784")).code is None
    assert worker.log.load.under_way == 0
