"""Subscriptions end when they must, survive what they can, and leave nothing behind."""

import asyncio

import asyncpg
import pytest

from api.errors import Code, RequestError
from policies.principal import PUBLIC, Principal
from tests.api.service.subscribers import Subscribing, batch, changed_of, set_enterprises, until_async
from tests.api.service.workers import Worker

_MARKET = Principal("market-regulation", (), "li", "desk")
_EDUCATION = Principal("education", ())
_TOWN = Principal("town-330784105", ())
_ENTERPRISES = """
subscription ($since: BigInt) { changed(since: $since, where: {enterprises: {status: {eq: "active"}}}) {
    since epoch isComplete inserted updated removed nodes { id ... on Enterprise { creditCode name phone } } } }"""
_LEGAL_PERSON = "Enterprise.legalPersonId"


@pytest.mark.parametrize("since", ["-1", "999999"])
async def test_an_epoch_that_is_none_yet_is_refused(subscribing: Subscribing, since: str) -> None:
    subscriber = await subscribing.subscribe(_MARKET, _ENTERPRISES, {"since": since})

    assert (await subscriber.told()).code == "BAD_REQUEST"
    assert await subscriber.end() is None


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ('subscription { changed(node: "AAAA") { epoch } }', "NOT_FOUND"),
        ("subscription { changed { epoch } }", "BAD_REQUEST"),
        ('subscription { changed(node: "AAAA", where: {people: {}}) { epoch } }', "BAD_REQUEST"),
        ("subscription { changed(where: {people: {}, places: {}}) { epoch } }", "QUERY_INVALID"),
        ("subscription { changed(where: {people: null}) { epoch } }", "QUERY_INVALID"),
        ("subscription { changed(where: {}) { epoch } }", "QUERY_INVALID"),
        ("subscription { changed(where: {enterprises: {}}, first: 5001) { epoch } }", "BAD_REQUEST"),
        ('subscription { changed(where: {enterprises: {legalPersonId: {eq: "x"}}}) { epoch } }', "FIELD_DENIED"),
        ("subscription { changed(where: {pool: {education: {draft: {}}}}) { epoch } }", "QUERY_INVALID"),
        ("subscription { a: changed(node: 1) { epoch } b: changed(node: 2) { epoch } }", "QUERY_INVALID"),
        ("subscription { changed(where: {people: {}}) @skip(if: true) { epoch } }", "QUERY_INVALID"),
        (
            'subscription { changed(where: {enterprises: {establishedOn: {eq: "2021-02-30"}}}) { epoch } }',
            "QUERY_INVALID",
        ),
        ("subscription { __typename }", "QUERY_INVALID"),
        ("mutation { x }", "QUERY_INVALID"),
    ],
)
async def test_what_cannot_be_watched_is_refused_and_recorded(
    subscribing: Subscribing, document: str, code: str
) -> None:
    subscriber = await subscribing.subscribe(_EDUCATION, document)
    told = await subscriber.told()

    assert told.code == code
    assert (await subscribing.worker.record(told))["outcome"] == "refused"
    assert await subscriber.end() is None


async def test_who_may_not_watch_spends_on_asking(subscribing: Subscribing, other: asyncpg.Connection) -> None:
    await other.execute(
        "insert into platform.budget (department, application, per_minute, level) values ('education', null, 2, 2)"
    )
    denied = 'subscription { changed(where: {enterprises: {legalPersonId: {eq: "x"}}}) { epoch } }'
    told = [await (await subscribing.subscribe(_EDUCATION, denied)).told() for _ in range(3)]

    assert [each.code for each in told] == ["FIELD_DENIED", "FIELD_DENIED", "RATE_LIMITED"]


async def test_to_the_public_what_is_not_open_cannot_be_watched(subscribing: Subscribing) -> None:
    subscriber = await subscribing.subscribe(PUBLIC, "subscription { changed(where: {people: {}}) { epoch } }")
    watching = await subscribing.subscribe(PUBLIC, "subscription { changed(where: {places: {}}) { epoch } }")

    assert (await subscriber.told()).code == "QUERY_INVALID"
    assert watching.answers.empty()


async def test_a_subscription_over_plain_http_is_told_where_to_go(worker: Worker) -> None:
    told = await worker.ask(_MARKET, _ENTERPRISES)

    assert told.code == "QUERY_INVALID"
    assert "text/event-stream" in told.body.decode()


async def test_a_query_has_its_one_answer(subscribing: Subscribing) -> None:
    subscriber = await subscribing.subscribe(_MARKET, "{ places(first: 1) { nodes { code } } }")

    assert (await subscriber.told()).codes == []
    assert await subscriber.end() is None


async def test_a_token_that_ends_is_noticed_before_the_next_event(
    subscribing: Subscribing, worker: Worker, other: asyncpg.Connection
) -> None:
    subscriber = await subscribing.subscribe(_MARKET, _ENTERPRISES)
    subscriber.identify_fails = RequestError(Code.UNAUTHENTICATED)
    records = await worker.pool.fetchval("select count(*) from log.record")

    await batch(other, set_enterprises("name = 'x'", "true"))

    assert await subscriber.end() is subscriber.identify_fails
    assert await worker.pool.fetchval("select count(*) from log.record") == records


async def test_no_batch_is_missed_while_nobody_tells_of_them(
    subscribing: Subscribing, other: asyncpg.Connection
) -> None:
    await batch(other, set_enterprises("status = 'active', name = '一'", "credit_code = 'E01'"))
    subscriber = await subscribing.subscribe(_MARKET, _ENTERPRISES)
    ended = await other.fetchval(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where query like 'select data_epoch%'"
        " and application_name = 'yishu' and datname = current_database()"
    )

    await batch(other, set_enterprises("name = '二'", "credit_code = 'E01'"))
    told = await subscriber.told()

    assert ended >= 1
    assert [each["name"] for each in changed_of(told.data)["nodes"]] == ["二"]


async def test_a_stopping_server_ends_subscriptions(subscribing: Subscribing) -> None:
    subscriber = await subscribing.subscribe(_MARKET, _ENTERPRISES)

    subscribing.stopping.set()
    error = await subscriber.end()

    assert isinstance(error, RequestError)
    assert error.code is Code.LOG_UNAVAILABLE


async def test_a_subscription_that_ends_leaves_nothing_behind(
    subscribing: Subscribing, other: asyncpg.Connection
) -> None:
    listening = (
        "select count(*) from pg_stat_activity where application_name = 'yishu' and datname = current_database()"
    )
    for _ in range(3):
        await subscribing.subscribe(_MARKET, _ENTERPRISES)
    during = await other.fetchval(listening)
    await subscribing.stack.aclose()

    async def nobody_listens() -> bool:
        return bool(await other.fetchval(listening) == 0)

    await until_async(nobody_listens)
    assert during == 1
    assert not [task for task in asyncio.all_tasks() if "Epochs" in repr(task)]


async def test_an_event_of_a_department_without_budget_waits_for_it(
    subscribing: Subscribing, worker: Worker, other: asyncpg.Connection
) -> None:
    await other.execute(
        "insert into platform.budget (department, application, per_minute, level)"
        " values ('market-regulation', null, 150, 3)"
    )
    await batch(other, set_enterprises("status = 'active', name = '一'", "credit_code = 'E01'"))
    subscriber = await subscribing.subscribe(_MARKET, _ENTERPRISES)

    await batch(other, set_enterprises("name = '二'", "credit_code = 'E01'"))

    async def is_refused() -> bool:
        refused = "select count(*) from log.record where error_codes = '{RATE_LIMITED}'"
        return bool(await worker.pool.fetchval(refused))

    await until_async(is_refused)
    assert subscriber.answers.empty()
