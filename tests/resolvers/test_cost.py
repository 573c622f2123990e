"""What operations cost: estimated from sizes, counted in answers, limited before anything runs."""

import time
from dataclasses import replace

import pytest

from policies.principal import PUBLIC, Principal
from resolvers.cost import counted, estimated
from resolvers.limits import Limits
from resolvers.refusal import Refusal
from tests.resolvers.asking import Engine, engine_on

_EDUCATION = Principal("education", ())


@pytest.mark.parametrize(
    ("document", "cost"),
    [
        ("{ __typename }", 0),
        ('{ place(code: "33") { name } }', 1),
        ('{ a: place(code: "33") { name } b: place(code: "3307") { name parent { name } } }', 3),
        ("{ places { nodes { name } } }", 21),
        ("{ places(first: 7) { nodes { name } } }", 8),
        ("{ places(last: 7) { edges { cursor node { name } } pageInfo { hasNextPage } } }", 16),
        ("{ places(first: 0) { nodes { name } } }", 1),
        ("{ places(first: 7) { totalCount } }", 11),
        ("{ places(first: 10) { nodes { parent { name } children(first: 3) { nodes { name } } } } }", 61),
        ('{ places(first: 1, where: {name: {eq: "x"}}) { nodes { name } } }', 4),
        ('{ places(first: 1, where: {or: [{name: {eq: "x"}}, {not: {}}]}) { nodes { name } } }', 7),
        ("{ places(first: 1, orderBy: [{name: ASC}, {code: DESC}]) { nodes { name } } }", 4),
        ("{ placesAggregate { count } }", 1),
        ("{ placesAggregate(groupBy: [level]) { count key { level } } }", 40),
        ("{ placesAggregate(groupBy: [level], first: 3) { count } }", 3),
        ("{ digitalIndustry { enterprises(first: 2) { nodes { __typename } } } }", 4),
        ("{ access { me { user roles } } __schema { types { name } } }", 2),
        ("{ places(first: 5) { nodes { name } } ...F } fragment F on Query { places(first: 5) { nodes { code } } }", 6),
        ("query($n: Int = 3) { places(first: $n) { nodes { name } } }", 4),
        ("query($n: Int) { places(first: $n) { nodes { name } } }", 21),
        ("{ places @skip(if: true) { nodes { name } } }", 0),
    ],
)
async def test_a_document_is_estimated_by_its_sizes(engine: Engine, document: str, cost: int) -> None:
    prepared = await engine.prepare(_EDUCATION, document)

    assert estimated(prepared.plan.weights) == cost


async def test_conditions_in_variables_weigh_as_those_in_the_document(engine: Engine) -> None:
    document = "query($w: PlaceWhere) { places(first: 1, where: $w) { nodes { name } } }"

    prepared = await engine.prepare(_EDUCATION, document, {"w": {"or": [{"name": {"eq": "x"}}, {"not": {}}]}})

    assert estimated(prepared.plan.weights) == 7


async def test_an_answer_costs_what_it_shows(engine: Engine) -> None:
    shown = await engine.show(
        _EDUCATION, '{ place(code: "33") { name children { nodes { name } } } none: place(code: "x") { name } }'
    )

    assert shown.data == {"place": {"name": "浙江省", "children": {"nodes": [{"name": "金华市"}]}}, "none": None}
    assert counted(shown.prepared.plan.weights, shown.data) == 3
    assert estimated(shown.prepared.plan.weights) == 23


async def test_the_estimate_is_the_same_whoever_asks(engine: Engine) -> None:
    document = "{ enterprises(first: 3) { nodes { name licences { nodes { number } } } } }"

    estimates = [
        estimated((await engine.prepare(principal, document)).plan.weights)
        for principal in (_EDUCATION, Principal("market-regulation", ()), PUBLIC)
    ]

    assert estimates == [1 + 3 * (1 + 1 + 20)] * 3


async def test_a_refused_branch_has_cost_nothing(engine: Engine) -> None:
    document = '{ enterprises(where: {legalPersonId: {eq: "x"}}) { totalCount nodes { name } } }'

    shown = await engine.show(_EDUCATION, document)

    assert shown.data == {"enterprises": None}
    assert counted(shown.prepared.plan.weights, shown.data) == 0


async def test_what_is_estimated_to_cost_too_much_is_not_run(county_url: str) -> None:
    async with engine_on(county_url, replace(Limits(), cost=100)) as engine:
        await engine.prepare(_EDUCATION, "{ places(first: 99) { nodes { name } } }")

        with pytest.raises(Refusal, match="estimated to cost 101; at most 100 is allowed") as refused:
            await engine.prepare(_EDUCATION, "{ places(first: 100) { nodes { name } } }")

    assert refused.value.code == "QUERY_TOO_COSTLY"


async def test_a_product_of_pages_is_refused_at_once(engine: Engine) -> None:
    inner = "{ nodes { name } }"
    for _ in range(6):
        inner = "{ nodes { children(first: 5000) " + inner + " } }"
    await engine.prepare(_EDUCATION, "{ __typename }")
    started = time.process_time()

    with pytest.raises(Refusal) as refused:
        await engine.prepare(_EDUCATION, "{ places(first: 5000) " + inner + " }")

    assert refused.value.code == "QUERY_TOO_COSTLY"
    assert time.process_time() - started < 0.05
