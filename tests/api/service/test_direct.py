"""What is kept and what is one row is answered without a task, like anything else and however it ends."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import asyncpg
import orjson
import pytest

from api.question import Answer, Question, UnderWay
from policies.principal import Principal
from tests.api.service.workers import Step, Worker

_EDUCATION = Principal("education", ())
_PLACE = "query P($code: String!) { place(code: $code) { name level } }"
_PLACES = "{ places(first: 3) { nodes { name } } }"


@dataclass(slots=True)
class _Asker:
    """One who asks without a task, and what was told."""

    worker: Worker
    told: list[Answer | Exception] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    under_way: UnderWay | None = None

    def begin(self, document: str, **variables: object) -> bool:
        """Whether it was begun without a task."""
        question = Question(document, None, variables, _EDUCATION, None, allows_mutation=False)
        rest = self.worker.service.begin(question, self.tell)
        assert self.told == []
        if isinstance(rest, UnderWay):
            self.under_way = rest
            return True
        rest.close()
        return False

    def tell(self, outcome: Answer | Exception) -> None:
        """Takes what is told."""
        self.told.append(outcome)
        self.came.set()

    async def answer(self) -> Answer:
        """The answer, once it is there."""
        async with asyncio.timeout(10):
            await self.came.wait()
        (outcome,) = self.told
        assert isinstance(outcome, Answer)
        return outcome

    async def ask(self, document: str, **variables: object) -> Answer:
        """The answer to what is begun without a task."""
        assert self.begin(document, **variables)
        return await self.answer()


def _data(answer: Answer) -> object:
    return orjson.loads(answer.body).get("data")


async def _move(connection: asyncpg.Connection, change: str = "select 1") -> None:
    async with connection.transaction():
        await connection.execute("select platform.begin_batch()")
        await connection.execute(change)
        await connection.execute("select platform.end_batch('collection')")


def _raising(error: Exception) -> Callable[[], asyncio.Future[None]]:
    def act() -> asyncio.Future[None]:
        raised = asyncio.get_running_loop().create_future()
        raised.set_exception(error)
        return raised

    return act


@pytest.fixture(autouse=True)
async def _has_a_view(worker: Worker) -> None:
    """Who asks first waits for the worker's view."""
    await worker.ask(_EDUCATION, _PLACES)


async def test_one_row_is_looked_up_without_a_task_and_recorded(worker: Worker) -> None:
    whole = await worker.ask(_EDUCATION, "{ places(first: 1) { nodes { code name level } } }")
    row = orjson.loads(whole.body)["data"]["places"]["nodes"][0]

    answer = await _Asker(worker).ask(_PLACE, code=row["code"])

    record = await worker.pool.fetchrow("select * from log.record where id = $1", answer.operation_id)
    assert record is not None
    assert _data(answer) == {"place": {"name": row["name"], "level": row["level"]}}
    assert (orjson.loads(record["keys"])[0], record["shown"], record["outcome"]) == ([row["code"]], 1, "ok")
    assert orjson.loads(record["variables"]) == {"code": row["code"]}


async def test_a_row_that_is_not_there_is_told_and_recorded(worker: Worker) -> None:
    answer = await _Asker(worker).ask(_PLACE, code="nowhere")

    assert orjson.loads(answer.body)["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert await worker.pool.fetchval("select outcome from log.record where id = $1", answer.operation_id) == "partial"


async def test_a_page_needs_a_task_until_it_is_kept(worker: Worker) -> None:
    assert not _Asker(worker).begin(_PLACES)
    told = [await worker.ask(_EDUCATION, _PLACES) for _ in range(2)]  # the second and the third time

    answer = await _Asker(worker).ask(_PLACES)

    assert _data(answer) == told[0].data == told[1].data
    assert answer.operation_id in answer.body.decode()
    assert len({answer.operation_id, *(each.operation_id for each in told)}) == 3


@pytest.mark.parametrize(
    "document",
    [
        "{ nothing }",
        "{ place(code: null) { name } }",
        "{ __schema { queryType { name } } }",
        "{ access { me { user } } }",
    ],
)
async def test_what_is_refused_or_computed_needs_a_task(worker: Worker, document: str) -> None:
    assert not _Asker(worker).begin(document)


@pytest.mark.parametrize("step", [Step.RUN, Step.RECORD])
async def test_who_is_overtaken_by_a_batch_is_answered_anew(
    worker: Worker, other: asyncpg.Connection, step: Step
) -> None:
    code = await other.fetchval("select code from pool_civil_affairs.division limit 1")
    worker.steps.at(step, lambda: _move(other, "update pool_civil_affairs.division set name = 'moved'"))

    answer = await _Asker(worker).ask(_PLACE, code=code)

    epochs = await worker.pool.fetch("select data_epoch from log.record where id = $1", answer.operation_id)
    assert _data(answer) == {"place": {"name": "moved", "level": orjson.loads(answer.body)["data"]["place"]["level"]}}
    assert [row[0] for row in epochs] == [await other.fetchval("select data_epoch from platform.state")]


@pytest.mark.parametrize(
    ("error", "code", "records"),
    [
        (asyncpg.QueryCanceledError("too slow"), "TIMEOUT", 1),
        (asyncpg.DataError("out of range"), "BAD_REQUEST", 1),
        (asyncpg.UndefinedColumnError("no such column"), "INTERNAL", 1),
        (asyncpg.ConnectionDoesNotExistError("gone"), "LOG_UNAVAILABLE", 0),
        (asyncpg.InternalClientError("cannot switch to state 12"), "LOG_UNAVAILABLE", 0),
        (ConnectionResetError("gone"), "LOG_UNAVAILABLE", 0),
    ],
)
async def test_a_look_up_that_fails_is_told_and_recorded_like_any(
    worker: Worker, error: Exception, code: str, records: int
) -> None:
    worker.steps.at(Step.RUN, _raising(error))

    answer = await _Asker(worker).ask(_PLACE, code="330784")

    recorded = await worker.pool.fetch("select outcome from log.record where id = $1", answer.operation_id)
    assert (answer.code, _data(answer), len(recorded)) == (code, None, records)


async def test_a_failure_that_is_no_answer_is_passed_on(worker: Worker) -> None:
    worker.steps.at(Step.RECORD, _raising(ZeroDivisionError()))
    asker = _Asker(worker)
    assert asker.begin(_PLACE, code="330784")

    await asker.came.wait()

    assert [type(outcome) for outcome in asker.told] == [ZeroDivisionError]


async def test_without_a_record_nothing_is_told_but_that(worker: Worker, other: asyncpg.Connection) -> None:
    await other.execute("alter table log.record add constraint nobody check (department <> 'education') not valid")

    answer = await _Asker(worker).ask(_PLACE, code="330784")

    assert (answer.code, _data(answer)) == ("LOG_UNAVAILABLE", None)


async def test_who_cannot_be_told_keeps_nobody_else_from_it(worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Answer | Exception) -> None:
        raise ConnectionError("there is nobody")

    question = Question(_PLACE, None, {"code": "330784"}, _EDUCATION, None, allows_mutation=False)
    askers = [_Asker(worker) for _ in range(3)]
    with caplog.at_level(logging.ERROR, "yishu.graphql"):
        for asker in askers:
            assert isinstance(worker.service.begin(question, fail), UnderWay)
            assert asker.begin(_PLACE, code="330784")
        answers = [await asker.answer() for asker in askers]

    assert [answer.code for answer in answers] == [None] * 3
    assert caplog.text.count("could not be told") == 3


async def test_whatever_ends_is_not_under_way_any_more(worker: Worker, other: asyncpg.Connection) -> None:
    await _Asker(worker).ask(_PLACE, code="330784")
    worker.steps.at(Step.RUN, _raising(ConnectionResetError()))
    await _Asker(worker).ask(_PLACE, code="330784001")
    worker.steps.at(Step.RECORD, lambda: _move(other))
    await _Asker(worker).ask(_PLACE, code="330784002")
    assert not _Asker(worker).begin("{ place(code: null) { name } }")
    await worker.log.close()
    await _Asker(worker).ask(_PLACE, code="330784003")

    assert worker.log.load.under_way == 0


@dataclass(slots=True)
class _Stop:
    """A step at which a question stops until it is let go on."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> None:
        self.reached.set()
        await self.go_on.wait()


@pytest.mark.parametrize("step", [Step.RUN, Step.RECORD, Step.CATCH_UP])
@pytest.mark.parametrize("is_awaited", [True, False])
async def test_what_is_given_up_is_neither_told_nor_recorded(
    worker: Worker, other: asyncpg.Connection, step: Step, *, is_awaited: bool
) -> None:
    stop, asker, records = _Stop(), _Asker(worker), "select count(*) from log.record"
    before = await other.fetchval(records)
    if step is Step.CATCH_UP:
        worker.steps.at(Step.RECORD, lambda: _move(other))
    worker.steps.at(step, stop)
    if is_awaited:
        question = Question(_PLACE, None, {"code": "330784"}, _EDUCATION, None, allows_mutation=False)
        waiting = asyncio.create_task(worker.service.answer(question))
        await asyncio.wait_for(stop.reached.wait(), 5)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    else:
        assert asker.begin(_PLACE, code="330784")
        await asyncio.wait_for(stop.reached.wait(), 5)
        assert asker.under_way is not None
        asker.under_way.give_up()
        await asyncio.sleep(0.01)
    assert worker.log.load.under_way == 0

    stop.go_on.set()
    assert (await worker.ask(_EDUCATION, _PLACES)).codes == []
    assert asker.told == []
    assert await other.fetchval(records) == before + 1


async def test_who_cannot_catch_up_is_told_like_anybody_without_a_record(
    worker: Worker, other: asyncpg.Connection
) -> None:
    worker.steps.at(Step.RECORD, lambda: _move(other))
    worker.steps.at(Step.CATCH_UP, _raising(asyncpg.LockNotAvailableError("held")))

    answer = await _Asker(worker).ask(_PLACE, code="330784")

    assert (answer.code, _data(answer)) == ("LOG_UNAVAILABLE", None)
    assert answer.operation_id in answer.body.decode()
    assert worker.log.load.under_way == 0


async def test_a_look_up_broken_off_is_told_to_all_who_wait_for_it(worker: Worker) -> None:
    def fail(_: Answer | Exception) -> None:
        raise ZeroDivisionError

    stop, askers = _Stop(), [_Asker(worker) for _ in range(3)]
    worker.steps.at(Step.RUN, stop)
    question = Question(_PLACE, None, {"code": "330784"}, _EDUCATION, None, allows_mutation=False)
    for asker in askers:
        worker.service.begin(question, fail)
        assert asker.begin(_PLACE, code="330784")
    await asyncio.wait_for(stop.reached.wait(), 5)
    (looking_up,) = (task for task in asyncio.all_tasks() if "Lookups._run" in repr(task))
    looking_up.cancel()

    assert [(await asker.answer()).code for asker in askers] == ["LOG_UNAVAILABLE"] * 3
    assert (await _Asker(worker).ask(_PLACE, code="330784")).code is None
    assert worker.log.load.under_way == 0
