"""Conditions on figures of the rows of a pool table behind an entity: exact, and governed like any condition."""

import pytest
from graphql import GraphQLInputObjectType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.principal import PUBLIC, Principal
from resolvers.refusal import Refusal
from tests.resolvers.asking import Engine, rights_used
from tests.resolvers.comparing import PRINCIPALS, Comparing
from tests.resolvers.drawn_documents import Document, other_variables
from tests.resolvers.drawn_inputs import Variables

_EDUCATION = Principal("education", ())
_TAXATION = Principal("taxation", ())
_ASK = "{ enterprises(first: 100, where: {poolEducation: {grantsAggregate: %s}}) { nodes { creditCode } } }"


async def _found(engine: Engine, having: str) -> set[str]:
    async with engine.pool.acquire() as connection:
        rows = await connection.fetch(
            'select e.credit_code from pool_market_regulation.enterprise e left join pool_education."grant" g'
            f" on g.holder = e.credit_code group by e.credit_code having {having}"
        )
    return {row["credit_code"] for row in rows}


@pytest.mark.parametrize(
    ("figures", "having"),
    [
        ("{count: {gt: 1}}", "count(g) > 1"),
        ("{count: {eq: 0}}", "count(g) = 0"),
        ('{sum: {of: "amount", gt: "7.00"}}', "sum(amount) > 7"),
        ('{sum: [{of: "amount", lt: 10}, {of: "amount", gt: 0}]}', "sum(amount) < 10 and sum(amount) > 0"),
        ('{avg: {of: "amount", eq: 5.25}}', "avg(amount) = 5.25"),
        ('{max: {of: "paidOn", gte: "2024-03-01"}}', "max(paid_on) >= '2024-03-01'"),
        ('{countDistinct: {of: "reason", eq: 2}, min: {of: "code", startsWith: "G"}}', "count(distinct reason) = 2"),
        ('{min: {of: "amount", isNull: true}}', "min(amount) is null"),
        ("{}", "true"),
    ],
)  # fmt: skip
async def test_entities_are_found_by_figures_of_the_rows_behind_them(engine: Engine, figures: str, having: str) -> None:
    shown = await engine.show(_EDUCATION, _ASK % figures)

    assert isinstance(shown.data, dict)
    assert {node["creditCode"] for node in shown.data["enterprises"]["nodes"]} == await _found(engine, having)
    assert await _found(engine, having)


@pytest.mark.parametrize("figures", ['{countDistinct: {of: "reason", gt: 1}}', '{max: {of: "reason", like: "f%"}}'])
async def test_a_refused_column_refuses_the_branch(engine: Engine, figures: str) -> None:
    shown = await engine.show(_TAXATION, _ASK % figures)

    assert shown.data == {"enterprises": None}
    assert shown.denied == {("EducationGrant.reason", "enterprises")}
    assert not shown.prepared.plan.statements


async def test_what_the_public_may_not_know_of_is_like_what_there_is_not(engine: Engine) -> None:
    messages: list[str] = []
    for name in ("reason", "nothing"):
        with pytest.raises(Refusal) as refused:
            await engine.show(PUBLIC, _ASK % f'{{min: {{of: "{name}", gt: "a"}}}}')
        messages.append(refused.value.problems[0].message.replace(name, "…"))

    assert messages[0] == messages[1]


async def test_the_columns_used_are_on_record_with_the_rights_they_need(engine: Engine) -> None:
    prepared = await engine.prepare(_TAXATION, _ASK % '{sum: {of: "amount", gt: 1}}')

    assert rights_used(prepared, "EducationGrant") == [
        ("EducationGrant.holder", "filter", "used"),
        ("EducationGrant.amount", "filter", "used"),
        ("EducationGrant.amount", "aggregate", "used"),
    ]


@pytest.mark.parametrize(
    "figures",
    [
        "null",
        "{count: null}",
        "{sum: null}",
        '{sum: {of: "no such", gt: 1}}',
        '{sum: {of: "reason", gt: 1}}',
        '{sum: {of: "amount", contains: "1"}}',
        '{sum: {of: "amount", gt: "much"}}',
        '{max: {of: "paidOn", gt: "2024-02-30"}}',
    ],
)
async def test_what_fits_no_column_is_refused(engine: Engine, figures: str) -> None:
    with pytest.raises(Refusal) as refused:
        await engine.show(_EDUCATION, _ASK % figures)

    assert refused.value.code == "BAD_REQUEST"


async def test_pages_go_on_whether_a_number_is_written_or_sent(engine: Engine) -> None:
    fields = "(first: 1, after: %s, where: {poolEducation: {grantsAggregate: {sum: [{of: $of, gt: %s}]}}})"
    rest = "{ nodes { creditCode } pageInfo { endCursor } }"
    written = f"query($of: String!) {{ enterprises{fields % ('null', '0.5')} {rest} }}"
    sent = f"query($of: String!, $gt: ColumnValue, $after: String) {{ enterprises{fields % ('$after', '$gt')} {rest} }}"

    first = await engine.show(_EDUCATION, written, {"of": "amount"})
    assert isinstance(first.data, dict)
    after = first.data["enterprises"]["pageInfo"]["endCursor"]
    second = await engine.show(_EDUCATION, sent, {"of": "amount", "gt": 0.5, "after": after})

    assert isinstance(second.data, dict)
    pages = [first.data["enterprises"]["nodes"], second.data["enterprises"]["nodes"]]
    assert pages == [[{"creditCode": "E01"}], [{"creditCode": "E03"}]]


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
async def test_any_condition_on_rows_behind_an_entity_holds_where_it_does_by_the_reference(
    compared: Comparing, data: st.DataObject
) -> None:
    principal = data.draw(st.sampled_from(PRINCIPALS))
    schema = compared.reference(principal).schema
    kind = schema.type_map["EnterprisePoolEducationWhere"]
    assert isinstance(kind, GraphQLInputObjectType)
    variables = Variables()

    def drawn(draw: st.DrawFn) -> str:
        return compared.inputs.written(draw, kind, variables, compared.inputs.where(draw, kind, 2))

    where = data.draw(st.composite(drawn)())
    head = f"query Drawn({', '.join(variables.definitions)}) " if variables.definitions else ""
    text = f"{head}{{ enterprises(first: 50, where: {{poolEducation: {where}}}) {{ nodes {{ creditCode }} }} }}"
    document = Document(text, variables.values, variables.kinds)

    await compared.compare(principal, document)
    await compared.compare(principal, data.draw(other_variables(schema, compared.inputs, document)))
