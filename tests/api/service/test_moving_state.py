"""Rights revoked, data collected and tables catalogued while a question is under way, on two workers."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from policies.decision import Right
from policies.principal import Principal
from policies.store import grant, revoke
from tests.api.service.workers import Step, Worker
from tests.resolvers.tables import Table, catalogue

_EDUCATION = Principal("education", ())
_LEGAL_PERSON = "Enterprise.legalPersonId"
_ONE = "{ enterprise(creditCode: %s) { creditCode legalPersonId } }"
_MANY = "{ enterprises(first: 30, where: {legalPersonId: {isNull: false}}) { nodes { creditCode legalPersonId } } }"
_BEFORE_THE_RECORD = [Step.PREPARE, Step.RUN, Step.RECORD]


async def _grant(connection: asyncpg.Connection) -> None:
    for right in (Right.READ, Right.FILTER):
        await grant(connection, "education", _LEGAL_PERSON, right, "test")


def _revoking(connection: asyncpg.Connection) -> Callable[[], Awaitable[object]]:
    async def act() -> None:
        for right in (Right.READ, Right.FILTER):
            await revoke(connection, "education", _LEGAL_PERSON, right, "test")

    return act


async def _version(connection: asyncpg.Connection) -> int:
    return int(await connection.fetchval("select policy_version from platform.state"))


async def _code_with_legal_person(connection: asyncpg.Connection) -> str:
    sql = "select credit_code from pool_market_regulation.enterprise where legal_person_id is not null limit 1"
    return str(await connection.fetchval(sql))


@pytest.mark.parametrize("step", _BEFORE_THE_RECORD)
async def test_a_right_revoked_before_the_record_is_not_used(
    worker: Worker, other: asyncpg.Connection, step: Step
) -> None:
    await _grant(other)
    document = _ONE % f'"{await _code_with_legal_person(other)}"'
    granted = await worker.ask(_EDUCATION, document)
    worker.steps.at(step, _revoking(other))

    told = await worker.ask(_EDUCATION, document)

    assert granted.codes == []
    assert told.codes == ["FIELD_DENIED"]
    assert isinstance(told.data, dict)
    assert told.data["enterprise"]["legalPersonId"] is None
    assert (await worker.record(told))["policy_version"] == await _version(other)


@pytest.mark.parametrize("step", _BEFORE_THE_RECORD)
async def test_a_right_to_filter_revoked_before_the_record_refuses_the_branch(
    worker: Worker, other: asyncpg.Connection, step: Step
) -> None:
    await _grant(other)
    granted = await worker.ask(_EDUCATION, _MANY)
    worker.steps.at(step, _revoking(other))

    told = await worker.ask(_EDUCATION, _MANY)

    assert granted.codes == []
    assert set(told.codes) == {"FIELD_DENIED"}
    assert told.data == {"enterprises": None}
    assert (await worker.record(told))["policy_version"] == await _version(other)


async def test_an_answer_recorded_before_the_revocation_says_so_in_its_record(
    worker: Worker, other: asyncpg.Connection
) -> None:
    await _grant(other)
    before = await _version(other)
    worker.steps.at(Step.ANSWER, _revoking(other))

    told = await worker.ask(_EDUCATION, _MANY)
    after = await worker.ask(_EDUCATION, _MANY)

    assert told.codes == []
    assert (await worker.record(told))["policy_version"] == before
    assert set(after.codes) == {"FIELD_DENIED"}


async def test_a_right_revoked_through_one_worker_is_gone_on_the_other(
    worker: Worker, second: Worker, other: asyncpg.Connection
) -> None:
    await _grant(other)
    shown = [await each.ask(_EDUCATION, _MANY) for each in (worker, second)]
    await _revoking(other)()

    told = [await each.ask(_EDUCATION, _MANY) for each in (worker, second)]

    assert [each.codes for each in shown] == [[], []]
    assert [set(each.codes) for each in told] == [{"FIELD_DENIED"}] * 2


def _collecting(connection: asyncpg.Connection, number: int) -> Callable[[], Awaitable[object]]:
    """A batch that writes the same number everywhere."""

    async def act() -> None:
        async with connection.transaction():
            await connection.execute("select platform.begin_batch()")
            for table, column in (
                ("pool_market_regulation.enterprise", "employees"),
                ("pool_development_reform.credit_record", "score"),
            ):
                await connection.execute(f"update {table} set {column} = $1, __epoch = default", number)
            await connection.execute("select platform.end_batch('collection')")

    return act


_NUMBERS = """
query Numbers($first: Int = 40) {
  enterprises(first: $first) { nodes { employees } }
  creditRecords(first: $first) { nodes { score } }
}"""
_DEVELOPMENT = Principal("development-reform", ())


def _numbers(data: object) -> set[object]:
    assert isinstance(data, dict)
    return {value for connection in data.values() for node in connection["nodes"] for value in node.values()}


@pytest.mark.parametrize("step", [*_BEFORE_THE_RECORD, Step.BETWEEN])
async def test_a_batch_is_answered_whole_whenever_it_comes(
    worker: Worker, other: asyncpg.Connection, step: Step
) -> None:
    await _collecting(other, 1)()
    worker.steps.at(step, _collecting(other, 2))

    told = await worker.ask(_DEVELOPMENT, _NUMBERS)

    assert told.codes == []
    assert _numbers(told.data) == {2}
    assert (await worker.record(told))["data_epoch"] == await other.fetchval("select data_epoch from platform.state")


@pytest.mark.parametrize("step", [Step.RUN, Step.BETWEEN, Step.RECORD])
async def test_batches_without_end_do_not_keep_a_question_from_its_answer(
    worker: Worker, other: asyncpg.Connection, step: Step
) -> None:
    worker.steps.at(step, *(_collecting(other, number) for number in range(3)))

    told = await worker.ask(_DEVELOPMENT, _NUMBERS)

    assert told.codes == []
    assert _numbers(told.data) == {2}
    assert (await worker.record(told))["response_digest"] is not None


@pytest.mark.parametrize("takes_s", [0.3, 2.5])
async def test_a_batch_that_alters_what_an_overtaken_question_asks_for_meets_no_deadlock(
    worker: Worker, other: asyncpg.Connection, takes_s: float
) -> None:
    is_open = asyncio.Event()

    async def alter() -> None:
        async with other.transaction():
            await other.execute("select platform.begin_batch()")
            await other.execute("alter table pool_market_regulation.enterprise add column remark text")
            is_open.set()
            await asyncio.sleep(takes_s)
            await other.execute("update pool_market_regulation.enterprise set employees = 7, __epoch = default")
            await other.execute("update pool_development_reform.credit_record set score = 7, __epoch = default")
            await other.execute("select platform.end_batch('collection')")

    altering: list[asyncio.Task[None]] = []

    async def open_batch() -> None:
        await _collecting(other, 3)()
        altering.append(asyncio.create_task(alter()))
        await is_open.wait()

    worker.steps.at(Step.RECORD, _collecting(other, 1), _collecting(other, 2), open_batch)

    told = await worker.ask(_DEVELOPMENT, _NUMBERS)

    await altering[0]
    assert told.codes == []
    assert _numbers(told.data) == {7}


_NEW = Table("arrived", "arrived", "EducationArrived", ("code",), (("code", "code", "text", "closed"),))
_ASKED_NEW = "{ pool { education { arrived { nodes { code } } } } }"


def _arriving(connection: asyncpg.Connection) -> Callable[[], Awaitable[object]]:
    """A batch that catalogues a new table with one row."""

    async def act() -> None:
        async with connection.transaction():
            await connection.execute("select platform.begin_batch()")
            await connection.execute('create table pool_education.arrived (code text collate "C" primary key)')
            await catalogue(connection, _NEW, 99)
            await connection.execute("insert into pool_education.arrived values ('a')")
            await connection.execute("select platform.end_batch('collection', graph_moved => true)")

    return act


@pytest.mark.parametrize("step", [Step.PREPARE, Step.RECORD])
async def test_a_new_table_can_be_asked_for_at_once_on_every_worker(
    worker: Worker, second: Worker, other: asyncpg.Connection, step: Step
) -> None:
    unknown = [await each.ask(_EDUCATION, _ASKED_NEW) for each in (worker, second)]
    worker.steps.at(step, _arriving(other))

    told = [await each.ask(_EDUCATION, _ASKED_NEW) for each in (worker, second)]

    assert [each.code for each in unknown] == ["QUERY_INVALID"] * 2
    assert [each.data for each in told] == [{"pool": {"education": {"arrived": {"nodes": [{"code": "a"}]}}}}] * 2


@pytest.mark.parametrize("step", [Step.PREPARE, Step.RUN, Step.RECORD])
async def test_a_table_withdrawn_meanwhile_is_not_answered_from(
    worker: Worker, other: asyncpg.Connection, step: Step
) -> None:
    async def withdraw() -> None:
        async with other.transaction():
            await other.execute("select platform.begin_batch()")
            await other.execute("delete from catalog.resource where type_name = 'EducationKeyless'")
            await other.execute("drop table pool_education.keyless")
            await other.execute("select platform.end_batch('catalog', graph_moved => true)")

    worker.steps.at(step, withdraw)

    told = await worker.ask(_EDUCATION, "{ pool { education { keyless { nodes { name } } } } }")

    assert told.code == "QUERY_INVALID"
    assert (await worker.record(told))["outcome"] == "refused"


@pytest.mark.parametrize("step", [Step.PREPARE, Step.RUN, Step.RECORD])
async def test_a_column_that_is_widened_meanwhile_is_answered_as_it_is_then(
    worker: Worker, other: asyncpg.Connection, step: Step
) -> None:
    document = "{ pool { education { everything(first: 1) { nodes { small } } } } }"

    async def widen() -> None:
        async with other.transaction():
            await other.execute("select platform.begin_batch()")
            await other.execute("alter table pool_education.everything alter column small type bigint")
            await other.execute("update catalog.item set sql_type = 'bigint' where graph_name = 'small'")
            await other.execute("select platform.end_batch('catalog', graph_moved => true)")

    narrow = await worker.ask(_EDUCATION, document)
    worker.steps.at(step, widen)
    wide = await worker.ask(_EDUCATION, document)

    assert narrow.data == {"pool": {"education": {"everything": {"nodes": [{"small": 1}]}}}}
    assert wide.data == {"pool": {"education": {"everything": {"nodes": [{"small": "1"}]}}}}
