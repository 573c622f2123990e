"""What is settled before the engine is asked: budgets, on the way to the record."""

import asyncio
import json

import asyncpg
import pytest

from api.admission import Admission
from api.budgets import Budgets
from api.documents import Documents
from api.question import Answer, Question, UnderWay
from policies.principal import PUBLIC, Principal
from tests.api.service.workers import Step, Worker

_EDUCATION = Principal("education", (), "li", "desk")
_ONE = "query Q($code: String!) { place(code: $code) { name } }"
_ASKED = "{ places(first: 9) { nodes { name } } }"


@pytest.fixture
async def admission(worker: Worker, other: asyncpg.Connection) -> Admission:
    await other.execute(
        "insert into platform.budget (department, application, per_minute, level) values ('education', null, 25, 25)"
    )
    return Admission(worker.service, Budgets(worker.pool), Documents(worker.pool))


async def _ask(admission: Admission, document: str = _ASKED, principal: Principal = _EDUCATION) -> Answer:
    return await admission.answer(Question(document, None, {}, principal, None, allows_mutation=True))


async def test_who_has_spent_the_budget_is_refused_and_recorded(worker: Worker, admission: Admission) -> None:
    answered = [await _ask(admission) for _ in range(3)]

    assert [answer.code for answer in answered] == [None, None, "RATE_LIMITED"]
    assert [answer.retry_after_s for answer in answered] == [None, None, 12]
    record = await worker.pool.fetchrow("select * from log.operation where operation_id = $1", answered[2].operation_id)
    assert record is not None
    assert (record["outcome"], record["error_codes"], record["document"]) == ("refused", ["RATE_LIMITED"], _ASKED)
    assert json.loads(answered[2].body)["errors"][0]["extensions"]["hint"].startswith("Try again in 12 seconds")


async def test_a_budget_is_spent_without_a_task_too(worker: Worker, other: asyncpg.Connection) -> None:
    await other.execute("insert into platform.budget (department, per_minute, level) values ('education', 60, 60)")
    admission = Admission(worker.service, Budgets(worker.pool), Documents(worker.pool))
    answers: list[Answer] = []
    without_task = 0

    for number in range(80):
        told: asyncio.Future[Answer | Exception] = asyncio.get_running_loop().create_future()
        question = Question(_ONE, None, {"code": f"{number}"}, _EDUCATION, None, allows_mutation=True)
        rest = admission.begin(question, told.set_result)
        without_task += isinstance(rest, UnderWay)
        answer = await (told if isinstance(rest, UnderWay) else rest)
        assert isinstance(answer, Answer)
        answers.append(answer)

    answered = [answer for answer in answers if answer.code is None]
    assert {answer.code for answer in answers} == {None, "RATE_LIMITED"}
    assert 60 <= len(answered) <= 65  # one more for each second
    assert without_task > 20
    assert all((answer.retry_after_s is None) == (answer.code is None) for answer in answers)
    assert await other.fetchval("select count(*) from log.record where outcome <> 'refused'") == len(answered)


async def test_others_are_not_concerned(admission: Admission) -> None:
    answered = [await _ask(admission, principal=each) for each in (PUBLIC, Principal("taxation", ())) for _ in range(4)]

    assert {answer.code for answer in answered} == {None}


async def test_a_refused_document_spends_one(admission: Admission) -> None:
    answered = [await _ask(admission, "{ nothing }") for _ in range(15)]
    assert {answer.code for answer in answered} == {"QUERY_INVALID"}
    assert (await _ask(admission)).code is None  # which costs ten
    assert (await _ask(admission, "{ nothing }")).code == "RATE_LIMITED"
    assert (await _ask(admission, "{ nothing }", PUBLIC)).code == "QUERY_INVALID"


async def test_a_question_that_is_overtaken_spends_once(
    worker: Worker, admission: Admission, other: asyncpg.Connection
) -> None:
    async def move() -> None:
        async with other.transaction():
            await other.execute("select platform.begin_batch()")
            await other.execute("select platform.end_batch('collection')")

    worker.steps.at(Step.RECORD, move, move)

    assert [(await _ask(admission)).code for _ in range(3)] == [None, None, "RATE_LIMITED"]
