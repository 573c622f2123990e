"""The record of an answer says of every field and row in it what the answer shows, and nothing else."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.principal import Principal
from tests.resolvers.asking import Engine
from tests.resolvers.comparing import NOT_COMPARED, PRINCIPALS
from tests.resolvers.drawn_documents import documents
from tests.resolvers.drawn_inputs import Inputs
from tests.resolvers.recorded import Case, assert_recorded, with_ids

_EDUCATION = Principal("education", (), "li", "desk")
_DOCUMENTS = [
    "{ enterprises(first: 3) { nodes { creditCode name legalPersonId legalPersonName } } }",
    "{ enterprises(first: 3) { edges { cursor node { id creditCode town { code name } } } pageInfo { endCursor } } }",
    "{ enterprises(first: 5) { nodes { licences(first: 2) { nodes { number holder { name } } totalCount } } } }",
    "{ people(first: 3) { nodes { citizenId name phone birthDate household { householdNo } } } }",
    '{ a: place(code: "33") { name } b: place(code: "none") { name } places(last: 2) { nodes { x: name y: name } } }',
    "{ digitalIndustry { evaluations(first: 3) { nodes { creditCode year grade score taxPerMu } } } }",
    "{ pool { education { keyless { nodes { name } } oddNames { nodes { qiYeName town } } } } }",
    "{ catalog { entries(first: 2) { nodes { code items(first: 2) { nodes { name } } } } } access { me { user } } }",
    "{ enterprisesAggregate(groupBy: [status]) { key { status } count } __typename }",
    "{ a: enterprisesAggregate { count } enterprises(first: 2) { totalCount nodes { licencesAggregate { count } } } }",
    "{ catalog { entriesAggregate(groupBy: [sharing, grade]) { key { sharing grade } n: count } } }",
    '{ enterprises(where: {legalPersonName: {eq: "x"}}) { nodes { name } } }',
    "{ enterprises(first: 0) { nodes { name } } }",
    "{ enterprises(first: 2) { nodes { __typename } } }",
    '{ pool { education { oddNamesAggregate(groupBy: ["town"]) { key(of: "town") count max(of: "qiYeName") } } } }',
    "{ pool { education { keylessAggregate { n: count countDistinct(of: \"name\") } } } }",
    "{ enterprises(last: 3, orderBy: [{town: {name: DESC}}]) { nodes { projects { edges { node { name } } } } } }",
    '{ enterprises(where: {name: {search: "五 金"}, licencesAggregate: {count: {gte: 1}}}) { nodes { name } } }',
    "{ enterprises(first: 2) { totalCount(mode: PLANNED) exact: totalCount pageInfo { hasNextPage } } }",
    "{ enterprisesAggregate(groupBy: [establishedOnYear, townName]) { key { townName } avg { employees } } }",
]  # fmt: skip


async def _assert_complete(engine: Engine, case: Case) -> None:
    """Asked three times: from the second on the answer is kept, and the last is a kept one."""
    setting = (await engine.view()).preparer(case.principal).setting
    asked = replace(case, document=with_ids(setting.schema, setting.graph, case.document))
    for _ in range(3):
        told = await engine.ask(asked.principal, asked.document, asked.variables)
        await assert_recorded(engine.pool, setting, asked, told)


@pytest.mark.parametrize("document", _DOCUMENTS)
@pytest.mark.parametrize("principal", PRINCIPALS, ids=str)
async def test_the_resolved_fields_are_those_of_the_answer(engine: Engine, principal: Principal, document: str) -> None:
    if (await engine.ask(principal, document)).code == "QUERY_INVALID":
        assert not principal.department  # to the public, what is not open does not exist
        return

    await _assert_complete(engine, Case(principal, document))


@pytest.mark.slow
@settings(max_examples=settings().max_examples // 2, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
async def test_the_resolved_fields_of_any_document_are_those_of_its_answer(
    engine: Engine, drawn_inputs: Inputs, data: st.DataObject
) -> None:
    principal = data.draw(st.sampled_from(PRINCIPALS))
    schema = (await engine.view()).preparer(principal).setting.schema
    document = data.draw(documents(schema, drawn_inputs, NOT_COMPARED))

    await _assert_complete(engine, Case(principal, document.text, document.variables))


@pytest.mark.slow
@settings(max_examples=settings().max_examples // 4, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
async def test_the_resolved_fields_of_what_ids_lead_to_are_those_of_the_answer(
    engine: Engine, drawn_inputs: Inputs, data: st.DataObject
) -> None:
    principal = data.draw(st.sampled_from(PRINCIPALS))
    schema = (await engine.view()).preparer(principal).setting.schema
    assert schema.query_type is not None
    others = frozenset(schema.query_type.fields) - {"node", "nodes"}
    document = data.draw(documents(schema, drawn_inputs, others))

    await _assert_complete(engine, Case(principal, document.text, document.variables))


async def test_each_row_shown_is_recorded_by_its_key(engine: Engine) -> None:
    document = """{
      enterprises(first: 4) { nodes { creditCode licences(first: 3) { edges { node { number } } } } }
      pool { education { oddNames { nodes { qiYeName select } } keyless(first: 2) { nodes { name } } } }
    }"""

    told = await engine.ask(_EDUCATION, document)

    keys = json.loads(await engine.pool.fetchval("select keys from log.record where id = $1", told.operation_id))
    assert isinstance(told.data, dict)
    enterprises = told.data["enterprises"]["nodes"]
    numbers = [edge["node"]["number"] for each in enterprises for edge in each["licences"]["edges"]]
    odd = [[node["qiYeName"], str(node["select"])] for node in told.data["pool"]["education"]["oddNames"]["nodes"]]
    assert [each for each in keys if each] == [[each["creditCode"] for each in enterprises], numbers, odd, ["1", "2"]]


async def test_groups_are_recorded_by_their_keys_and_counts_by_an_empty_one(engine: Engine) -> None:
    document = """{
      one: enterprisesAggregate(groupBy: [legalPersonId], first: 3) { key { legalPersonId } count }
      two: enterprisesAggregate(groupBy: [status, townCode], first: 3) { key { status townCode } }
      all: enterprisesAggregate { max { registeredCapital } sum { employees } }
      enterprises(first: 0) { totalCount }
    }"""

    told = await engine.ask(Principal("market-regulation", (), "wang", "desk"), document)

    assert told.codes == []
    assert isinstance(told.data, dict)
    keys = json.loads(await engine.pool.fetchval("select keys from log.record where id = $1", told.operation_id))
    persons = [group["key"]["legalPersonId"] for group in told.data["one"]]
    towns = [[group["key"]["status"], group["key"]["townCode"]] for group in told.data["two"]]
    assert [each for each in keys if each] == [persons, towns, [[]], [[]]]
    lines = await engine.pool.fetch(
        """select path, coordinate, "right", key from log.resolved_field where operation_id = $1 and use = 'shown'
              and (key = $2 or key = '[]') order by path""",
        told.operation_id,
        persons[0],
    )
    assert [tuple(line) for line in lines] == [
        ("all.max.registeredCapital", "Enterprise.registeredCapital", "read", "[]"),
        ("all.sum.employees", "Enterprise.employees", "aggregate", "[]"),
        ("enterprises.totalCount", "EnterpriseConnection.totalCount", "read", "[]"),
        ("one.count", "EnterpriseAggregate.count", "read", persons[0]),
        ("one.key.legalPersonId", "Enterprise.legalPersonId", "read", persons[0]),
    ]


async def test_what_is_computed_is_recorded(engine: Engine) -> None:
    told = await engine.ask(_EDUCATION, "{ me: access { me { user } } __schema { queryType { name } } }")

    lines = await engine.pool.fetch(
        "select path, coordinate, use, key from log.resolved_field where operation_id = $1", told.operation_id
    )
    assert sorted(map(tuple, lines)) == [
        ("__schema", "Query.__schema", "shown", "[]"),
        ("me", "Query.access", "shown", "[]"),
    ]


async def test_what_is_used_without_being_shown_is_recorded_once_without_keys(engine: Engine) -> None:
    document = """{
      enterprises(where: {name: {contains: "五"}, town: {level: {eq: "town"}}}, orderBy: [{status: ASC}], first: 2) {
        nodes { creditCode town { name } }
      }
    }"""

    told = await engine.ask(_EDUCATION, document)

    used = await engine.pool.fetch(
        """select path, coordinate, "right", key from log.resolved_field where operation_id = $1 and use = 'used'
            order by path, coordinate, "right" """,
        told.operation_id,
    )
    assert [tuple(line) for line in used] == [
        ("enterprises", "Enterprise.name", "filter", None),
        ("enterprises", "Enterprise.status", "filter", None),
        ("enterprises", "Enterprise.townCode", "filter", None),
        ("enterprises", "Place.code", "filter", None),
        ("enterprises", "Place.level", "filter", None),
        ("enterprises.nodes.town", "Enterprise.townCode", "filter", None),
        ("enterprises.nodes.town", "Place.code", "filter", None),
    ]
