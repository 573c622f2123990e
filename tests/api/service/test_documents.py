"""Documents that are named rather than sent: registered, required, and automatic ones, with their records."""

import asyncio
import hashlib
import json

import asyncpg
import pytest

from api.admission import Admission
from api.budgets import Budgets
from api.documents import Documents
from api.parameters import Reference
from api.question import Answer, Question, UnderWay
from policies.principal import PUBLIC, Principal
from tests.api.service.workers import Worker

_DESK = Principal("education", (), "li", "desk")
_HALL = Principal("education", (), "li", "hall")
_TEXT = "query One($n: Int = 1) { places(first: $n) { nodes { name } } }"
_OTHER = "{ places(first: 2) { nodes { code } } }"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def admission(worker: Worker) -> Admission:
    return Admission(worker.service, Budgets(worker.pool), Documents(worker.pool, max_age_s=0))


async def _register(connection: asyncpg.Connection, text: str, name: str = "", application: str = "") -> None:
    await connection.execute(
        "insert into platform.document (application, id, text, digest)"
        " values ($1, $2, $3, sha256(convert_to($3, 'UTF8')))",
        application, name or _hash(text), text,
    )  # fmt: skip


async def _hold(connection: asyncpg.Connection, application: str) -> None:
    await connection.execute("insert into platform.held_application (application) values ($1)", application)


async def _ask(
    admission: Admission, text: str = "", name: str = "", principal: Principal = _DESK, *, automatic: bool = False
) -> Answer:
    reference = Reference(name, automatic) if name else None
    question = Question(text, None, {}, principal, None, allows_mutation=True, reference=reference)
    return await admission.answer(question)


def _message(answer: Answer) -> str:
    return str(json.loads(answer.body)["errors"][0]["message"])


async def _document(worker: Worker, answer: Answer) -> str:
    sql = "select document from log.operation where operation_id = $1"
    return str(await worker.pool.fetchval(sql, answer.operation_id))


async def test_a_registered_document_is_asked_by_its_id_and_recorded_with_its_text(
    worker: Worker, admission: Admission, other: asyncpg.Connection
) -> None:
    await _register(other, _TEXT, "one")

    answers = [await _ask(admission, name=name) for name in ("one", f"sha256:{_hash(_TEXT)}", _hash(_TEXT))]
    answers.append(await _ask(admission, name=_hash(_TEXT), automatic=True))

    plain = await _ask(admission, _TEXT)
    assert {answer.code for answer in answers} == {None}
    assert {str(json.loads(answer.body)["data"]) for answer in answers} == {str(json.loads(plain.body)["data"])}
    assert {await _document(worker, answer) for answer in answers} == {_TEXT}


async def test_a_registered_document_that_was_met_needs_no_task(worker: Worker, other: asyncpg.Connection) -> None:
    await _register(other, _TEXT, "one")
    admission = Admission(worker.service, Budgets(worker.pool), Documents(worker.pool))
    for _ in range(2):
        await _ask(admission, name="one")
    told: asyncio.Future[Answer | Exception] = asyncio.get_running_loop().create_future()

    def named(name: str) -> Question:
        reference = Reference(name, is_automatic=False)
        return Question("", None, {}, _DESK, None, allows_mutation=False, reference=reference)

    rest, unknown = (admission.begin(named(name), told.set_result) for name in ("one", "two"))

    assert isinstance(rest, UnderWay)
    assert not isinstance(unknown, UnderWay)
    assert (await unknown).code == "NOT_FOUND"
    answer = await told
    assert isinstance(answer, Answer)
    assert answer.code is None
    assert await _document(worker, answer) == _TEXT


@pytest.mark.parametrize("name", ["two", "sha256:00", f"sha256:{'0' * 64}", "sha256:" + "x" * 64, "x-md5:1", "", "\0"])
async def test_an_id_nobody_registered_is_not_found_and_recorded(
    worker: Worker, admission: Admission, name: str
) -> None:
    answer = await _ask(admission, name=name or " ")

    assert answer.code == "NOT_FOUND"
    assert (await _document(worker, answer)).startswith("# the document ")


async def test_a_document_of_one_application_is_unknown_to_others(
    admission: Admission, other: asyncpg.Connection
) -> None:
    await _register(other, _TEXT, "one", "desk")
    await _register(other, _OTHER, "one")

    own, foreign = await _ask(admission, name="one"), await _ask(admission, name="one", principal=_HALL)

    assert "name" in own.body.decode()
    assert "code" in foreign.body.decode()


async def test_an_application_can_be_held_to_registered_documents(
    worker: Worker, admission: Admission, other: asyncpg.Connection
) -> None:
    await _register(other, _TEXT, "one")
    await _register(other, _OTHER, "two", "hall")
    await _hold(other, "desk")

    registered = [await _ask(admission, name="one"), await _ask(admission, _TEXT)]
    refused = [await _ask(admission, _TEXT + " "), await _ask(admission, _OTHER)]
    refused.append(await _ask(admission, _OTHER, _hash(_OTHER), automatic=True))
    refused.append(await _ask(admission, name=_hash(_OTHER), automatic=True))
    free = [await _ask(admission, _OTHER, principal=each) for each in (_HALL, PUBLIC, Principal("education", ()))]

    assert {answer.code for answer in (*registered, *free)} == {None}
    assert {answer.code for answer in refused} == {"QUERY_INVALID"}
    assert _message(refused[0]) == "The application desk may only ask registered documents."
    assert await _document(worker, refused[0]) == _TEXT + " "


async def test_what_is_removed_or_released_is_met(admission: Admission, other: asyncpg.Connection) -> None:
    await _register(other, _TEXT, "one")
    await _hold(other, "desk")
    before = [(await _ask(admission, name="one")).code, (await _ask(admission, _OTHER)).code]

    await other.execute("delete from platform.document")
    await other.execute("delete from platform.held_application")

    assert before == [None, "QUERY_INVALID"]
    assert [(await _ask(admission, name="one")).code, (await _ask(admission, _OTHER)).code] == ["NOT_FOUND", None]


async def test_a_document_sent_once_with_its_hash_is_asked_by_it_afterwards(
    worker: Worker, admission: Admission
) -> None:
    unknown = await _ask(admission, name=_hash(_TEXT), automatic=True)
    sent = await _ask(admission, _TEXT, _hash(_TEXT), automatic=True)
    known = await _ask(admission, name=_hash(_TEXT), automatic=True)

    assert (unknown.code, _message(unknown)) == ("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
    assert [sent.code, known.code] == [None, None]
    assert json.loads(sent.body)["data"] == json.loads(known.body)["data"]
    assert await _document(worker, known) == _TEXT


@pytest.mark.parametrize("name", [_hash(_OTHER), _hash(_TEXT).upper(), "x"])
async def test_a_text_with_another_hash_is_refused_and_not_kept(admission: Admission, name: str) -> None:
    refused = await _ask(admission, _TEXT, name, automatic=True)

    assert refused.code == "BAD_REQUEST"
    assert (await _ask(admission, name=name, automatic=True)).code == "PERSISTED_QUERY_NOT_FOUND"


async def test_what_cannot_be_asked_is_not_kept(admission: Admission) -> None:
    text = "{ nothing }"

    assert (await _ask(admission, text, _hash(text), automatic=True)).code == "QUERY_INVALID"
    assert (await _ask(admission, name=_hash(text), automatic=True)).code == "PERSISTED_QUERY_NOT_FOUND"


async def test_nobody_learns_what_another_department_has_sent(admission: Admission) -> None:
    await _ask(admission, _TEXT, _hash(_TEXT), automatic=True)

    others = [
        await _ask(admission, name=_hash(_TEXT), principal=each, automatic=True)
        for each in (PUBLIC, Principal("taxation", ()))
    ]

    assert {answer.code for answer in others} == {"PERSISTED_QUERY_NOT_FOUND"}
    assert (await _ask(admission, name=_hash(_TEXT), principal=_HALL, automatic=True)).code is None


async def test_the_public_cannot_push_out_what_departments_have_sent(admission: Admission) -> None:
    await _ask(admission, _TEXT, _hash(_TEXT), automatic=True)
    for number in range(600):
        text = f"{{ a{number}: __typename }}"
        admission.documents.learn(
            Question(
                text, None, {}, PUBLIC, None, allows_mutation=True, reference=Reference(_hash(text), is_automatic=True)
            ),
            None,
        )

    assert (await _ask(admission, name=_hash(_TEXT), automatic=True)).code is None
