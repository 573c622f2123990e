"""The log as it is read: one line per operation, and one per field and record."""

import asyncio
import json

import asyncpg
import pytest

from audit.log import AccessLog
from audit.record import State
from tests.audit.records import DENIED, SHOWN, USED, make_plan, make_record, plan_field

_LINES = """
select field_position, key_position, path, type, coordinate, use, "right", effect, rule, key
  from log.resolved_field where operation_id = $1 order by field_position, key_position"""


@pytest.mark.every_postgresql
async def test_a_record_expands_to_one_line_per_field_and_key(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    record = make_record(state, keys=b'[["A","B"],[["330784","1"]]]')
    await log.append(record, must_match=True)

    lines = [tuple(row) for row in await connection.fetch(_LINES, record.id)]

    name = ("enterprises.nodes.name", "Enterprise", "Enterprise.name", SHOWN, "read", "clear", "rule shown")
    status = ("enterprises.where.status", "Enterprise", "Enterprise.status", USED, "read", "clear", "rule used")
    phone = ("enterprises.nodes.phone", "Enterprise", "Enterprise.phone", DENIED, "read", "denied", "rule denied")
    number = ("enterprises.nodes.licences.nodes.number", "Licence", "Licence.number", SHOWN, "read", "clear")
    assert lines == [
        (1, 1, *name, "A"),
        (1, 2, *name, "B"),
        (2, 0, *status, None),
        (3, 1, *phone, "A"),
        (3, 2, *phone, "B"),
        (4, 1, *number, "rule shown", '["330784","1"]'),
    ]


async def test_without_keys_only_what_was_used_or_denied_has_a_line(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    empty, shorter = make_record(state, keys=b"[[],[]]", shown=0), make_record(state, keys=b"[]", shown=0)
    await log.append(empty, must_match=True)
    await log.append(shorter, must_match=True)

    for record in (empty, shorter):
        lines = await connection.fetch(_LINES, record.id)
        assert [(line["use"], line["key_position"], line["key"]) for line in lines] == [
            (USED, 0, None),
            (DENIED, 0, None),
        ]


async def test_every_line_has_its_own_key(log: AccessLog, connection: asyncpg.Connection, state: State) -> None:
    fields = [plan_field(f"a.f{number}", f"A.f{number}", SHOWN) for number in range(7)]
    plan = make_plan(nodes=[{"path": "a", "type": "A", "fields": fields}, {"path": "b", "type": "A", "fields": fields}])
    keys = json.dumps([["1", "1", "2"], ["1", None]]).encode()
    await asyncio.gather(*(log.append(make_record(state, plan=plan, keys=keys), must_match=True) for _ in range(3)))

    counts = await connection.fetchrow(
        "select count(*), count(distinct (operation_id, field_position, key_position)) from log.resolved_field"
    )

    assert counts is not None
    assert tuple(counts) == (3 * 7 * 5, 3 * 7 * 5)


async def test_an_operation_is_one_line_whatever_it_touched(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    record = make_record(state, response_digest=b"\xab" * 32)
    refused = make_record(state, plan=None, document="{", purpose=None, variables=None, operation_name=None)
    await log.append(record, must_match=True)
    await log.append(refused, must_match=True)

    rows = await connection.fetch("select * from log.operation order by operation_id")

    assert record.plan is not None
    assert {name: rows[0][name] for name in ("purpose_code", "legal_ground", "case_no", "document", "plan")} == {
        "purpose_code": "enrolment",
        "legal_ground": "Article 5",
        "case_no": "2026-1",
        "document": "{ enterprises { nodes { name } } }",
        "plan": record.plan.digest.hex(),
    }
    assert rows[0]["response_digest"] == "ab" * 32
    assert rows[0]["operation_id"] == record.id
    assert (rows[1]["document"], rows[1]["plan"], rows[1]["purpose_code"]) == ("{", None, None)
    assert await connection.fetch(_LINES, refused.id) == []


@pytest.mark.every_postgresql
async def test_one_operation_is_expanded_without_the_others(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    records = [make_record(state, plan=make_plan(f"query {number % 40}")) for number in range(2_000)]
    await asyncio.gather(*(log.append(record, must_match=True) for record in records))
    await connection.execute("analyze log.record, log.plan_field")

    rows_read = await _rows_read(
        connection, f"select * from log.resolved_field where operation_id = '{records[700].id}' order by field_position"
    )

    assert rows_read["log.record"] == 1


async def test_a_rare_coordinate_is_found_without_expanding_the_log(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    nodes = [{"path": "a", "type": "A", "fields": [plan_field("a.rare", "A.rare", SHOWN)]}]
    rare = make_record(state, plan=make_plan("query rare", nodes), keys=b'[["7"]]')
    records = [make_record(state, plan=make_plan(f"query {number % 1_000}")) for number in range(5_000)]
    await asyncio.gather(*(log.append(record, must_match=True) for record in [*records, rare]))
    await connection.execute("analyze log.record, log.plan_field")

    rows_read = await _rows_read(connection, "select * from log.resolved_field where coordinate = 'A.rare'")

    assert rows_read["log.record"] == 1


async def _rows_read(connection: asyncpg.Connection, query: str) -> dict[str, int]:
    """How many rows the query takes from each table of the log, by EXPLAIN ANALYZE."""
    plan = await connection.fetchval(f"explain (analyze, verbose, format json) {query}")
    rows_by_table: dict[str, int] = {}
    steps = [json.loads(plan)[0]["Plan"]]
    while steps:
        step = steps.pop()
        steps.extend(step.get("Plans", ()))
        if "Relation Name" in step:
            table = f"{step['Schema']}.{step['Relation Name']}"
            read = (step["Actual Rows"] + step.get("Rows Removed by Filter", 0)) * step["Actual Loops"]
            rows_by_table[table] = rows_by_table.get(table, 0) + round(read)
    return rows_by_table
