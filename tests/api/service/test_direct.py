"""What is kept, one row, and what a task makes of the pool is answered like anything else, however it ends."""

import logging

import asyncpg
import orjson
import pytest

from api.question import Answer, Question, UnderWay
from tests.api.service.askers import EDUCATION, PAGE, PLACE, PLACES, Asker, data_of, move, raising, recorded
from tests.api.service.workers import Step, Worker


@pytest.fixture(autouse=True)
async def _has_a_view(worker: Worker) -> None:
    """Who asks first waits for the worker's view."""
    await worker.ask(EDUCATION, PLACES)


async def test_one_row_is_looked_up_without_a_task_and_recorded(worker: Worker) -> None:
    whole = await worker.ask(EDUCATION, "{ places(first: 1) { nodes { code name level } } }")
    row = orjson.loads(whole.body)["data"]["places"]["nodes"][0]

    answer = await Asker(worker).ask(PLACE, code=row["code"])

    record = await worker.pool.fetchrow("select * from log.record where id = $1", answer.operation_id)
    assert record is not None
    assert data_of(answer) == {"place": {"name": row["name"], "level": row["level"]}}
    assert (orjson.loads(record["keys"])[0], record["shown"], record["outcome"]) == ([row["code"]], 1, "ok")
    assert orjson.loads(record["variables"]) == {"code": row["code"]}


async def test_a_row_that_is_not_there_is_told_and_recorded(worker: Worker) -> None:
    answer = await Asker(worker).ask(PLACE, code="nowhere")

    assert orjson.loads(answer.body)["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert await worker.pool.fetchval("select outcome from log.record where id = $1", answer.operation_id) == "partial"


async def test_a_page_is_made_in_a_task_until_it_is_kept(worker: Worker) -> None:
    answers = [await Asker(worker).ask(PLACES) for _ in range(3)]

    told = await worker.ask(EDUCATION, PLACES)
    for answer in answers:
        assert data_of(answer) == told.data
        assert answer.operation_id in answer.body.decode()
        assert (await recorded(worker, answer))["shown"] == 3
    assert len({told.operation_id, *(each.operation_id for each in answers)}) == 4


async def test_what_is_refused_while_it_is_made_is_told_and_recorded(worker: Worker) -> None:
    answer = await Asker(worker).ask(PAGE, code="a\0b")

    assert answer.code == "BAD_REQUEST"
    assert (await recorded(worker, answer))["outcome"] == "refused"


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
    assert not Asker(worker).begin(document)


@pytest.mark.parametrize("document", [PLACE, PAGE])
@pytest.mark.parametrize("step", [Step.RUN, Step.RECORD])
async def test_who_is_overtaken_by_a_batch_is_answered_anew(
    worker: Worker, other: asyncpg.Connection, step: Step, document: str
) -> None:
    code = await other.fetchval("select code from pool_civil_affairs.division limit 1")
    worker.steps.at(step, lambda: move(other, "update pool_civil_affairs.division set name = 'moved'"))

    answer = await Asker(worker).ask(document, code=code)

    epochs = await worker.pool.fetch("select data_epoch from log.record where id = $1", answer.operation_id)
    assert '"name":"moved"' in answer.body.decode()
    assert [row[0] for row in epochs] == [await other.fetchval("select data_epoch from platform.state")]


@pytest.mark.parametrize("document", [PLACE, PAGE])
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
async def test_what_cannot_be_read_is_told_and_recorded_like_any(
    worker: Worker, error: Exception, code: str, records: int, document: str
) -> None:
    worker.steps.at(Step.RUN, raising(error))

    answer = await Asker(worker).ask(document, code="330784")

    recorded = await worker.pool.fetch("select outcome from log.record where id = $1", answer.operation_id)
    assert (answer.code, data_of(answer), len(recorded)) == (code, None, records)


@pytest.mark.parametrize(("document", "step"), [(PLACE, Step.RECORD), (PAGE, Step.RECORD), (PAGE, Step.RUN)])
async def test_a_failure_that_is_no_answer_is_passed_on(worker: Worker, document: str, step: Step) -> None:
    worker.steps.at(step, raising(ZeroDivisionError()))
    asker = Asker(worker)
    assert asker.begin(document, code="330784")

    await asker.came.wait()

    assert [type(outcome) for outcome in asker.told] == [ZeroDivisionError]


async def test_without_a_record_nothing_is_told_but_that(worker: Worker, other: asyncpg.Connection) -> None:
    await other.execute("alter table log.record add constraint nobody check (department <> 'education') not valid")

    answer = await Asker(worker).ask(PLACE, code="330784")

    assert (answer.code, data_of(answer)) == ("LOG_UNAVAILABLE", None)


async def test_who_cannot_be_told_keeps_nobody_else_from_it(worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Answer | Exception) -> None:
        raise ConnectionError("there is nobody")

    question = Question(PLACE, None, {"code": "330784"}, EDUCATION, None, allows_mutation=False)
    askers = [Asker(worker) for _ in range(3)]
    with caplog.at_level(logging.ERROR, "yishu.graphql"):
        for asker in askers:
            assert isinstance(worker.service.begin(question, fail), UnderWay)
            assert asker.begin(PLACE, code="330784")
        answers = [await asker.answer() for asker in askers]

    assert [answer.code for answer in answers] == [None] * 3
    assert caplog.text.count("could not be told") == 3


@pytest.mark.parametrize("document", [PLACE, PAGE])
async def test_whatever_ends_is_not_under_way_any_more(
    worker: Worker, other: asyncpg.Connection, document: str
) -> None:
    await Asker(worker).ask(document, code="330784")
    await Asker(worker).ask(PAGE, code="\0")
    worker.steps.at(Step.RUN, raising(ConnectionResetError()))
    await Asker(worker).ask(document, code="330784001")
    worker.steps.at(Step.RECORD, lambda: move(other))
    await Asker(worker).ask(document, code="330784002")
    assert not Asker(worker).begin("{ place(code: null) { name } }")
    await worker.log.close()
    await Asker(worker).ask(document, code="330784003")

    assert worker.log.load.under_way == 0


async def test_what_cannot_begin_is_not_under_way(worker: Worker) -> None:
    for _ in range(3):
        await worker.ask(EDUCATION, PLACES)
    await worker.log.close()

    told = await worker.ask(EDUCATION, PLACES)

    assert told.codes == ["LOG_UNAVAILABLE"]
    assert worker.log.load.under_way == 0


async def test_an_unforeseen_failure_that_cannot_be_told_hurts_nobody_else(
    worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Answer | Exception) -> None:
        raise ConnectionError("there is nobody")

    worker.steps.at(Step.RECORD, raising(ZeroDivisionError()))
    question = Question(PLACE, None, {"code": "330784"}, EDUCATION, None, allows_mutation=False)
    asker = Asker(worker)
    with caplog.at_level(logging.ERROR, "yishu.graphql"):
        worker.service.begin(question, fail)
        answer = await asker.ask(PLACE, code="330784")

    assert answer.code is None
    assert caplog.text.count("could not be told") == 1
