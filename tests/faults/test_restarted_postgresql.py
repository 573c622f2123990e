"""PostgreSQL crashing under load: what was acknowledged is there, what was not was refused, and writing goes on."""

import asyncio
import random
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from api.cluster import Cluster, running, stop
from api.embedded import embedded_cluster
from migrations.runner import migrate
from tests.faults.log_writer import is_whole, write_records

_CRASHES = 4


def crash_and_restart(cluster: Cluster) -> None:
    """Stops the server as a power failure would, without a checkpoint, and starts it again."""
    stop(cluster, mode="immediate")
    with running(cluster):
        pass


@pytest.mark.slow
async def test_a_crash_of_postgresql_loses_no_acknowledged_record(tmp_path: Path) -> None:
    acknowledged: list[UUID] = []
    embedded = embedded_cluster(tmp_path)
    settings = {**embedded.settings, "fsync": "on", "shared_buffers": "64MB"}
    with running(Cluster(embedded.binaries, embedded.data, settings)) as cluster:
        url = cluster.url("postgres")
        connection = await asyncpg.connect(url)
        await migrate(connection)
        await connection.close()
        is_over = asyncio.Event()

        async with asyncpg.create_pool(url, min_size=1, max_size=4) as pool:
            writing = [asyncio.create_task(write_records(pool, acknowledged.append, is_over)) for _ in range(2)]
            written_before: list[int] = []
            for _ in range(_CRASHES):
                await asyncio.sleep(random.uniform(0.1, 0.5))
                written_before.append(len(acknowledged))
                await asyncio.to_thread(crash_and_restart, cluster)
            await asyncio.sleep(0.5)
            written_before.append(len(acknowledged))
            is_over.set()
            await asyncio.gather(*writing)
            rows = {row["id"]: dict(row) for row in await pool.fetch("select * from log.record")}

    assert written_before == sorted(set(written_before)), "after every crash writing goes on"
    assert len(set(acknowledged)) == len(acknowledged)
    assert [operation_id for operation_id in acknowledged if operation_id not in rows] == []
    assert [operation_id for operation_id, row in rows.items() if not is_whole(row)] == []
