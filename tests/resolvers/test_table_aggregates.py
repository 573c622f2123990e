"""Aggregates of the pool's tables, whose fields are named by texts: right, governed, and small in the schema."""

import pytest
from graphql import GraphQLObjectType, get_named_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.principal import PUBLIC, Principal
from resolvers.refusal import Refusal
from tests.resolvers.asking import Engine
from tests.resolvers.comparing import PRINCIPALS, Comparing
from tests.resolvers.drawn_documents import documents, other_variables

_EDUCATION = Principal("education", ())
_ASK = "{ pool { education { %s } } }"


async def _groups(engine: Engine, field: str, principal: Principal = _EDUCATION) -> object:
    data = (await engine.show(principal, _ASK % f"it: {field}")).data
    assert isinstance(data, dict)
    return data["pool"]["education"]["it"]


async def test_a_table_is_grouped_by_fields_named_by_texts(engine: Engine) -> None:
    found = await _groups(
        engine,
        'keylessAggregate(groupBy: ["name"], orderBy: [{count: DESC}], having: {count: {gt: 1}})'
        ' { key(of: "name") count countDistinct(of: "size") sum(of: "size") min(of: "size") max(of: "name") }',
    )

    assert found == [
        {"key": "a", "count": 2, "countDistinct": 1, "sum": "2", "min": 2, "max": "a"},
        {"key": "b", "count": 2, "countDistinct": 1, "sum": "2", "min": 1, "max": "b"},
        {"key": None, "count": 2, "countDistinct": 1, "sum": "3", "min": 3, "max": None},
    ]


async def test_keys_may_be_spans_of_time_and_orders_any_figure(engine: Engine) -> None:
    found = await _groups(
        engine,
        'everythingAggregate(groupBy: ["dayYear"], orderBy: [{sum: {of: "number", direction: DESC}}])'
        ' { year: key(of: "dayYear") sum(of: "number") }',
    )

    assert found == [
        {"year": "2020-01-01", "sum": "5"},
        {"year": "0001-01-01", "sum": "3"},
        {"year": None, "sum": "2"},
    ]


@pytest.mark.parametrize(
    "field",
    [
        'keylessAggregate { min(of: "no such") }',
        'keylessAggregate { sum(of: "name") }',
        'keylessAggregate(groupBy: ["__row"]) { count }',
        'keylessAggregate(orderBy: [{key: {of: "name", direction: ASC}}]) { count }',
        'keylessAggregate(orderBy: [{sum: {of: "name", direction: ASC}}]) { count }',
        'keylessAggregate { key(of: "\\"; drop table") }',
    ],
)
async def test_what_names_no_fitting_field_is_refused(engine: Engine, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        await _groups(engine, field)

    assert refused.value.code == "BAD_REQUEST"


async def test_variables_that_name_fields_shape_the_plan(engine: Engine) -> None:
    document = (
        "query($of: String!, $by: [String!], $order: [TableGroupOrderBy!]) { pool { education {"
        " keylessAggregate(groupBy: $by, orderBy: $order) { key(of: $of) max(of: $of) } } } }"
    )

    for name in ("name", "size"):
        order = [{"key": {"of": name, "direction": "DESC_NULLS_LAST"}}]
        shown = await engine.show(_EDUCATION, document, {"of": name, "by": [name], "order": order})
        assert isinstance(shown.data, dict)
        groups = shown.data["pool"]["education"]["keylessAggregate"]
        assert all(group["key"] == group["max"] for group in groups)
        assert groups[0]["key"] == {"name": "c", "size": 3}[name]


@pytest.mark.parametrize(
    "field",
    [
        'halfOpenAggregate { countDistinct(of: "%s") }',
        'halfOpenAggregate(groupBy: ["%s"]) { count }',
        'halfOpenAggregate(orderBy: [{max: {of: "%s", direction: ASC}}]) { count }',
    ],
)
async def test_what_the_public_may_not_know_of_is_like_what_there_is_not(engine: Engine, field: str) -> None:
    messages: list[str] = []
    for name in ("hidden", "nothing"):
        with pytest.raises(Refusal) as refused:
            await _groups(engine, field % name, PUBLIC)
        messages.append(refused.value.problems[0].message.replace(name, "…"))

    assert messages[0] == messages[1]


async def test_figures_of_what_one_may_not_take_together_are_refused(engine: Engine) -> None:
    town = Principal("town-330784105", ())

    shown = await engine.show(town, _ASK % 'keylessAggregate { max(of: "name") }')

    assert shown.data == {"pool": {"education": {"keylessAggregate": None}}}
    assert shown.denied
    assert not shown.prepared.plan.statements


async def test_all_tables_share_their_types(engine: Engine) -> None:
    schema = (await engine.view()).departments.setting.schema
    pool = schema.type_map["PoolEducation"]
    assert isinstance(pool, GraphQLObjectType)

    shared = {get_named_type(each.type).name for name, each in pool.fields.items() if name.endswith("Aggregate")}

    assert shared == {"TableGroup"}


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
async def test_any_aggregate_of_a_table_is_answered_as_the_reference_answers_it(
    compared: Comparing, data: st.DataObject
) -> None:
    principal = data.draw(st.sampled_from(PRINCIPALS))
    schema = compared.reference(principal).schema
    assert schema.query_type is not None
    pool = schema.type_map["PoolEducation"]
    assert isinstance(pool, GraphQLObjectType)
    pages = {name for name in pool.fields if not name.endswith("Aggregate")}
    skipped = frozenset((schema.query_type.fields.keys() - {"pool"}) | pages | {"__typename"})
    others = {name for name in get_named_type(schema.query_type.fields["pool"].type).fields if name != "education"}
    document = data.draw(documents(schema, compared.inputs, skipped | others))

    await compared.compare(principal, document)
    await compared.compare(principal, data.draw(other_variables(schema, compared.inputs, document)))
