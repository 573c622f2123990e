"""Aggregates of the rows of pool tables behind an entity: of its own rows alone, and governed like any aggregate."""

import orjson
import pytest
from graphql import GraphQLObjectType, get_named_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.principal import Principal
from resolvers.refusal import Refusal
from tests.resolvers.asking import Engine
from tests.resolvers.comparing import PRINCIPALS, Comparing
from tests.resolvers.drawn_documents import documents, other_variables

_EDUCATION = Principal("education", ())
_TAXATION = Principal("taxation", ())
_TOWN = Principal("town-330784105", ())
_ASK = '{ enterprises(where: {creditCode: {in: ["E01", "E02"]}}) { nodes { poolEducation { it: %s } } } }'


async def _found(engine: Engine, field: str, principal: Principal = _EDUCATION) -> list[object]:
    shown = await engine.show(principal, _ASK % field)
    assert isinstance(shown.data, dict)
    assert not shown.problems
    return [node["poolEducation"]["it"] for node in shown.data["enterprises"]["nodes"]]


async def test_the_rows_behind_each_entity_are_taken_together(engine: Engine) -> None:
    field = 'grantsAggregate { count sum(of: "amount") latest: max(of: "paidOn") reasons: countDistinct(of: "reason") }'

    assert await _found(engine, field) == [
        [{"count": 3, "sum": "10.50", "latest": "2024-03-01", "reasons": 2}],
        [{"count": 1, "sum": "-3.10", "latest": "2025-01-01", "reasons": 1}],
    ]


async def test_they_are_grouped_filtered_ordered_and_kept(engine: Engine) -> None:
    field = (
        'grantsAggregate(where: {code: {ne: "G2"}}, groupBy: ["paidOnYear", "townPlaceName"], having: {max:'
        ' {of: "code", gte: "G1"}}, orderBy: [{min: {of: "code", direction: DESC}}], first: 2)'
        ' { year: key(of: "paidOnYear") town: key(of: "townPlaceName") count }'
    )

    assert await _found(engine, field) == [
        [{"year": None, "town": "001镇", "count": 1}, {"year": "2024-01-01", "town": "105镇", "count": 1}],
        [{"year": "2025-01-01", "town": "105镇", "count": 1}],
    ]


async def test_an_office_of_a_town_takes_rows_of_its_own_together(engine: Engine) -> None:
    shown = await engine.show(
        _TOWN, "{ enterprises(first: 50) { nodes { creditCode poolEducation { it: grantsAggregate { count } } } } }"
    )
    async with engine.pool.acquire() as connection:
        found = await connection.fetch(
            'select credit_code, (select count(*) from pool_education."grant" where holder = credit_code and town = $1)'
            " from pool_market_regulation.enterprise where town_code = $1",
            _TOWN.department.removeprefix("town-"),
        )

    assert isinstance(shown.data, dict)
    nodes = shown.data["enterprises"]["nodes"]
    assert {node["creditCode"]: node["poolEducation"]["it"] for node in nodes} == {
        code: [{"count": count}] for code, count in found
    }
    assert any(count for _, count in found)


@pytest.mark.parametrize(
    ("asked", "column"),
    [
        ('{ countDistinct(of: "reason") }', "reason"),
        ('(where: {reason: {eq: "first"}}) { count }', "reason"),
        ('(groupBy: ["phone"]) { count }', "phone"),
        ('(having: {min: {of: "phone", startsWith: "138"}}) { count }', "phone"),
        ('(orderBy: [{max: {of: "reason", direction: ASC}}]) { count }', "reason"),
    ],
)
async def test_a_refused_column_anywhere_refuses_the_branch(engine: Engine, asked: str, column: str) -> None:
    shown = await engine.show(_TAXATION, _ASK % f"grantsAggregate{asked}")

    assert isinstance(shown.data, dict)
    assert all(node["poolEducation"] == {"it": None} for node in shown.data["enterprises"]["nodes"])
    assert shown.denied == {(f"EducationGrant.{column}", "enterprises.nodes.poolEducation.it")}
    assert all("grant" not in statement.sql for statement in shown.prepared.plan.statements)


async def test_both_ends_of_the_link_and_all_figures_are_on_record(engine: Engine) -> None:
    prepared = await engine.prepare(_TAXATION, _ASK % 'grantsAggregate(having: {sum: {of: "amount", gt: 1}}) { count }')

    assert {
        (each["coordinate"], each["right"], each["use"])
        for node in orjson.loads(prepared.plan.content)["nodes"]
        for each in node["fields"]
        if each["path"].startswith("enterprises.nodes.poolEducation.it")
    } == {
        ("Enterprise.creditCode", "filter", "used"),
        ("EducationGrant.holder", "filter", "used"),
        ("EducationGrant.amount", "aggregate", "used"),
        ("TableGroup.count", "read", "shown"),
    }


async def test_groups_of_each_row_count_as_rows(engine: Engine) -> None:
    field = 'grantsAggregate(groupBy: ["code"], first: 1000) { count }'

    with pytest.raises(Refusal) as refused:
        await engine.prepare(_EDUCATION, f"{{ enterprises(first: 501) {{ nodes {{ poolEducation {{ {field} }} }} }} }}")

    assert refused.value.code == "QUERY_TOO_COSTLY"


async def test_links_to_tables_share_the_types_of_all_tables(engine: Engine) -> None:
    schema = (await engine.view()).departments.setting.schema
    behind = schema.type_map["EnterprisePoolEducation"]
    assert isinstance(behind, GraphQLObjectType)

    kinds = {name: get_named_type(each.type).name for name, each in behind.fields.items() if name.endswith("Aggregate")}

    assert kinds == dict.fromkeys(("grantsAggregate", "halfOpenAggregate", "halfOpenByShownAggregate"), "TableGroup")


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
async def test_any_aggregate_of_rows_behind_an_entity_is_answered_as_the_reference_answers_it(
    compared: Comparing, data: st.DataObject
) -> None:
    principal = data.draw(st.sampled_from(PRINCIPALS))
    schema = compared.reference(principal).schema
    enterprise, behind = schema.type_map["Enterprise"], schema.type_map["EnterprisePoolEducation"]
    assert schema.query_type is not None
    assert isinstance(enterprise, GraphQLObjectType)
    assert isinstance(behind, GraphQLObjectType)
    ways = schema.query_type.fields.keys() | enterprise.fields.keys()
    pages = {name for name in behind.fields if not name.endswith("Aggregate")}
    skipped = frozenset(
        ((ways | pages) - {"enterprises", "poolEducation", "count"}) | {"__typename", "pageInfo", "edges"}
    )
    document = data.draw(documents(schema, compared.inputs, skipped))

    await compared.compare(principal, document)
    await compared.compare(principal, data.draw(other_variables(schema, compared.inputs, document)))
