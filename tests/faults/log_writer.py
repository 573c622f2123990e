"""In charge of writing records to the log under load and naming each on standard output once it was acknowledged.

Run as a program (with a database URL) it writes until it is killed. What a record says follows from its id, so that
whoever reads the log can tell a whole record from half of one.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import asyncpg

from audit.identifiers import OperationIds
from audit.log import AccessLog, LogUnavailable
from audit.record import PlanContent, Record, State

WRITERS = 16
_PLANS = 8


def record_of(operation_id: UUID, state: State) -> Record:
    """The record with this id: every part that may vary is made from the id."""
    number = operation_id.int % _PLANS
    nodes = [{"path": "people", "type": "Person", "fields": []}]
    content = json.dumps({"document": f"query {number}", "operation": None, "nodes": nodes}).encode()
    return Record(
        id=operation_id,
        at=datetime.now(UTC),
        department="education",
        application="",
        actor=str(operation_id),
        roles=(str(operation_id),),
        purpose=None,
        plan=PlanContent(sha256(content).digest(), content),
        document=None,
        operation_name=None,
        variables=json.dumps({"id": str(operation_id)}).encode(),
        state=state,
        keys=json.dumps([[str(operation_id)] * (operation_id.int % 500)]).encode(),
        shown=operation_id.int % 500,
        response_digest=sha256(operation_id.bytes).digest(),
        outcome="ok",
        error_codes=(),
        elapsed_us=1,
    )


def is_whole(row: Mapping[str, object]) -> bool:
    """Whether a row of log.record says all that the record with its id said."""
    operation_id = row["id"]
    assert isinstance(operation_id, UUID)
    record = record_of(operation_id, State(0, 0, 0))
    assert record.plan is not None
    assert record.variables is not None
    expected = {
        "actor": record.actor,
        "roles": list(record.roles),
        "plan": record.plan.digest,
        "variables": record.variables.decode(),
        "keys": record.keys.decode(),
        "shown": record.shown,
        "response_digest": record.response_digest,
    }
    return {name: row[name] for name in expected} == expected


async def write_records(pool: asyncpg.Pool, acknowledge: Callable[[UUID], None], is_over: asyncio.Event) -> None:
    """Writes with many writers until it is over, naming each record that is durable; what is refused is tried anew."""
    row = await pool.fetchrow("select policy_version, graph_version, data_epoch from platform.state")
    assert row is not None
    state = State(*row)
    log, ids = AccessLog(pool), OperationIds()

    async def write() -> None:
        while not is_over.is_set():
            record = record_of(ids.next(), state)
            try:
                returned = await log.append(record, must_match=True)
            except LogUnavailable:
                await asyncio.sleep(0.01)
                continue
            if returned == state:
                acknowledge(record.id)

    await asyncio.gather(*(write() for _ in range(WRITERS)))
    await log.close()


async def _write_until_killed(url: str) -> None:
    def acknowledge(operation_id: UUID) -> None:
        os.write(sys.stdout.fileno(), f"{operation_id}\n".encode())

    async with asyncpg.create_pool(url, min_size=1, max_size=2) as pool:
        await write_records(pool, acknowledge, asyncio.Event())


if __name__ == "__main__":
    asyncio.run(_write_until_killed(sys.argv[1]))
