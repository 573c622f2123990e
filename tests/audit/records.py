"""In charge of making records and plans for the tests of the log."""

import json
from datetime import UTC, datetime
from hashlib import sha256

import asyncpg
from msgspec.structs import replace

from audit.identifiers import OperationIds
from audit.log import AccessLog
from audit.record import PlanContent, Record, State

# As many records at once as somebody restores, each of one key, the same for every tenth.
_MANY = """
insert into log.record (id, at, department, application, actor, roles, plan, policy_version, graph_version, data_epoch,
                        keys, shown, outcome, error_codes, elapsed_us)
select id, now(), 'education', '', '', '{}', $2, 0, 0, 0, json_build_array(array['K' || place % $3]), 1, 'ok', '{}', 1
  from unnest($1::uuid[]) with ordinality as given(id, place)"""
SHOWN, USED, DENIED = "shown", "used", "denied"
_ids = OperationIds()


def plan_field(path: str, coordinate: str, use: str) -> dict[str, str]:
    """A field of a plan's node, clear unless denied."""
    effect = "denied" if use == DENIED else "clear"
    return {
        "path": path,
        "coordinate": coordinate,
        "use": use,
        "right": "read",
        "effect": effect,
        "rule": f"rule {use}",
    }


NODES = [
    {
        "path": "enterprises.nodes",
        "type": "Enterprise",
        "fields": [
            plan_field("enterprises.nodes.name", "Enterprise.name", SHOWN),
            plan_field("enterprises.where.status", "Enterprise.status", USED),
            plan_field("enterprises.nodes.phone", "Enterprise.phone", DENIED),
        ],
    },
    {
        "path": "enterprises.nodes.licences.nodes",
        "type": "Licence",
        "fields": [plan_field("enterprises.nodes.licences.nodes.number", "Licence.number", SHOWN)],
    },
]


def make_plan(document: str = "{ enterprises { nodes { name } } }", nodes: object = NODES) -> PlanContent:
    """A plan of two nodes with shown, used and denied fields."""
    content = json.dumps({"document": document, "operation": None, "nodes": nodes}, ensure_ascii=False).encode()
    return PlanContent(sha256(content).digest(), content)


def make_record(state: State, **changes: object) -> Record:
    """A record of one answered operation with a key at each of its plan's two nodes."""
    record = Record(
        id=_ids.next(),
        at=datetime.now(UTC),
        department="education",
        application="schools",
        actor="wang",
        roles=("auditor", "reader"),
        purpose=b'{"code":"enrolment","legalGround":"Article 5","caseNo":"2026-1"}',
        plan=make_plan(),
        document=None,
        operation_name="List",
        variables=b'{"first":2.50}',
        state=state,
        keys=b'[["91330784MA28K00011"],[["330784","A-1"]]]',
        shown=2,
        response_digest=bytes(32),
        outcome="ok",
        error_codes=(),
        elapsed_us=1500,
    )
    return replace(record, **changes)


async def current_state(connection: asyncpg.Connection) -> State:
    """What the platform's state row says now."""
    row = await connection.fetchrow("select policy_version, graph_version, data_epoch from platform.state")
    assert row is not None
    return State(*row)


async def count_records(connection: asyncpg.Connection) -> int:
    """How many records the log holds."""
    count = await connection.fetchval("select count(*) from log.record")
    assert isinstance(count, int)
    return count


async def append_many(connection: asyncpg.Connection, log: AccessLog, state: State, count: int, keys: int) -> None:
    """So many records with one key each, of so many different ones, `K0` and so on, by turns."""
    plan = make_plan()
    await log.append(make_record(state, plan=plan), must_match=True)
    await connection.execute(_MANY, [_ids.next() for _ in range(count)], plan.digest, keys)


async def count_waiting(connection: asyncpg.Connection) -> int:
    """How many records are in no block of keys yet."""
    return int(await connection.fetchval("select coalesce(sum(cardinality(records)), 0) from log.recent"))
