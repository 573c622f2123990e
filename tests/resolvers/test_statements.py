"""What the SQL of any plan may mention: nothing denied, nothing masked but in its mask, rows only in their scope."""

import re
from collections.abc import Mapping

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.decision import Effect, Right
from policies.law import Law
from policies.masks import mask_sql
from policies.principal import PUBLIC, Principal
from resolvers.plan import Setting
from schema.graph import Field, Graph, Node
from tests.resolvers.asking import Engine
from tests.resolvers.comparing import NOT_COMPARED, PRINCIPALS
from tests.resolvers.drawn_documents import documents
from tests.resolvers.drawn_inputs import Inputs

_EDUCATION = Principal("education", ())
_TOWN = Principal("town-330784105", ())
_PATIENT = [HealthCheck.too_slow, HealthCheck.data_too_large]


async def _statements(engine: Engine, principal: Principal, document: str, variables: Mapping[str, object]) -> str:
    prepared = await engine.prepare(principal, document, variables)
    return "\n".join(statement.sql for statement in prepared.plan.statements)


def _node_by_alias(graph: Graph, sql: str) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for node in graph.nodes.values():
        for alias in re.findall(r"(?:from|left join) " + re.escape(f"{node.relation} as ") + r"(t[0-9]+)\b", sql):
            found[alias] = node
    assert set(re.findall(r"\b(t[0-9]+)\.", sql)) - set(re.findall(r"\) as (t[0-9]+) on true", sql)) <= set(found)
    return found


def _without_masks(law: Law, principal: Principal, field: Field, column: str, sql: str) -> str:
    """The text with every masked use of a column taken out."""
    decision = law.decide(principal, field, Right.READ)
    if decision.effect is not Effect.MASKED:
        return sql
    return sql.replace(f"({mask_sql(str(decision.mask), column, field.sql_type)})", "")


def _unlawful(setting: Setting, principal: Principal, sql: str) -> list[str]:
    """The columns that the text mentions in the clear without a right to read or to filter by them."""
    law, found = setting.law, []
    scope = law.scope(principal)
    for alias, node in _node_by_alias(setting.graph, sql).items():
        for field in node.fields.values():
            column = f"{alias}.{field.column}"
            is_clear = law.decide(principal, field, Right.READ).effect is Effect.CLEAR
            is_used = law.decide(principal, field, Right.FILTER).effect is Effect.CLEAR
            is_scope = scope.division is not None and field.column == node.division
            if is_clear or is_used or is_scope or field.column in node.key_columns:
                continue
            rest = _without_masks(law, principal, field, column, sql)
            if re.search(re.escape(column) + r"(?![A-Za-z0-9_])", rest):
                found.append(column)
    return found


@settings(max_examples=settings().max_examples * 2, suppress_health_check=_PATIENT)
@given(data=st.data())
async def test_no_statement_mentions_a_column_without_a_right_to_it(
    engine: Engine, drawn_inputs: Inputs, data: st.DataObject
) -> None:
    principal = data.draw(st.sampled_from(PRINCIPALS))
    setting = (await engine.view()).preparer(principal).setting
    document = data.draw(documents(setting.schema, drawn_inputs, NOT_COMPARED))

    sql = await _statements(engine, principal, document.text, document.variables)

    assert _unlawful(setting, principal, sql) == []


@settings(max_examples=settings().max_examples, suppress_health_check=_PATIENT)
@given(data=st.data())
async def test_every_relation_is_read_through_the_offices_scope(
    engine: Engine, drawn_inputs: Inputs, data: st.DataObject
) -> None:
    setting = (await engine.view()).departments.setting
    document = data.draw(documents(setting.schema, drawn_inputs, NOT_COMPARED))

    sql = await _statements(engine, _TOWN, document.text, document.variables)

    for alias, node in _node_by_alias(setting.graph, sql).items():
        if not node.is_metadata:
            if node.division:
                assert f"{alias}.{node.division} = $" in sql
            else:
                assert re.search(rf" as {alias} (?:where|on) [^()]*\bfalse\b", sql)


@settings(max_examples=settings().max_examples, suppress_health_check=_PATIENT)
@given(data=st.data())
async def test_every_catalog_relation_is_read_as_the_public_may_know_it(
    engine: Engine, drawn_inputs: Inputs, data: st.DataObject
) -> None:
    setting = (await engine.view()).public.setting
    document = data.draw(documents(setting.schema, drawn_inputs, NOT_COMPARED))

    sql = await _statements(engine, PUBLIC, document.text, document.variables)

    for alias, node in _node_by_alias(setting.graph, sql).items():
        if node.audiences:
            assert node.audiences["public"].format(row=alias) in sql


async def test_the_clear_value_of_a_masked_field_is_only_in_its_mask(engine: Engine) -> None:
    sql = await _statements(engine, _EDUCATION, "{ people { nodes { name phone birthDate } } }", {})

    assert mask_sql("person-name", 't1."name"', "text") in sql
    assert 't1."phone"' not in sql
    assert sql.count('t1."name"') == mask_sql("person-name", 't1."name"', "text").count('t1."name"')


async def test_the_key_of_a_node_shown_is_selected_for_its_record_alone(engine: Engine) -> None:
    shown = await engine.show(_EDUCATION, "{ people(first: 3) { nodes { citizenId } } }")

    assert "as t1" in shown.prepared.plan.statements[0].sql
    assert isinstance(shown.data, dict)
    assert all("*" in node["citizenId"] for node in shown.data["people"]["nodes"])
