"""A subscriber is told of every batch that changed what it watches: governed and recorded event by event."""

import hashlib
import json

import asyncpg
import pytest

from policies.decision import Right
from policies.principal import Principal
from policies.store import grant, revoke
from tests.api.service.subscribers import Subscribing, batch, changed_of, set_enterprises
from tests.api.service.workers import Step, Worker

_MARKET = Principal("market-regulation", (), "li", "desk")
_EDUCATION = Principal("education", ())
_TOWN = Principal("town-330784105", ())
_ENTERPRISES = """
subscription ($since: BigInt) { changed(since: $since, where: {enterprises: {status: {eq: "active"}}}) {
    since epoch isComplete inserted updated removed nodes { id ... on Enterprise { creditCode name phone } } } }"""
_LEGAL_PERSON = "Enterprise.legalPersonId"


async def test_a_batch_is_told_with_what_came_changed_and_left(
    subscribing: Subscribing, other: asyncpg.Connection
) -> None:
    before = await batch(
        other,
        set_enterprises("status = 'active', name = '一'", "credit_code in ('E01', 'E02')"),
        set_enterprises("status = 'revoked'", "credit_code = 'E03'"),
    )
    subscriber = await subscribing.subscribe(_MARKET, _ENTERPRISES)

    epoch = await batch(
        other,
        set_enterprises("name = '二'", "credit_code = 'E01'"),
        set_enterprises("status = 'revoked'", "credit_code = 'E02'"),
        set_enterprises("status = 'active', name = '三'", "credit_code = 'E03'"),
    )
    changed = changed_of((await subscriber.told()).data)

    assert (changed["since"], changed["epoch"], changed["isComplete"]) == (str(before), str(epoch), True)
    assert [(each["creditCode"], each["name"]) for each in changed["nodes"]] == [("E01", "二"), ("E03", "三")]
    assert changed["updated"] == [changed["nodes"][0]["id"]]
    assert changed["inserted"] == [changed["nodes"][1]["id"]]
    assert len(changed["removed"]) == 1


async def test_each_event_is_recorded_before_it_leaves(
    subscribing: Subscribing, worker: Worker, other: asyncpg.Connection
) -> None:
    since = await batch(other, set_enterprises("status = 'active', name = '一'", "credit_code = 'E01'"))
    subscriber = await subscribing.subscribe(_MARKET, _ENTERPRISES, {"since": str(since)})
    epoch = await batch(other, set_enterprises("name = '二'", "credit_code = 'E01'"))
    told = await subscriber.told()

    record = await worker.record(told)
    first = "select * from log.record where id <> $1 order by at desc limit 1"
    begun = await worker.pool.fetchrow(first, told.operation_id)

    assert begun is not None
    assert (begun["actor"], begun["plan"], begun["shown"]) == ("li", record["plan"], 0)
    assert (record["department"], record["actor"], record["application"]) == ("market-regulation", "li", "desk")
    assert (record["data_epoch"], record["outcome"]) == (epoch, "ok")
    assert json.loads(record["variables"]) == {"since": str(since), "$since": since}
    assert record["response_digest"] == hashlib.sha256(told.body).digest()
    resolved = await worker.pool.fetch(
        "select coordinate, key from log.resolved_field where operation_id = $1 and use = 'shown'", told.operation_id
    )
    assert ("Enterprise.name", "E01") in {tuple(row) for row in resolved}
    assert ("Enterprise.id", "E01") in {tuple(row) for row in resolved}


async def test_what_concerns_somebody_else_is_not_told(
    subscribing: Subscribing, worker: Worker, other: asyncpg.Connection
) -> None:
    await batch(
        other,
        set_enterprises("status = 'active', name = '一'", "credit_code = 'E01'"),
        set_enterprises("status = 'revoked', name = '一'", "credit_code = 'E02'"),
    )
    subscriber = await subscribing.subscribe(_MARKET, _ENTERPRISES)
    records = await worker.pool.fetchval("select count(*) from log.record")

    await batch(other, "update pool_public_security.person set name = '别人', __epoch = default")
    await batch(other, set_enterprises("name = '二'", "credit_code = 'E02'"))
    await batch(other, set_enterprises("name = '一'", "credit_code = 'E01'"))
    last = await batch(other, set_enterprises("name = '三'", "credit_code = 'E01'"))
    told = await subscriber.told()

    assert changed_of(told.data)["epoch"] == str(last)
    assert await worker.pool.fetchval("select count(*) from log.record") == records + 1


async def test_a_change_of_what_is_refused_or_masked_cannot_be_told_from_none(
    subscribing: Subscribing, other: asyncpg.Connection
) -> None:
    watched = "subscription { changed(where: {people: {}}) { updated nodes { id ... on Person { name phone } } } }"
    person = "update pool_public_security.person set {}, __epoch = default where citizen_id like '3307221990010%'"
    await batch(other, person.format("name = '王小明', phone = '13812345678', marital_status = '未婚'"))
    subscriber = await subscribing.subscribe(_EDUCATION, watched)

    await batch(other, person.format("phone = '13812995678'"))
    await batch(other, person.format("marital_status = '已婚'"))
    last = await batch(other, person.format("name = '李小明'"))
    told = await subscriber.told()

    assert (await subscribing.worker.record(told))["data_epoch"] == last
    assert {each["name"] for each in changed_of(told.data)["nodes"]} == {"李**"}


async def test_who_is_slow_is_told_of_several_batches_at_once(
    subscribing: Subscribing, other: asyncpg.Connection
) -> None:
    first = await batch(other, set_enterprises("status = 'active', name = '一'", "credit_code in ('E01', 'E02')"))
    subscriber = await subscribing.subscribe(_MARKET, _ENTERPRISES)
    subscriber.is_reading.clear()
    one = await batch(other, set_enterprises("name = '二'", "credit_code = 'E01'"))
    told = [await subscriber.told()]

    await batch(other, set_enterprises("name = '三'", "credit_code = 'E01'"))
    last = await batch(other, set_enterprises("name = '三'", "credit_code = 'E02'"))
    subscriber.is_reading.set()
    told.append(await subscriber.told())

    spans = [(changed_of(each.data)["since"], changed_of(each.data)["epoch"]) for each in told]
    assert spans == [(str(first), str(one)), (str(one), str(last))]
    assert [each["name"] for each in changed_of(told[1].data)["nodes"]] == ["三", "三"]


async def test_who_comes_back_is_told_what_it_missed(subscribing: Subscribing, other: asyncpg.Connection) -> None:
    since = await batch(other, set_enterprises("status = 'active', name = '一'", "credit_code = 'E01'"))
    for name in ("二", "三"):
        last = await batch(other, set_enterprises(f"name = '{name}'", "credit_code = 'E01'"))

    subscriber = await subscribing.subscribe(_MARKET, _ENTERPRISES, {"since": str(since)})
    changed = changed_of((await subscriber.told()).data)

    assert (changed["since"], changed["epoch"]) == (str(since), str(last))
    assert [each["name"] for each in changed["nodes"]] == ["三"]


@pytest.mark.parametrize("step", [None, Step.PREPARE, Step.RUN, Step.RECORD])
async def test_a_right_revoked_before_the_next_event_ends_the_subscription(
    subscribing: Subscribing, worker: Worker, other: asyncpg.Connection, third: asyncpg.Connection, step: Step | None
) -> None:
    watched = "subscription { changed(where: {enterprises: {legalPersonId: {isNull: false}}}) { nodes { id } } }"
    await grant(other, "education", _LEGAL_PERSON, Right.FILTER, "test")
    await batch(other, set_enterprises("name = '一'", "true"))
    subscriber = await subscribing.subscribe(_EDUCATION, watched)

    async def revoking() -> None:  # before whoever made the batch may have heard that it is committed
        await revoke(third, "education", _LEGAL_PERSON, Right.FILTER, "test")

    if step is None:
        await revoking()
    else:
        worker.steps.at(step, revoking)
        await batch(other, set_enterprises("name = '二'", "true"))
    told = await subscriber.told()

    assert (told.code, told.codes, told.data) == ("FIELD_DENIED", ["FIELD_DENIED"], None)
    assert await subscriber.end() is None
    assert (await worker.record(told))["outcome"] == "refused"


async def test_a_field_revoked_is_null_in_the_next_event(subscribing: Subscribing, other: asyncpg.Connection) -> None:
    shown = "isComplete nodes { ... on Enterprise { name legalPersonId } }"
    watched = f"subscription {{ changed(where: {{enterprises: {{}}}}, first: 1) {{ {shown} }} }}"
    await grant(other, "education", _LEGAL_PERSON, Right.READ, "test")
    await batch(other, set_enterprises("name = '一', legal_person_id = 'x'", "true"))
    subscriber = await subscribing.subscribe(_EDUCATION, watched)

    await batch(other, set_enterprises("name = '二'", "true"))
    first = await subscriber.told()
    await revoke(other, "education", _LEGAL_PERSON, Right.READ, "test")
    await batch(other, set_enterprises("name = '三'", "true"))
    second = await subscriber.told()

    assert [changed_of(each.data)["nodes"] for each in (first, second)] == [
        [{"name": "二", "legalPersonId": "x"}],
        [{"name": "三", "legalPersonId": None}],
    ]
    assert (first.codes, second.codes) == ([], ["FIELD_DENIED"])
    assert changed_of(first.data)["isComplete"] is False


async def test_a_town_is_told_of_its_own_rows_and_of_those_that_leave_it(
    subscribing: Subscribing, other: asyncpg.Connection
) -> None:
    watched = (
        "subscription { changed(where: {enterprises: {}}) { removed nodes { ... on Enterprise { creditCode } } } }"
    )
    await batch(
        other,
        set_enterprises("town_code = '330784105'", "credit_code in ('E01', 'E02')"),
        set_enterprises("town_code = '330784001'", "credit_code = 'E03'"),
    )
    subscriber = await subscribing.subscribe(_TOWN, watched)

    await batch(
        other,
        set_enterprises("name = 'x'", "credit_code in ('E01', 'E03')"),
        set_enterprises("town_code = '330784001'", "credit_code = 'E02'"),
    )
    told = await subscriber.told()

    assert [each["creditCode"] for each in changed_of(told.data)["nodes"]] == ["E01"]
    assert len(changed_of(told.data)["removed"]) == 1
    assert told.json["extensions"]["scope"] == {"division": "330784105"}  # type: ignore[index]


async def test_one_record_is_watched_by_its_id(subscribing: Subscribing, other: asyncpg.Connection) -> None:
    shown = await subscribing.worker.ask(_MARKET, '{ enterprise(creditCode: "E01") { id } }')
    assert isinstance(shown.data, dict)
    watched = "subscription ($id: ID!) { changed(node: $id) { updated removed nodes { ... on Enterprise { name } } } }"
    subscriber = await subscribing.subscribe(_MARKET, watched, {"id": shown.data["enterprise"]["id"]})

    await batch(other, set_enterprises("name = 'x'", "credit_code = 'E02'"))
    await batch(other, set_enterprises("name = 'y'", "credit_code = 'E01'"))
    await batch(other, "delete from pool_market_regulation.enterprise where credit_code = 'E01'")
    told = [changed_of((await subscriber.told()).data)]
    if not told[0]["removed"]:
        told.append(changed_of((await subscriber.told()).data))

    assert told[-1]["removed"] == [shown.data["enterprise"]["id"]]
    assert told[0]["nodes"] == ([{"name": "y"}] if len(told) > 1 else [])


async def test_a_table_published_meanwhile_can_be_watched_at_the_first_attempt(
    subscribing: Subscribing, worker: Worker, other: asyncpg.Connection
) -> None:
    document = "subscription { changed(where: {pool: {education: {everything: {}}}}) { epoch } }"
    set_status = """
        update catalog.entry set status = '%s'
         where code = (select entry from catalog.resource where type_name = 'EducationEverything')"""
    await _publish(other, set_status % "withdrawn")
    refused = await subscribing.subscribe(_EDUCATION, document)
    await _publish(other, set_status % "published")

    subscriber = await subscribing.subscribe(_EDUCATION, document)
    epoch = await batch(other, "update pool_education.everything set small = small + 1, __epoch = default")

    assert (await refused.told()).code == "QUERY_INVALID"
    assert changed_of((await subscriber.told()).data) == {"epoch": str(epoch)}


async def _publish(connection: asyncpg.Connection, statement: str) -> None:
    async with connection.transaction():
        await connection.execute("select platform.begin_batch()")
        await connection.execute(statement)
        await connection.execute("select platform.end_batch('catalog', graph_moved => true)")
