"""What fails inside a question: the log, the database, a statement; and what is told and recorded of it."""

import asyncio

import asyncpg
import pytest

from policies.principal import Principal
from tests.api.service.workers import Step, Worker, worker_on

_EDUCATION = Principal("education", ())
_ASKED = "{ places(first: 1) { nodes { name } } }"
_SIZES = "{ pool { education { keyless { nodes { size } } } } }"


async def _move(connection: asyncpg.Connection) -> None:
    async with connection.transaction():
        await connection.execute("select platform.begin_batch()")
        await connection.execute("select platform.end_batch('collection')")


async def _overflow(connection: asyncpg.Connection) -> None:
    """A relation with a value that PostgreSQL cannot compute."""
    await connection.execute("alter table pool_education.keyless rename to kept")
    await connection.execute(
        "create view pool_education.keyless as select __row, name, (size * 1e9)::integer as size"
        " from pool_education.kept where size > 2"
    )


async def test_without_a_record_there_is_no_answer(worker: Worker) -> None:
    await worker.log.close()

    told = await worker.ask(_EDUCATION, _ASKED)

    assert told.code == "LOG_UNAVAILABLE"
    assert told.codes == ["LOG_UNAVAILABLE"]
    assert "data" not in told.json
    assert "村" not in told.body.decode()
    assert await worker.pool.fetchval("select count(*) from log.record where id = $1", told.operation_id) == 0


async def test_a_refusal_is_not_told_either_without_its_record(worker: Worker) -> None:
    await worker.log.close()

    assert (await worker.ask(_EDUCATION, "{ nothing }")).codes == ["LOG_UNAVAILABLE"]


async def test_a_record_the_database_refuses_is_no_answer(worker: Worker, other: asyncpg.Connection) -> None:
    await other.execute("alter table log.record add constraint nobody check (department <> 'education') not valid")

    told = await worker.ask(_EDUCATION, _ASKED)
    another = await worker.ask(Principal("taxation", ()), _ASKED)

    assert told.codes == ["LOG_UNAVAILABLE"]
    assert another.codes == []


async def test_a_database_that_is_away_is_told_as_such(worker: Worker, other: asyncpg.Connection) -> None:
    await worker.ask(_EDUCATION, _ASKED)
    await other.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )

    told = [await worker.ask(_EDUCATION, _ASKED) for _ in range(4)]

    assert {each.code for each in told} <= {None, "LOG_UNAVAILABLE"}
    assert told[-1].codes == []


@pytest.mark.parametrize("document", [_ASKED, '{ place(code: "330784") { name } }', "{ placesAggregate { count } }"])
async def test_a_connection_that_breaks_while_it_is_used_is_told_at_once(worker: Worker, document: str) -> None:
    async def break_off() -> None:
        raise asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")

    worker.steps.at(Step.RUN, break_off)
    async with asyncio.timeout(5):
        told = await worker.ask(_EDUCATION, document)
        after = await worker.ask(_EDUCATION, document)

    assert (told.codes, after.codes) == (["LOG_UNAVAILABLE"], [])


async def test_a_statement_that_takes_too_long_is_told_and_recorded(county_url: str) -> None:
    async with worker_on(county_url, statement_timeout="1ms") as worker:
        told = await worker.ask(
            _EDUCATION, "{ digitalIndustry { evaluations(first: 1000) { totalCount nodes { score } } } }"
        )

        assert told.code in ("TIMEOUT", None)
        if told.code is not None:
            assert (await worker.record(told))["outcome"] == "error"


async def test_a_value_the_database_cannot_hold_is_the_questions_fault(
    worker: Worker, other: asyncpg.Connection
) -> None:
    await _overflow(other)

    told = await worker.ask(_EDUCATION, _SIZES)

    record = await worker.record(told)
    assert (told.code, record["outcome"], record["error_codes"]) == ("BAD_REQUEST", "refused", ["BAD_REQUEST"])


async def test_what_the_database_refuses_is_recorded_while_the_state_is_held_too(
    worker: Worker, other: asyncpg.Connection
) -> None:
    await _overflow(other)
    worker.steps.at(Step.RECORD, *[lambda: _move(other)] * 3)

    told = await worker.ask(_EDUCATION, _SIZES)

    assert told.code == "BAD_REQUEST", told.json
    assert (await worker.record(told))["outcome"] == "refused"


@pytest.mark.parametrize(
    "document",
    [
        '{ project(code: "P01") { name } }',
        "{ projects(first: 1) { nodes { name } } }",
        "{ projectsAggregate { count } }",
    ],
)
async def test_a_relation_that_is_gone_is_an_error_of_the_inside(
    worker: Worker, other: asyncpg.Connection, document: str
) -> None:
    await other.execute("drop table pool_development_reform.project")

    told = await worker.ask(_EDUCATION, document)

    record = await worker.record(told)
    assert (told.code, record["outcome"], record["error_codes"]) == ("INTERNAL", "error", ["INTERNAL"])
    assert "pool_development" not in told.body.decode()
    assert "does not exist" not in told.body.decode()


async def test_a_cancelled_question_harms_no_other(worker: Worker) -> None:
    async def wait() -> None:
        await asyncio.sleep(10)

    worker.steps.at(Step.RUN, wait)
    asked = asyncio.create_task(worker.ask(_EDUCATION, _ASKED))
    await asyncio.sleep(0.2)

    asked.cancel()
    told = await worker.ask(_EDUCATION, _ASKED)

    with pytest.raises(asyncio.CancelledError):
        await asked
    assert told.codes == []
