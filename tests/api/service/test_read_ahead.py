"""Rows that are read before they are asked for: for whom, how many, and whatever changes meanwhile."""

import asyncio
import itertools
import time

import asyncpg
import pytest

from policies.decision import Right
from policies.principal import PUBLIC, Principal
from policies.store import grant, revoke
from resolvers.lookup import Lookup
from resolvers.read_ahead import Pace, ReadAhead
from resolvers.row_store import RowStore
from tests.api.service.askers import move
from tests.api.service.workers import Step, Worker, worker_on

_EDUCATION, _MARKET, _TOWN = (Principal(name, ()) for name in ("education", "market-regulation", "town-330784105"))
_ENTERPRISE = (
    "query E($code: String!) { enterprise(creditCode: $code) { creditCode status legalPersonId town { name } } }"
)
_ADD = """
    insert into pool_market_regulation.enterprise (credit_code, name, status)
    select 'X' || lpad(n::text, 4, '0'), 'added ' || n, 'new' from generate_series(1, 450) as n"""
_AT_ONCE = Pace(1, 10_000)


async def _meet(worker: Worker, principal: Principal = _EDUCATION) -> None:
    """Lets the worker read all rows ahead."""
    worker.service.read_ahead.pace = _AT_ONCE
    for _ in range(2):  # the first may have to wait for the worker's view
        await worker.ask(principal, _ENTERPRISE, {"code": "nowhere"})
    await worker.service.read_ahead.settled()


async def _status(worker: Worker, code: str, principal: Principal = _EDUCATION) -> object:
    told = await worker.ask(principal, _ENTERPRISE, {"code": code})
    assert isinstance(told.data, dict)
    return told.data["enterprise"] and told.data["enterprise"]["status"]


async def _lookup(worker: Worker, principal: Principal = _EDUCATION) -> Lookup:
    view = await worker.service.platform.view()
    prepared = view.preparer(principal).prepare(_ENTERPRISE, None, {"code": "nowhere"}, principal)
    assert prepared.plan.lookup is not None
    return prepared.plan.lookup


@pytest.mark.parametrize("step", [Step.PREPARE, Step.RECORD, Step.ANSWER])
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("update pool_market_regulation.enterprise set status = 'moved'", "moved"),
        ("delete from pool_market_regulation.enterprise where credit_code = 'E05'", None),
    ],
)
async def test_an_answer_is_of_the_state_it_is_recorded_under(
    worker: Worker, other: asyncpg.Connection, step: Step, change: str, expected: str | None
) -> None:
    before = await other.fetchval("select status from pool_market_regulation.enterprise where credit_code = 'E05'")
    await _meet(worker)

    async def meanwhile() -> None:
        await move(other, change)

    worker.steps.at(step, meanwhile)
    first = await _status(worker, "E05")

    assert first == (before if step is Step.ANSWER else expected)
    assert await _status(worker, "E05") == expected
    await _meet(worker)
    assert await _status(worker, "E05") == expected


async def test_a_row_that_is_new_is_found(worker: Worker, other: asyncpg.Connection) -> None:
    await _meet(worker)
    assert await _status(worker, "X0001") is None

    await move(other, _ADD)

    assert await _status(worker, "X0001") == "new"


@pytest.mark.parametrize("step", [Step.PREPARE, Step.RECORD])
async def test_a_right_revoked_leaves_no_value_behind(worker: Worker, other: asyncpg.Connection, step: Step) -> None:
    await grant(other, "education", "Enterprise.legalPersonId", Right.READ, "test")
    await _meet(worker)
    granted = await worker.ask(_EDUCATION, _ENTERPRISE, {"code": "E04"})

    async def take() -> None:
        await revoke(other, "education", "Enterprise.legalPersonId", Right.READ, "test")

    worker.steps.at(step, take)
    told = await worker.ask(_EDUCATION, _ENTERPRISE, {"code": "E05"})

    assert granted.codes == []
    assert b'"legalPersonId":"' in granted.body
    assert told.codes == ["FIELD_DENIED"]
    assert b'"legalPersonId":"' not in told.body


async def test_what_is_read_for_one_is_not_told_to_another(worker: Worker, other: asyncpg.Connection) -> None:
    everybody = (_MARKET, _EDUCATION, _TOWN, PUBLIC)
    codes = [row[0] for row in await other.fetch("select credit_code from pool_market_regulation.enterprise")]
    document = _ENTERPRISE.replace("legalPersonId ", "legalPersonName ")
    before = {
        (principal, code): (await worker.ask(principal, document, {"code": code})).json
        for principal, code in itertools.product(everybody, codes)
    }
    worker.service.read_ahead.pace = _AT_ONCE
    await move(other)
    for principal in (*everybody, *everybody):
        await worker.ask(principal, document, {"code": "nowhere"})
    await worker.service.read_ahead.settled()

    for (principal, code), told in before.items():
        read = worker.steps.at_once
        after = (await worker.ask(principal, document, {"code": code})).json
        assert worker.steps.at_once - read == int(told["data"] == {"enterprise": None})
        assert {**after, "extensions": None} == {**told, "extensions": None}


async def test_records_have_the_keys_of_their_own_plan(worker: Worker, other: asyncpg.Connection) -> None:
    """Two documents that look up the same row, of which one has a node more, that nobody may know of."""
    refused = "people(where: { citizenId: { eq: $code } }) { nodes { name } }"
    documents = [_ENTERPRISE, _ENTERPRISE.replace("{ enterprise", f"{{ {refused} enterprise")]
    documents.append(f"{_ENTERPRISE[:-1]} {refused} }}")
    keys = []
    for _ in range(2):
        told = [await worker.ask(_EDUCATION, each, {"code": "E05"}) for each in documents]
        keys.append([(await worker.record(each))["keys"] for each in told])
        worker.service.read_ahead.pace = _AT_ONCE
        await move(other)
        for document in documents * 2:
            await worker.ask(_EDUCATION, document, {"code": "nowhere"})
        await worker.service.read_ahead.settled()

    assert keys[0] == keys[1]
    assert len(set(keys[0])) > 1


async def test_so_many_are_read_for_each_time_they_are_asked_for(worker: Worker, other: asyncpg.Connection) -> None:
    await move(other, _ADD)
    lookup, store = await _lookup(worker), RowStore()
    ahead = ReadAhead(worker.service.readers, store, Pace(first=10, for_each=20))
    counts = []
    for _ in range(40):
        assert ahead.find(lookup, "nowhere", 1) is None
        await ahead.settled()
        counts.append(store.number)

    rows = await other.fetchval("select count(*) from pool_market_regulation.enterprise")
    assert counts == [0] * 9 + [210] + [410] * 10 + [rows] * 20
    assert ahead.find(lookup, "X0450", 1) is not None


async def test_rows_of_another_state_are_not_found(worker: Worker) -> None:
    lookup, store = await _lookup(worker), RowStore()
    ahead = ReadAhead(worker.service.readers, store, _AT_ONCE)
    ahead.find(lookup, "E05", 1)
    ahead.find(lookup, "E05", 2)  # while those are being read
    await ahead.settled()

    assert ahead.find(lookup, "E05", 2) is not None
    assert ahead.find(lookup, "E05", 3) is None


async def test_no_more_than_three_quarters_of_the_memory_are_taken(worker: Worker, other: asyncpg.Connection) -> None:
    await move(other, _ADD.replace("450", "3000"))
    lookup, store = await _lookup(worker), RowStore(400_000)
    ahead = ReadAhead(worker.service.readers, store, _AT_ONCE)
    for _ in range(5):
        ahead.find(lookup, "nowhere", 1)
        await ahead.settled()

    assert 0 < store.number < 3000
    assert 300_000 < store.size_bytes <= 400_000


async def test_rows_that_are_heavy_are_read_ten_at_a_time_and_then_no_more(
    worker: Worker, other: asyncpg.Connection
) -> None:
    await move(other, f"{_ADD}; update pool_market_regulation.enterprise set status = repeat('heavy', 20000)")
    lookup, store = await _lookup(worker), RowStore()
    ahead = ReadAhead(worker.service.readers, store, _AT_ONCE)
    for _ in range(5):
        ahead.find(lookup, "nowhere", 1)
        await ahead.settled()

    assert store.number == 10


async def test_nothing_is_read_without_memory(worker: Worker) -> None:
    lookup, store = await _lookup(worker), RowStore(0)
    ahead = ReadAhead(worker.service.readers, store, _AT_ONCE)
    assert ahead.find(lookup, "E05", 1) is None
    await ahead.settled()

    assert store.number == 0


async def test_a_portion_is_found_by_an_index_in_its_order(worker: Worker, other: asyncpg.Connection) -> None:
    await move(other, _ADD)
    await other.execute("vacuum analyze pool_market_regulation.enterprise")
    lookup = await _lookup(worker)

    plan = "\n".join(row[0] for row in await other.fetch(f"explain {lookup.portion}", "X", *lookup.constants, 200))

    assert "Index Scan using enterprise_pkey" in plan
    assert "Sort" not in plan


async def test_a_table_that_somebody_holds_is_not_waited_for(worker: Worker, other: asyncpg.Connection) -> None:
    lookup, another = await _lookup(worker), await _lookup(worker, _MARKET)
    store = RowStore()
    ahead = ReadAhead(worker.service.readers, store, _AT_ONCE)
    async with other.transaction():
        await other.execute("lock table pool_market_regulation.enterprise")
        for each in (lookup, another):
            ahead.find(each, "E05", 1)
        began = time.monotonic()
        await ahead.settled()
        took_s = time.monotonic() - began
        ahead.find(lookup, "E05", 2)
        await asyncio.sleep(0.1)
        await ahead.close()

    assert took_s < 2
    assert store.number == 0
    assert await _status(worker, "E05") is not None


async def test_where_connections_are_few_none_reads_ahead(county_url: str) -> None:
    async with worker_on(county_url, connections=5) as worker:
        lookup, store = await _lookup(worker), RowStore()
        ahead = ReadAhead(worker.service.readers, store, _AT_ONCE)
        ahead.find(lookup, "E05", 1)
        await ahead.settled()

        assert store.number == 0


async def test_a_question_of_a_state_before_forgets_nothing(worker: Worker) -> None:
    lookup, store = await _lookup(worker), RowStore()
    ahead = ReadAhead(worker.service.readers, store, _AT_ONCE)
    ahead.find(lookup, "E05", 2)
    await ahead.settled()
    before = store.number

    assert ahead.find(lookup, "E05", 1) is None
    await ahead.settled()
    assert store.number == before > 0
    assert ahead.find(lookup, "E05", 2) is not None


async def test_what_cannot_be_read_ahead_is_read_when_it_is_asked_for(
    worker: Worker, other: asyncpg.Connection
) -> None:
    lookup = await _lookup(worker)
    ahead = ReadAhead(worker.service.readers, RowStore(), _AT_ONCE)
    await other.execute("alter table pool_market_regulation.enterprise rename column status to standing")
    for _ in range(3):
        assert ahead.find(lookup, "E05", 1) is None
        await ahead.settled()
    await other.execute("alter table pool_market_regulation.enterprise rename column standing to status")

    assert ahead.find(lookup, "E05", 1) is None
    assert await _status(worker, "E05") is not None
