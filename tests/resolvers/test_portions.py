"""An answer that is made in pieces is to the byte the one that is made as a whole, and so is its record."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.explaining import Stopwatch
from api.incoming import ClientGone
from api.question import Question
from api.spool import SpoolSpace
from policies.principal import Principal
from resolvers.limits import Limits
from tests.resolvers.alike import check_alike
from tests.resolvers.asking import Engine, body_of, engine_on
from tests.resolvers.comparing import NOT_COMPARED, PRINCIPALS, Comparing
from tests.resolvers.drawn_documents import documents

_PATIENT = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
_MARKET = Principal("market-regulation", ())


@pytest.fixture(scope="session")
def space() -> SpoolSpace:
    """Where everything goes to a file at once."""
    return SpoolSpace(memory_bytes=1)


@pytest.fixture(scope="session")
async def piecemeal(county_url: str, space: SpoolSpace) -> AsyncIterator[Engine]:
    """An engine that makes every answer in pieces, of two rows at most."""
    async with engine_on(county_url, Limits(whole_rows=0, portion_rows=2), space) as opened:
        yield opened


@pytest.mark.slow
@settings(suppress_health_check=_PATIENT)
@given(data=st.data())
async def test_any_document_in_pieces_is_answered_and_recorded_as_in_one(
    compared: Comparing, piecemeal: Engine, space: SpoolSpace, data: st.DataObject
) -> None:
    principal = data.draw(st.sampled_from(PRINCIPALS))
    schema = compared.reference(principal).schema
    document = data.draw(documents(schema, compared.inputs, NOT_COMPARED))

    await check_alike(compared.engine, piecemeal, principal, document.text, document.variables)
    assert space.used_bytes == 0


@pytest.mark.parametrize(
    "document",
    [
        "{ enterprises(first: 0) { totalCount nodes { name } pageInfo { hasNextPage startCursor endCursor } } }",
        "{ people(first: 3) { pageInfo { hasNextPage hasPreviousPage } nodes { name } edges { node { name } } } }",
        "{ people(first: 4) { a: nodes { name } b: edges { cursor } c: nodes { id } } }",
        "{ enterprises(last: 5) { nodes { name licences { totalCount nodes { number } } } totalCount b: totalCount } }",
        "{ places(last: 3) { x: edges { cursor node { name } } pageInfo { a: startCursor endCursor } nodes { id } } }",
        "{ places(last: 4) { pageInfo { hasPreviousPage hasNextPage __typename } __typename } }",
        '{ places(where: {name: {eq: "none"}}) { nodes { name } pageInfo { endCursor hasNextPage } totalCount } }',
        '{ enterprise(creditCode: "none") { name } people(first: 3) { nodes { name phone } } }',
        "{ catalog { departments(first: 7) { nodes { code } } entries(first: 3) { nodes { title } } } d: __typename }",
        "{ digitalIndustry { __typename } x: catalog { __typename standards @skip(if: true) { nodes { code } } } }",
        "{ enterprisesAggregate(groupBy: [townName]) { key { townName } count } people { __typename } }",
        "{ catalog { departments @skip(if: true) { nodes { code } } } people(first: 3) { edges { node { name } } } }",
        '{ node(id: "none") { id } nodes(ids: ["none"]) { id } places(first: 3) { nodes { id } } }',
    ],
)
async def test_pages_in_portions_are_the_pages(engine: Engine, piecemeal: Engine, document: str) -> None:
    for principal in (_MARKET, Principal("town-330784105", ())):
        await check_alike(engine, piecemeal, principal, document)


async def test_what_is_large_is_spooled_and_nothing_is_left_of_it(piecemeal: Engine, space: SpoolSpace) -> None:
    question = Question("{ places(first: 9) { nodes { name } } }", None, {}, _MARKET, None, allows_mutation=True)

    answer = await piecemeal.service.answer(question)

    assert answer.spooled is not None
    assert answer.spooled.part_count > 0
    assert space.used_bytes > answer.spooled.length // 2
    assert len(await body_of(answer)) == answer.spooled.length
    assert space.used_bytes == 0


async def test_what_is_small_after_all_is_an_answer_as_any(county_url: str) -> None:
    document = "{ places(first: 9) { nodes { name } } }"
    async with engine_on(county_url, Limits(whole_rows=0)) as opened:
        for _ in range(3):
            answer = await opened.service.answer(Question(document, None, {}, _MARKET, None, allows_mutation=True))

            assert answer.spooled is None
            assert answer.operation_id.encode() in answer.body


@pytest.mark.parametrize(
    "document",
    [
        "{ places(first: 9) { totalCount pageInfo { hasNextPage } nodes { name } edges { node { name } } } }",
        "{ catalog { departments(last: 3) { nodes { code } } } people(last: 5) { nodes { town { name } } } }",
        "{ enterprisesAggregate(groupBy: [townName]) { count } places(first: 3) { __typename } }",
    ],
)
async def test_an_answer_in_pieces_tells_the_same_cost(engine: Engine, piecemeal: Engine, document: str) -> None:
    costs = []
    for each in (engine, piecemeal):
        question = Question(document, None, {}, _MARKET, None, allows_mutation=True, stopwatch=Stopwatch())
        answer = await each.service.answer(question)
        costs.append(orjson.loads(await body_of(answer))["extensions"]["cost"])

    assert costs[0] == costs[1]


async def test_a_space_that_is_full_is_told_and_recorded(county_url: str, tmp_path: Path) -> None:
    full = SpoolSpace(tmp_path, limit_bytes=1, memory_bytes=1)
    async with engine_on(county_url, Limits(whole_rows=0), full) as opened:
        told = await opened.ask(_MARKET, "{ places(first: 9) { nodes { name } } }")

        assert told.codes == ["QUERY_TOO_COSTLY"]
        assert (
            await opened.pool.fetchval("select outcome from log.record where id = $1", UUID(told.operation_id))
            == "refused"
        )
    assert full.used_bytes == 0


async def test_whoever_waits_is_told_of_progress_and_can_end_it(piecemeal: Engine, space: SpoolSpace) -> None:
    told: list[int] = []

    def go_on() -> None:
        told.append(1)
        if len(told) == 4:
            raise ClientGone

    question = Question(
        "{ places(first: 9) { nodes { name } } }", None, {}, _MARKET, None, allows_mutation=True, go_on=go_on
    )
    with pytest.raises(ClientGone):
        await piecemeal.service.answer(question)

    assert space.used_bytes == 0
    assert (await piecemeal.ask(_MARKET, question.document)).codes == []
