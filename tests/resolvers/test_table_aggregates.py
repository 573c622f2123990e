"""Aggregates of the pool's tables, whose fields are named by texts: right, governed, and small in the schema."""

import pytest
from graphql import GraphQLObjectType, get_named_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.principal import PUBLIC, Principal
from resolvers.refusal import Refusal
from tests.resolvers.asking import Engine, rights_used
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
        'keylessAggregate(having: {min: [{of: "no such", gt: 1}]}) { count }',
        'keylessAggregate(having: {sum: [{of: "name", gt: 1}]}) { count }',
        'keylessAggregate(having: {min: [{of: "size", contains: "1"}]}) { count }',
        'keylessAggregate(having: {sum: [{of: "size", gt: "many"}]}) { count }',
        'keylessAggregate(having: {sum: [{of: "size", in: [1, "many"]}]}) { count }',
        'keylessAggregate(having: {max: [{of: "size", gt: "1"}]}) { count }',
        'keylessAggregate(having: {max: [{of: "size", gt: 1.5}]}) { count }',
        'keylessAggregate(having: {max: [{of: "name", gt: 1}]}) { count }',
        'everythingAggregate(having: {max: [{of: "day", gt: "2026-02-30"}]}) { count }',
        'everythingAggregate(having: {max: [{of: "double", gt: 1e999}]}) { count }',
        'everythingAggregate(having: {max: [{of: "flag", eq: 1}]}) { count }',
        "keylessAggregate(having: {sum: null}) { count }",
    ],
)
async def test_what_names_no_fitting_field_is_refused(engine: Engine, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        await _groups(engine, field)

    assert refused.value.code == "BAD_REQUEST"


async def test_groups_are_kept_by_any_figure_of_a_field(engine: Engine) -> None:
    shown = await _groups(
        engine,
        'keylessAggregate(groupBy: ["name"], having: {sum: [{of: "size", gte: "2"}, {of: "size", lt: 3}],'
        ' avg: {of: "size", lte: 1.00}, countDistinct: {of: "size", eq: 1}, max: {of: "name", startsWith: "b"}})'
        ' { key(of: "name") sum(of: "size") }',
    )

    assert shown == [{"key": "b", "sum": "2"}]


@pytest.mark.parametrize(
    ("of", "comparison", "is_kept"),
    [
        ("number", "gt: 3", True),
        ("number", "gt: 4", False),
        ("big", 'eq: "9007199254740993"', True),
        ("big", "eq: 9007199254740993", True),
        ("double", "eq: 0.5", True),
        ("double", "gte: 1", False),
        ("real", "in: [1e30]", True),
        ("exact", "eq: 12.340", True),
        ("exact", "gt: 12.339999999999999999999999999999", True),
        ("exact", "gt: 12.340000000000000000000000000001", False),
        ("day", 'lt: "2020-03-01"', True),
        ("moment", 'eq: "2020-01-01T08:00:00+08:00"', True),
        ("localMoment", 'gte: "2024-02-29T23:59:01"', False),
        ("identifier", 'eq: "c0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"', True),
        ("network", 'like: "10.%"', False),
        ("short", 'search: "PLAIN"', True),
        ("short", "isNull: false", True),
        ("short", "eq: null", False),
    ],
)
async def test_a_greatest_value_compares_as_values_of_its_field_do(
    engine: Engine, of: str, comparison: str, *, is_kept: bool
) -> None:
    shown = await _groups(engine, f'everythingAggregate(having: {{max: {{of: "{of}", {comparison}}}}}) {{ count }}')

    assert shown == ([{"count": 4}] if is_kept else [])


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
    ("head", "having"),
    [
        ("$having: TableGroupHaving", "$having"),
        ("$of: String!, $gt: ColumnValue", "{min: [{of: $of, gt: $gt}]}"),
        ("$conditions: [ColumnCondition!]", "{min: $conditions}"),
        ("$condition: ColumnCondition!", "{min: [$condition]}"),
    ],
)
async def test_variables_of_conditions_name_fields_and_share_plans(engine: Engine, head: str, having: str) -> None:
    document = f"query({head}) {{ pool {{ education {{ it: keylessAggregate(having: {having}) {{ count }} }} }} }}"
    plans: list[object] = []

    for of, value, groups in (("name", "A", [{"count": 7}]), ("size", 1, []), ("size", -1, [{"count": 7}])):
        condition = {"of": of, "gt": value}
        sent = {"having": {"min": [condition]}, "conditions": [condition], "condition": condition, **condition}
        shown = await engine.show(_EDUCATION, document, {name: sent[name] for name in sent if f"${name}:" in head})
        assert shown.data == {"pool": {"education": {"it": groups}}}
        plans.append(shown.prepared.plan)

    assert plans[0] is not plans[1]
    assert plans[1] is plans[2]


async def test_conditions_of_one_document_are_bounded(engine: Engine) -> None:
    many = ", ".join('{of: "size", gt: 1}' for _ in range(401))

    with pytest.raises(Refusal) as refused:
        await _groups(engine, f"keylessAggregate(having: {{sum: [{many}]}}) {{ count }}")

    assert refused.value.code == "QUERY_TOO_COSTLY"


@pytest.mark.parametrize(
    "field",
    [
        'halfOpenAggregate { countDistinct(of: "%s") }',
        'halfOpenAggregate(having: {min: [{of: "%s", startsWith: "k"}]}) { count }',
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


@pytest.mark.parametrize("asked", ['{ max(of: "name") }', '(having: {max: {of: "name", gt: "a"}}) { count }'])
async def test_figures_of_what_one_may_not_take_together_are_refused(engine: Engine, asked: str) -> None:
    town = Principal("town-330784105", ())

    shown = await engine.show(town, _ASK % f"keylessAggregate{asked}")

    assert shown.data == {"pool": {"education": {"keylessAggregate": None}}}
    assert shown.denied
    assert not shown.prepared.plan.statements


@pytest.mark.parametrize(
    ("asked", "column"),
    [
        ('(having: {countDistinct: {of: "reason", gt: 1}})', "reason"),
        ('(having: {sum: [{of: "amount", gt: 1}], min: [{of: "phone", startsWith: "138"}]})', "phone"),
        ('(groupBy: ["reason"])', "reason"),
        ('(orderBy: [{max: {of: "phone", direction: ASC}}])', "phone"),
    ],
)
async def test_a_refused_column_anywhere_refuses_the_aggregate(engine: Engine, asked: str, column: str) -> None:
    shown = await engine.show(Principal("taxation", ()), _ASK % f"grantsAggregate{asked} {{ count }}")

    assert shown.data == {"pool": {"education": {"grantsAggregate": None}}}
    assert shown.denied == {(f"EducationGrant.{column}", "pool.education.grantsAggregate")}
    assert not shown.prepared.plan.statements


async def test_columns_of_conditions_are_on_record_with_the_rights_they_need(engine: Engine) -> None:
    having = '{sum: {of: "amount", gt: 1}, max: {of: "reason", like: "f%"}}'

    prepared = await engine.prepare(_EDUCATION, _ASK % f"grantsAggregate(having: {having}) {{ count }}")

    assert rights_used(prepared, "EducationGrant") == [
        ("EducationGrant.amount", "aggregate", "used"),
        ("EducationGrant.reason", "aggregate", "used"),
        ("EducationGrant.reason", "read", "used"),
    ]


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
