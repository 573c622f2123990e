"""Aggregates against SQL written by hand, and what they refuse."""

from typing import Any

import asyncpg
import pytest

from policies.principal import Principal
from resolvers.refusal import Refusal
from tests.resolvers.asking import Engine

_MARKET = Principal("market-regulation", ())
_EDUCATION = Principal("education", ())
_TOWN = Principal("town-330784105", ())


async def _groups(engine: Engine, principal: Principal, field: str) -> Any:  # Any: JSON
    shown = await engine.show(principal, f"{{ found: {field} }}")
    assert isinstance(shown.data, dict)
    return shown.data["found"]


async def _rows(url: str, sql: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(sql)
    finally:
        await connection.close()


async def test_groups_have_the_figures_of_sql(engine: Engine, county_url: str) -> None:
    found = await _groups(
        engine,
        _MARKET,
        "enterprisesAggregate(groupBy: [townCode], first: 5000)"
        " { key { townCode } count sum { registeredCapital } max { establishedOn } countDistinct { kind } }",
    )

    expected = await _rows(
        county_url,
        """select town_code, count(*) as count, sum(registered_capital)::text as capital,
                  max(established_on)::text as newest, count(distinct kind) as kinds
             from pool_market_regulation.enterprise group by town_code order by town_code""",
    )
    assert found == [
        {
            "key": {"townCode": row["town_code"]},
            "count": row["count"],
            "sum": {"registeredCapital": row["capital"]},
            "max": {"establishedOn": row["newest"]},
            "countDistinct": {"kind": row["kinds"]},
        }
        for row in expected
    ]


async def test_without_group_by_all_rows_are_one_group(engine: Engine) -> None:
    found = await _groups(engine, _MARKET, "enterprisesAggregate { count }")
    total = await _groups(engine, _MARKET, "enterprises(first: 0) { totalCount }")

    assert found == [{"count": total["totalCount"]}]


async def test_groups_are_chosen_by_having_and_put_in_the_order_asked(engine: Engine) -> None:
    every = await _groups(
        engine, _MARKET, "enterprisesAggregate(groupBy: [townCode], first: 5000) { key { townCode } count }"
    )
    most = max(group["count"] for group in every)

    found = await _groups(
        engine,
        _MARKET,
        f"enterprisesAggregate(groupBy: [townCode], having: {{count: {{gte: {most}}}}},"
        " orderBy: [{key: {townCode: DESC}}]) { key { townCode } count }",
    )

    expected = [group for group in every if group["count"] == most]
    assert found == sorted(expected, key=lambda group: str(group["key"]["townCode"]), reverse=True)


async def test_rows_are_grouped_through_a_link_and_by_year(engine: Engine, county_url: str) -> None:
    found = await _groups(
        engine,
        _MARKET,
        "enterprisesAggregate(groupBy: [townName, establishedOnYear], first: 5000)"
        " { key { townName establishedOnYear } count }",
    )

    expected = await _rows(
        county_url,
        """select d.name, date_trunc('year', e.established_on)::date::text as year, count(*) as count
             from pool_market_regulation.enterprise e left join pool_civil_affairs.division d on d.code = e.town_code
            group by 1, 2""",
    )
    got = {(group["key"]["townName"], group["key"]["establishedOnYear"], group["count"]) for group in found}
    assert got == {tuple(row) for row in expected}


async def test_linked_rows_are_aggregated_under_their_parent(engine: Engine) -> None:
    found = await _groups(
        engine,
        _MARKET,
        "enterprises(first: 50) { nodes { licences(first: 0) { totalCount } licencesAggregate { count } } }",
    )

    for node in found["nodes"]:
        assert node["licencesAggregate"] == [{"count": node["licences"]["totalCount"]}]


async def test_a_scoped_office_aggregates_its_own_rows(engine: Engine) -> None:
    found = await _groups(engine, _TOWN, "enterprisesAggregate(groupBy: [townCode]) { key { townCode } }")

    assert found == [{"key": {"townCode": "330784105"}}]


@pytest.mark.parametrize(
    "field",
    [
        "enterprisesAggregate(groupBy: [legalPersonId]) { count }",
        "enterprisesAggregate(groupBy: [legalPersonName]) { count }",
        "enterprisesAggregate { countDistinct { phone } }",
        'enterprisesAggregate(having: {min: {phone: {eq: "1"}}}) { count }',
        "enterprisesAggregate(groupBy: [townCode], orderBy: [{max: {legalPersonName: ASC}}]) { count }",
        "peopleAggregate { max { birthDate } }",
    ],
)
async def test_a_denied_or_masked_field_refuses_the_aggregate(engine: Engine, field: str) -> None:
    shown = await engine.show(_EDUCATION, f"{{ found: {field} }}")

    assert shown.data == {"found": None}
    assert shown.denied


@pytest.mark.parametrize(
    "field",
    [
        "enterprisesAggregate(groupBy: [townCode], orderBy: [{key: {status: ASC}}]) { count }",
        "enterprisesAggregate(orderBy: [{sum: {name: ASC}}]) { count }",
        "enterprisesAggregate(first: 5001) { count }",
        "enterprisesAggregate(having: {count: null}) { count }",
    ],
)
async def test_what_cannot_be_aggregated_is_a_bad_request(engine: Engine, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        await engine.show(_MARKET, f"{{ {field} }}")

    assert refused.value.code == "BAD_REQUEST"
