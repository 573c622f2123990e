"""Reading and recording at once where something fails: told, recorded at most once, and nobody else is hurt."""

import asyncio

import asyncpg
import pytest

from tests.api.service.askers import EDUCATION, PLACE, Asker, data_of, move, raising, recorded
from tests.api.service.workers import Step, Worker

_CODE = "330784"
_ENTERPRISE = "query E($code: String!) { enterprise(creditCode: $code) { name } }"


@pytest.fixture(autouse=True)
async def _has_met_place(worker: Worker) -> None:
    """Who asks a document first waits for the worker's view, and stores its plan."""
    await worker.ask(EDUCATION, PLACE, {"code": "nowhere"})


@pytest.mark.parametrize(
    ("error", "code", "records"),
    [
        (asyncpg.QueryCanceledError("too slow"), "TIMEOUT", 1),
        (asyncpg.UndefinedColumnError("no such column"), "INTERNAL", 1),
        (asyncpg.ConnectionDoesNotExistError("gone"), "LOG_UNAVAILABLE", 0),
        (asyncpg.InternalClientError("cannot switch to state 12"), "LOG_UNAVAILABLE", 0),
        (ConnectionResetError("gone"), "LOG_UNAVAILABLE", 0),
        (TimeoutError(), "LOG_UNAVAILABLE", 0),
    ],
)
async def test_what_fails_is_told_as_one_after_the_other(
    worker: Worker, error: Exception, code: str, records: int
) -> None:
    worker.steps.at(Step.RUN, raising(error), raising(error))

    answer = await Asker(worker).ask(PLACE, code=_CODE)

    recorded = await worker.pool.fetch("select outcome from log.record where id = $1", answer.operation_id)
    assert (answer.code, data_of(answer), len(recorded)) == (code, None, records)


async def test_what_fails_at_once_alone_is_answered_one_after_the_other(
    worker: Worker, other: asyncpg.Connection
) -> None:
    await other.execute("alter table log.record add constraint whole check (response_digest <> sha256('')) not valid")
    worker.steps.at(Step.RUN, raising(asyncpg.ForeignKeyViolationError("no such plan")))

    answer = await Asker(worker).ask(PLACE, code=_CODE)

    assert (await recorded(worker, answer))["outcome"] == "ok"


async def test_a_connection_lost_after_the_commit_leaves_the_record_and_no_answer(worker: Worker) -> None:
    worker.steps.at(Step.ANSWER, raising(asyncpg.ConnectionDoesNotExistError("gone")))

    answer = await Asker(worker).ask(PLACE, code=_CODE)

    recorded = await worker.pool.fetch("select outcome from log.record where id = $1", answer.operation_id)
    assert (answer.code, data_of(answer), len(recorded)) == ("LOG_UNAVAILABLE", None, 1)


@pytest.mark.parametrize(
    "obstacle",
    [
        "alter table log.record add constraint nobody check (department <> 'education') not valid",
        """create function nothing() returns trigger language plpgsql as 'begin return null; end';
           create trigger nothing before insert on log.record for each row execute function nothing()""",
    ],
)
async def test_without_a_record_nothing_is_told_but_that(
    worker: Worker, other: asyncpg.Connection, obstacle: str
) -> None:
    await other.execute(obstacle)

    answer = await Asker(worker).ask(PLACE, code=_CODE)

    assert (answer.code, data_of(answer)) == ("LOG_UNAVAILABLE", None)


@pytest.mark.parametrize("error", [RuntimeError("unforeseen"), ZeroDivisionError()])
async def test_what_nobody_foresees_leaves_nobody_waiting(worker: Worker, error: Exception) -> None:
    worker.steps.at(Step.RUN, raising(error))

    answer = await Asker(worker).ask(PLACE, code=_CODE)

    assert (answer.code, data_of(answer), worker.log.load.under_way) == ("LOG_UNAVAILABLE", None, 0)


async def test_a_large_row_is_answered_one_after_the_other(worker: Worker, other: asyncpg.Connection) -> None:
    await move(other, f"update pool_civil_affairs.division set name = repeat('五', 50000) where code = '{_CODE}'")
    await worker.ask(EDUCATION, PLACE, {"code": "nowhere"})

    answer = await Asker(worker).ask(PLACE, code=_CODE)

    assert len(answer.body) > 150_000
    assert (await recorded(worker, answer))["outcome"] == "ok"


async def test_those_who_leave_while_a_table_is_locked_take_no_connection_from_others(
    worker: Worker, other: asyncpg.Connection
) -> None:
    query = "select credit_code from pool_market_regulation.enterprise limit 1"
    enterprise = await other.fetchval(query)
    await worker.ask(EDUCATION, _ENTERPRISE, {"code": "nowhere"})
    async with other.transaction():
        await other.execute("lock table pool_civil_affairs.division in access exclusive mode")
        for number in range(20):
            asker = Asker(worker)
            assert asker.begin(PLACE, code=f"{number}")
            await asyncio.sleep(0.01)
            assert asker.under_way is not None
            asker.under_way.give_up()
        answer = await Asker(worker).ask(_ENTERPRISE, code=enterprise)
        told = await worker.ask(EDUCATION, "{ enterprises(first: 3) { nodes { name } } }")

    assert data_of(answer) is not None
    assert told.codes == []


async def test_who_gave_up_is_told_nothing_and_is_not_under_way(worker: Worker) -> None:
    reached, may_go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        reached.set()
        await may_go_on.wait()

    worker.steps.at(Step.RUN, wait)
    asker = Asker(worker)
    assert asker.begin(PLACE, code=_CODE)
    await reached.wait()
    assert asker.under_way is not None
    asker.under_way.give_up()
    may_go_on.set()
    answer = await Asker(worker).ask(PLACE, code=_CODE)

    assert (asker.told, answer.code, worker.log.load.under_way) == ([], None, 0)


async def test_a_log_that_is_closed_takes_none_of_these_either(worker: Worker) -> None:
    await worker.log.close()
    at_once = worker.steps.at_once

    answer = await Asker(worker).ask(PLACE, code=_CODE)

    assert (answer.code, data_of(answer), worker.steps.at_once) == ("LOG_UNAVAILABLE", None, at_once)
