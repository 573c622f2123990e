"""Subscriptions are told of exactly what the same query shows otherwise after the batches than before."""

from collections.abc import AsyncIterator

import pytest
from graphql import GraphQLInputObjectType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.cluster import Cluster
from policies.principal import Principal
from resolvers.run import Connection
from tests.resolvers.asking import Engine, engine_on
from tests.resolvers.changing import change, condition, entrances_to_tables, leaves, rows_now, told
from tests.resolvers.comparing import PRINCIPALS
from tests.resolvers.county import create_county
from tests.resolvers.drawn_inputs import Inputs

_EDUCATION = Principal("education", ())
_MARKET = Principal("market-regulation", ())
_PATIENT = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.fixture(scope="module")
async def changing(embedded_postgresql: Cluster) -> AsyncIterator[Engine]:
    """The engine over a county that changes."""
    async with engine_on(await create_county(embedded_postgresql, "county_of_changes")) as opened:
        yield opened


@pytest.fixture
async def batches(changing: Engine) -> AsyncIterator[Connection]:
    """A connection that changes it."""
    async with changing.pool.acquire() as connection:
        yield connection


async def _epoch(connection: Connection) -> int:
    return int(await connection.fetchval("select data_epoch from platform.state"))


@pytest.mark.slow
@settings(max_examples=settings().max_examples, suppress_health_check=[*_PATIENT, HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_subscription_tells_how_the_same_query_changed(
    changing: Engine, batches: Connection, drawn_inputs: Inputs, data: st.DataObject
) -> None:
    principal = data.draw(st.sampled_from(PRINCIPALS))
    setting = (await changing.view()).preparer(principal).setting
    entrance = data.draw(st.sampled_from(entrances_to_tables(setting.graph)))
    kind = setting.schema.type_map[f"{entrance.node.name}Where"]
    assert isinstance(kind, GraphQLInputObjectType)
    where = data.draw(st.composite(condition)(drawn_inputs, kind, entrance.node))
    document = entrance.subscription(where, leaves(entrance.node))

    seeds = data.draw(st.lists(st.integers(-9, 9), min_size=1, max_size=3))

    since = await _epoch(batches)
    before = await rows_now(changing, principal, entrance, where)
    for seed in seeds:
        await change(batches, entrance.node, seed / 10)
    after = await rows_now(changing, principal, entrance, where)
    event = await told(changing, principal, document, since)

    if before is None or after is None:
        assert event is None
        return
    assert event is not None
    shown = [str(each["id"]) for each in event.nodes]
    assert set(event.inserted) == after.keys() - before.keys()
    assert set(event.removed) == before.keys() - after.keys()
    assert set(event.updated) == {each for each in before.keys() & after.keys() if before[each] != after[each]}
    assert set(shown) == {*event.inserted, *event.updated}
    assert event.nodes == [{**after[each], "__typename": entrance.node.name} for each in shown]
    assert event.is_complete
    recorded = [event.nodes, event.inserted, event.updated, event.removed, ["the event itself"]]
    assert sorted(len(each) for each in event.keys if each) == sorted(len(each) for each in recorded if each)


async def _batch(connection: Connection, sql: str) -> int:
    async with connection.transaction():
        await connection.execute("select platform.begin_batch()")
        await connection.execute(sql)
        return int(await connection.fetchval("select platform.end_batch('collection')"))


async def test_json_that_no_text_can_hold_does_not_keep_a_change_from_being_told(
    changing: Engine, batches: Connection
) -> None:
    setting = """insert into pool_education.everything (id, document) values (1, '{0}'), (2, '{0}')
                 on conflict (id) do update set document = excluded.document, __epoch = default"""
    document = "subscription { changed(where: {pool: {education: {everything: {}}}}) { %s } }"
    shown = "isComplete inserted updated removed nodes { id }"
    since = await _batch(batches, setting.format('{"b": "\\u0000", "c": "\\ud800"}'))

    await _batch(batches, setting.format('{"b": 1}'))
    event = await told(changing, _EDUCATION, document % shown, since)

    assert event is not None
    assert len(event.updated) == 2


async def test_a_condition_through_a_link_sees_the_linked_rows_as_they_are_now(
    changing: Engine, batches: Connection
) -> None:
    document = """subscription { changed(where: {enterprises: {town: {name: {eq: "新名"}}}}) {
        isComplete inserted updated removed nodes { id } } }"""
    town = """insert into pool_civil_affairs.division (code, name, level) values ('330784001', '{}', 'town')
              on conflict (code) do update set name = excluded.name, __epoch = default"""
    enterprise = """insert into pool_market_regulation.enterprise (credit_code, name, town_code)
                    values ('E05', '{}', '330784001') on conflict (credit_code)
                    do update set name = excluded.name, town_code = excluded.town_code, __epoch = default"""
    await _batch(batches, town.format("旧名"))
    since = await _batch(batches, enterprise.format("一"))

    renamed = await _batch(batches, town.format("新名"))
    quiet = await told(changing, _MARKET, document, since)
    await _batch(batches, enterprise.format("二"))
    event = await told(changing, _MARKET, document, renamed)

    assert quiet is not None
    assert event is not None
    assert [len(each.nodes) for each in (quiet, event)] == [0, 1]


async def test_the_rows_of_a_large_batch_are_found_by_their_keys(changing: Engine) -> None:
    setting = (await changing.view()).preparer(_MARKET)
    document = "subscription { changed(where: {enterprises: {}}) { nodes { id ... on Enterprise { legalPersonId } } } }"

    plan = setting.prepare_events(document, None, {}, _EDUCATION).plan

    assert not any("legal_person_id" in statement.sql for statement in plan.statements)
    assert "history.to_epoch + 0 >" in plan.statements[0].sql
    assert "history.to_epoch + 0 >" not in plan.statements[1].sql
