"""Conditions on figures of linked rows: what none linked means, and which rights they need."""

import orjson
import pytest

from policies.principal import Principal
from resolvers.refusal import Refusal
from tests.resolvers.asking import Engine

_MARKET = Principal("market-regulation", ())
_ECONOMY = Principal("economy-information", ())
_EDUCATION = Principal("education", ())


async def _codes(engine: Engine, where: str, principal: Principal = _MARKET) -> set[str]:
    shown = await engine.show(principal, f"{{ enterprises(first: 100, where: {where}) {{ nodes {{ creditCode }} }} }}")
    assert isinstance(shown.data, dict)
    assert not shown.problems
    return {node["creditCode"] for node in shown.data["enterprises"]["nodes"]}


async def _found(engine: Engine, having: str, of: str = "pool_market_regulation.licence on holder_code") -> set[str]:
    table, _, column = of.partition(" on ")
    async with engine.pool.acquire() as connection:
        rows = await connection.fetch(
            f"select e.credit_code from pool_market_regulation.enterprise e left join {table} l"
            f" on l.{column} = e.credit_code group by e.credit_code having {having}"
        )
    return {row["credit_code"] for row in rows}


@pytest.mark.parametrize(
    ("where", "having"),
    [
        ("{licencesAggregate: {count: {gt: 2}}}", "count(l) > 2"),
        ("{licencesAggregate: {count: {eq: 0}}}", "count(l) = 0"),
        ("{licencesAggregate: {where: {kind: {eq: \"food\"}}, count: {lte: 0}}}",
         "count(l) filter (where l.kind = 'food') = 0"),
        ("{licencesAggregate: {countDistinct: {kind: {eq: 2}}, max: {issuedOn: {gt: \"2001-01-01\"}}}}",
         "count(distinct l.kind) = 2 and max(l.issued_on) > '2001-01-01'"),
        ("{licencesAggregate: {min: {issuedOn: {isNull: true}}}}", "min(l.issued_on) is null"),
        ("{not: {licencesAggregate: {min: {issuedOn: {gt: \"2001-01-01\"}}}}}", "not min(l.issued_on) > '2001-01-01'"),
        ("{licencesAggregate: {}}", "true"),
        ("{licencesAggregate: {where: {kind: {eq: \"no such\"}}}}", "true"),
    ],
)  # fmt: skip
async def test_enterprises_are_found_by_figures_of_their_licences(engine: Engine, where: str, having: str) -> None:
    assert await _codes(engine, where) == await _found(engine, having)


async def test_sums_of_nothing_are_null_and_compare_with_nothing(engine: Engine) -> None:
    outputs = "pool_economy_information.industrial_output on credit_code"

    few = await _codes(engine, '{outputsAggregate: {sum: {outputValue: {lt: "500"}}}}', _ECONOMY)
    none = await _codes(engine, "{outputsAggregate: {sum: {outputValue: {isNull: true}}}}", _ECONOMY)

    assert few == await _found(engine, "sum(l.output_value) < 500", outputs)
    assert none == await _found(engine, "sum(l.output_value) is null", outputs)
    assert none
    assert not few & none


async def test_figures_of_what_one_may_not_filter_by_are_refused(engine: Engine) -> None:
    where = '{enterprisesAggregate: {max: {legalPersonName: {startsWith: "张"}}}}'

    shown = await engine.show(_EDUCATION, f"{{ places(where: {where}) {{ totalCount }} }}")

    assert shown.data == {"places": None}
    assert shown.denied == {("Enterprise.legalPersonName", "places")}
    assert not shown.prepared.plan.statements


async def test_links_one_may_not_follow_cannot_be_counted(engine: Engine) -> None:
    shown = await engine.show(_EDUCATION, "{ people(where: {enterprisesAggregate: {count: {gt: 1}}}) { totalCount } }")

    assert shown.data == {"people": None}
    assert ("Person.citizenId", "people") in shown.denied


async def test_the_figures_used_are_on_record_with_the_rights_they_need(engine: Engine) -> None:
    prepared = await engine.prepare(
        _ECONOMY, '{ enterprises(where: {outputsAggregate: {sum: {revenue: {gt: "1"}}}}) { totalCount } }'
    )

    assert [
        (each["right"], each["use"])
        for node in orjson.loads(prepared.plan.content)["nodes"]
        for each in node["fields"]
        if each["coordinate"] == "IndustrialOutput.revenue"
    ] == [("filter", "used"), ("aggregate", "used")]


@pytest.mark.parametrize(
    "where",
    [
        "{licencesAggregate: null}",
        "{licencesAggregate: {where: null}}",
        "{licencesAggregate: {count: null}}",
        "{licencesAggregate: {max: null}}",
        "{licencesAggregate: {max: {kind: null}}}",
    ],
)
async def test_a_null_instead_of_a_condition_is_refused(engine: Engine, where: str) -> None:
    with pytest.raises(Refusal) as refused:
        await engine.prepare(_MARKET, f"{{ enterprises(where: {where}) {{ totalCount }} }}")

    assert refused.value.code == "BAD_REQUEST"


async def test_figures_of_too_many_links_are_too_costly(engine: Engine) -> None:
    many = ", ".join("{licencesAggregate: {count: {gt: 1}}}" for _ in range(51))

    with pytest.raises(Refusal) as refused:
        await engine.prepare(_MARKET, f"{{ enterprises(where: {{or: [{many}]}}) {{ totalCount }} }}")

    assert refused.value.code == "QUERY_TOO_COSTLY"
