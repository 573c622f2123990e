"""In charge of measuring the access log: durable records per second and how long one waits, on a server of its own.

Run as a program it measures four loads on a fresh embedded PostgreSQL with every durability setting on.
"""

import asyncio
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from statistics import quantiles

import asyncpg
import uvloop

from api.cluster import running
from api.embedded import embedded_cluster
from audit.identifiers import OperationIds
from audit.log import AccessLog
from audit.record import PlanContent, Record, State
from migrations.runner import migrate

SMALL_KEYS = b'[["91330784MA28K00011"]]'
LARGE_KEYS = json.dumps([[f"{number:018}" for number in range(4_500)]], separators=(",", ":")).encode()
_FIELDS = 9


@dataclass(frozen=True, slots=True)
class Load:
    """How many callers append at once, with which keys, each under a new plan or all under one."""

    writers: int
    keys: bytes
    plans_differ: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """What a load came to: durable records, and the wait of one append."""

    records: int
    records_per_s: float
    p50_ms: float
    p99_ms: float


def plan_of(number: int) -> PlanContent:
    """A plan of nine fields; another one for another number."""
    fields = [
        {
            "path": f"enterprises.nodes.f{field}",
            "coordinate": f"Enterprise.f{field}",
            "use": "shown",
            "right": "read",
            "effect": "clear",
            "rule": "p, department:education, Enterprise.*, read, allow",
        }
        for field in range(_FIELDS)
    ]
    nodes = [{"path": "enterprises.nodes", "type": "Enterprise", "fields": fields}]
    content = json.dumps({"document": f"query Q{number} {{ … }}", "operation": None, "nodes": nodes}).encode()
    return PlanContent(sha256(content).digest(), content)


async def measure(url: str, load: Load, seconds: float) -> Figures:
    """Appends for so long with one log, as one worker does."""
    async with asyncpg.create_pool(url, min_size=1, max_size=2) as pool:
        row = await pool.fetchrow("select policy_version, graph_version, data_epoch from platform.state")
        assert row is not None
        state, log, ids, plan = State(*row), AccessLog(pool), OperationIds(), plan_of(0)
        waits_ms: list[float] = []

        async def write() -> None:
            while time.perf_counter() < deadline:
                record = Record(
                    id=ids.next(),
                    at=datetime.now(UTC),
                    department="education",
                    application="schools",
                    actor="wang",
                    roles=("reader",),
                    purpose=b'{"code":"enrolment"}',
                    plan=plan_of(len(waits_ms)) if load.plans_differ else plan,
                    document=None,
                    operation_name=None,
                    variables=b'{"creditCode":"91330784MA28K00011"}',
                    state=state,
                    keys=load.keys,
                    shown=1,
                    response_digest=bytes(32),
                    outcome="ok",
                    error_codes=(),
                    elapsed_us=1_000,
                )
                started = time.perf_counter()
                await log.append(record, must_match=True)
                waits_ms.append((time.perf_counter() - started) * 1_000)

        deadline = time.perf_counter() + seconds
        await asyncio.gather(*(write() for _ in range(load.writers)))
        await log.close()
    cuts = quantiles(waits_ms, n=100)
    return Figures(len(waits_ms), len(waits_ms) / seconds, cuts[49], cuts[98])


async def _measure_all(url: str, seconds: float) -> None:
    connection = await asyncpg.connect(url)
    await migrate(connection)
    await connection.close()
    loads = {
        "1 writer": Load(1, SMALL_KEYS),
        "32 writers": Load(32, SMALL_KEYS),
        "32 writers, each record a new plan": Load(32, SMALL_KEYS, plans_differ=True),
        f"8 writers, {len(LARGE_KEYS):,} bytes of keys": Load(8, LARGE_KEYS),
    }
    for title, load in loads.items():
        figures = await measure(url, load, seconds)
        sys.stdout.write(
            f"{title:40}{figures.records_per_s:10,.0f} records/s   p50 {figures.p50_ms:.2f} ms"
            f"   p99 {figures.p99_ms:.2f} ms\n"
        )


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory(prefix="yishu-bench-") as folder,
        running(embedded_cluster(Path(folder))) as cluster,
    ):
        uvloop.run(_measure_all(cluster.url("postgres"), float(sys.argv[1]) if len(sys.argv) > 1 else 5.0))
