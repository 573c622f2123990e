"""Reading and recording at once, or reading ahead: the same answers and records as one after the other, and as safe."""

import asyncio
from collections.abc import Sequence

import asyncpg
import orjson
import pytest

from api.question import Answer
from policies.decision import Right
from policies.store import grant, revoke
from resolvers.read_ahead import Pace
from tests.api.service.askers import EDUCATION, PLACE, Asker, data_of, move, recorded
from tests.api.service.workers import Step, Worker

_CODE = "330784"
_ENTERPRISE = "query E($code: String!) { enterprise(creditCode: $code) { %s } }"
_LEGAL_PERSON = _ENTERPRISE % "name legalPersonId"
_MANY = 9
_COMPARED = "department, plan, variables, keys, shown, outcome, error_codes"
# As they stand in the answer, whatever the database would rather write: quotes, escapes, what looks like either.
_NAMES = (
    'a "quoted" name', "back\\slash", "\b\t\n\f\r", "\x01\x1f\x7f", "\u2028\u2029", "🔧 👩‍👩‍👧", "", "null", "'", "$1",
    "{}", "</script>", "\\u0000", "a" * 10_000,
)  # fmt: skip

_Told = tuple[Answer, asyncpg.Record]


@pytest.fixture(autouse=True)
async def _has_met_place(worker: Worker) -> None:
    """Who asks a document first waits for the worker's view, and stores its plan."""
    await worker.ask(EDUCATION, PLACE, {"code": "nowhere"})


async def _enterprise(connection: asyncpg.Connection, condition: str = "true") -> str:
    query = f"select credit_code from pool_market_regulation.enterprise where {condition} order by 1 limit 1"
    return str(await connection.fetchval(query))


async def _every_way(worker: Worker, document: str, code: str, met: str = "nowhere") -> list[_Told]:
    """The answer when it is alone, when many are under way, and of a row that is there before."""
    await worker.ask(EDUCATION, document, {"code": met})
    told: list[_Told] = []
    for under_way in (0, _MANY):
        worker.log.load.under_way = under_way
        at_once = worker.steps.at_once
        answer = await Asker(worker).ask(document, code=code)
        assert worker.steps.at_once - at_once == int(under_way == 0)
        told.append((answer, await recorded(worker, answer)))
    worker.log.load.under_way = 0
    told.append(await _read_ahead(worker, document, code, met))
    return told


async def _read_ahead(worker: Worker, document: str, code: str, met: str) -> _Told:
    """The answer of a row that was read when another was asked for, and was never asked for under this state."""
    async with worker.pool.acquire() as connection:
        await move(connection)  # no answer is kept any more
    worker.service.read_ahead.pace = Pace(1, 10_000)
    await worker.ask(EDUCATION, document, {"code": met})
    await worker.ask(EDUCATION, document, {"code": met})
    await worker.service.read_ahead.settled()
    worker.steps.has_read = False
    answer = await Asker(worker).ask(document, code=code)
    assert not worker.steps.has_read
    return answer, await recorded(worker, answer)


def _alike(told: Sequence[_Told]) -> asyncpg.Record:
    """The record of all of them, which are the same answer."""
    assert len({_without_id(answer) for answer, _ in told}) == 1
    names = [each.strip() for each in _COMPARED.split(",")]
    assert len({tuple(map(str, map(record.get, names))) for _, record in told}) == 1
    return told[0][1]


def _without_id(answer: Answer) -> bytes:
    return answer.body.replace(answer.operation_id.encode(), b"")


@pytest.mark.parametrize(
    "selected",
    [
        "name",
        "creditCode name kind industryCode registeredCapital establishedOn status townCode employees",
        "__typename other: id name",
        "id",
        "name legalPersonId legalPersonName",
        "name town { name level code }",
        "name town { name parent { __typename name } }",
        "... on LegalEntity { name } ... @include(if: true) { status }",
    ],
)
async def test_answer_and_record_are_those_of_one_after_the_other(
    worker: Worker, other: asyncpg.Connection, selected: str
) -> None:
    code = await _enterprise(other, "town_code is not null")

    told = await _every_way(worker, _ENTERPRISE % selected, code)

    record = _alike(told)
    assert orjson.loads(record["keys"])[0] == [code]


@pytest.mark.parametrize("selected", ["... on Enterprise { name town { code } }", "... on LegalEntity { id name }"])
async def test_what_an_id_leads_to_is_read_so_too(worker: Worker, other: asyncpg.Connection, selected: str) -> None:
    first = await _enterprise(other)
    codes = (first, await _enterprise(other, f"credit_code > '{first}'"))
    found = [data_of(await Asker(worker).ask(_ENTERPRISE % "id", code=code)) for code in codes]
    met, code = (each["enterprise"]["id"] for each in found)  # type: ignore[index]
    document = f"query N($code: ID!) {{ node(id: $code) {{ __typename {selected} }} }}"

    told = await _every_way(worker, document, code, met)

    _alike(told)
    assert data_of(told[0][0])["node"]["name"]  # type: ignore[index]


async def test_a_link_that_leads_nowhere_has_no_key(worker: Worker, other: asyncpg.Connection) -> None:
    code = await _enterprise(other)
    await move(other, f"update pool_market_regulation.enterprise set town_code = null where credit_code = '{code}'")
    await worker.ask(EDUCATION, PLACE, {"code": _CODE})  # catches up

    record = _alike(await _every_way(worker, _ENTERPRISE % "status town { name }", code))

    assert (orjson.loads(record["keys"])[:2], record["shown"]) == ([[code], []], 1)


@pytest.mark.parametrize("name", _NAMES)
async def test_whatever_a_value_holds_stands_in_the_answer_as_json(
    worker: Worker, other: asyncpg.Connection, name: str
) -> None:
    quoted = await other.fetchval("select quote_literal($1::text)", name)
    await move(other, f"update pool_civil_affairs.division set name = {quoted} where code = '{_CODE}'")
    await worker.ask(EDUCATION, PLACE, {"code": _CODE})

    told = await _every_way(worker, PLACE, _CODE)

    record, once = _alike(told), told[0][0]
    assert data_of(once) == {"place": {"name": name, "level": data_of(once)["place"]["level"]}}  # type: ignore[index]
    assert orjson.dumps(orjson.loads(once.body)) == once.body
    assert record["outcome"] == "ok"


@pytest.mark.parametrize("code", ["nowhere", "", "a'b", '"', "\\", "\u2028", "x" * 100_000])
async def test_what_is_not_there_is_told_and_recorded_once(worker: Worker, code: str) -> None:
    answer = await Asker(worker).ask(PLACE, code=code)

    record = await recorded(worker, answer)
    assert orjson.loads(answer.body)["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert (record["outcome"], record["keys"], record["error_codes"]) == ("partial", "[[],[]]", ["NOT_FOUND"])


async def test_a_key_that_no_text_can_be_hurts_nobody_else(worker: Worker) -> None:
    askers = [Asker(worker) for _ in range(2)]
    assert askers[0].begin(PLACE, code=_CODE)
    askers[1].begin(PLACE, code="\0")

    assert data_of(await askers[0].answer()) is not None


async def test_an_answer_is_kept_when_it_was_asked_for_twice(worker: Worker) -> None:
    answers = [await Asker(worker).ask(PLACE, code=_CODE) for _ in range(4)]

    assert worker.steps.at_once == 2
    assert len({_without_id(answer) for answer in answers}) == 1
    records = [await recorded(worker, answer) for answer in answers]
    assert len({(record["keys"], record["shown"]) for record in records}) == 1


@pytest.mark.parametrize("step", [Step.RUN, Step.RECORD])
async def test_who_is_overtaken_by_a_batch_is_answered_anew_and_recorded_once(
    worker: Worker, other: asyncpg.Connection, step: Step
) -> None:
    worker.steps.at(step, lambda: move(other, "update pool_civil_affairs.division set name = 'moved'"))

    answer = await Asker(worker).ask(PLACE, code=_CODE)

    assert data_of(answer) == {"place": {"name": "moved", "level": data_of(answer)["place"]["level"]}}  # type: ignore[index]
    record = await recorded(worker, answer)
    assert record["data_epoch"] == await other.fetchval("select data_epoch from platform.state")


async def test_a_right_revoked_while_the_statement_waits_shows_nothing(
    worker: Worker, other: asyncpg.Connection
) -> None:
    code = await _enterprise(other, "legal_person_id is not null")
    await grant(other, "education", "Enterprise.legalPersonId", Right.READ, "test")
    await worker.ask(EDUCATION, _LEGAL_PERSON, {"code": code})
    await worker.ask(EDUCATION, _LEGAL_PERSON, {"code": code})
    shown = await Asker(worker).ask(_LEGAL_PERSON, code=code)

    revoking = other.transaction()
    await revoking.start()
    await revoke(other, "education", "Enterprise.legalPersonId", Right.READ, "test")
    asker = Asker(worker)
    assert asker.begin(
        _LEGAL_PERSON, code=await _enterprise(other, f"legal_person_id is not null and credit_code > '{code}'")
    )
    await asyncio.sleep(0.2)
    assert asker.told == []
    await revoking.commit()
    answer = await asker.answer()

    assert data_of(shown)["enterprise"]["legalPersonId"] is not None  # type: ignore[index]
    assert data_of(answer)["enterprise"]["legalPersonId"] is None  # type: ignore[index]
    assert (await recorded(worker, answer))["error_codes"] == ["FIELD_DENIED"]


async def test_a_plan_that_is_not_stored_yet_is_stored_with_its_record(worker: Worker) -> None:
    document = PLACE.replace("name", "title: name")
    at_once = worker.steps.at_once

    answers = [await Asker(worker).ask(document, code=_CODE) for _ in range(2)]

    assert worker.steps.at_once - at_once == 1
    assert [data_of(answer) for answer in answers] == [data_of(answers[0])] * 2
    assert len({(await recorded(worker, answer))["plan"] for answer in answers}) == 1
