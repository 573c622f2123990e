"""What an answer tells of its own making, and to whom."""

import hashlib
import json

import asyncpg
from msgspec.structs import replace

from api.explaining import Stopwatch
from api.question import Question
from policies.principal import Principal
from tests.api.service.workers import Worker
from tests.resolvers.asking import Told

_EDUCATION = Principal("education", ())
_PLACES = Question(
    "{ places(first: 4) { totalCount nodes { name } } }", None, {}, _EDUCATION, None, allows_mutation=True
)


async def _explained(worker: Worker, question: Question) -> tuple[Told, Stopwatch]:
    stopwatch = Stopwatch()
    answer = await worker.service.answer(replace(question, stopwatch=stopwatch))
    return Told(answer.code, answer.operation_id, answer.body, json.loads(answer.body)), stopwatch


async def test_cost_and_phases_are_told_to_those_who_ask(worker: Worker) -> None:
    told, stopwatch = await _explained(worker, _PLACES)

    extensions = told.json["extensions"]
    assert isinstance(extensions, dict)
    assert extensions["cost"] == {"estimated": 15, "actual": 15, "limit": 1_000_000}
    assert list(extensions["phases"]) == ["prepare", "wait", "database", "assemble"]
    assert list(stopwatch.elapsed_ms) == [*extensions["phases"], "record"]
    assert all(elapsed >= 0 for elapsed in stopwatch.elapsed_ms.values())


async def test_nobody_else_is_told(worker: Worker) -> None:
    told = await worker.ask(_EDUCATION, _PLACES.document)

    assert isinstance(told.json["extensions"], dict)
    assert set(told.json["extensions"]) == {"receipt"}


async def test_the_record_holds_the_digest_of_the_explained_answer(worker: Worker) -> None:
    told, _ = await _explained(worker, _PLACES)

    record = await worker.record(told)
    assert record["response_digest"] == hashlib.sha256(told.body).digest()


async def test_explaining_changes_nothing_of_the_answer(worker: Worker, other: asyncpg.Connection) -> None:
    question = replace(_PLACES, document="{ enterprises(first: 3) { nodes { name phone legalPersonId } } }")
    plain = await worker.ask(_EDUCATION, question.document)

    told, _ = await _explained(worker, question)

    assert (told.data, told.json["errors"]) == (plain.data, plain.json["errors"])
    begun = plain.body.index(b'"extensions":{"receipt"')
    assert told.body[:begun] == plain.body[:begun]


async def test_a_look_up_and_what_is_computed_are_explained_too(worker: Worker) -> None:
    told, stopwatch = await _explained(
        worker, replace(_PLACES, document='{ place(code: "33") { name } access { me { user } } __typename }')
    )

    assert isinstance(told.json["extensions"], dict)
    assert told.json["extensions"]["cost"]["actual"] == 3
    assert "database" in stopwatch.elapsed_ms


async def test_an_introspection_that_is_kept_is_explained_whole(worker: Worker) -> None:
    question = replace(_PLACES, document="{ __schema { types { name } } }")
    plain = await worker.ask(_EDUCATION, question.document)

    told, _ = await _explained(worker, question)

    assert told.json["data"] == plain.json["data"]
    assert isinstance(told.json["extensions"], dict)
    assert set(told.json["extensions"]) == {"receipt", "cost", "phases"}
    assert (await worker.record(told))["response_digest"] == hashlib.sha256(told.body).digest()


async def test_a_refused_document_is_told_without_cost(worker: Worker) -> None:
    told, stopwatch = await _explained(worker, replace(_PLACES, document="{ nothing }"))

    assert told.code == "QUERY_INVALID"
    assert isinstance(told.json["extensions"], dict)
    assert "cost" not in told.json["extensions"]
    assert list(stopwatch.elapsed_ms) == ["record"]
