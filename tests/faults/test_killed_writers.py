"""A writer killed at any moment: every record it acknowledged is in the log, and whatever is in the log is whole."""

import asyncio
import random
import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from tests.faults import log_writer
from tests.faults.log_writer import is_whole

_ROUNDS = 12
_WRITERS_AT_ONCE = 2
_TOP = Path(__file__).parents[2]


def start_writer(url: str, output: Path) -> subprocess.Popen[bytes]:
    """A process that writes records and names those acknowledged in the output file."""
    with output.open("wb") as stream:
        command = [sys.executable, "-m", log_writer.__name__, url]
        return subprocess.Popen(command, stdout=stream, cwd=_TOP)


def wait_for_output(outputs: list[Path]) -> None:
    """Returns once every writer has acknowledged something."""
    deadline = time.monotonic() + 20
    while not all(output.stat().st_size for output in outputs):
        assert time.monotonic() < deadline, "a writer acknowledges nothing"
        time.sleep(0.01)


def read_acknowledged(output: Path) -> list[UUID]:
    """The ids a killed writer has named in full."""
    lines = output.read_text().splitlines(keepends=True)
    return [UUID(line.strip()) for line in lines if line.endswith("\n")]


@pytest.mark.slow
async def test_no_acknowledged_record_is_lost_and_none_is_half_there(
    database_url: str, connection: asyncpg.Connection, tmp_path: Path
) -> None:
    acknowledged: list[UUID] = []
    for number in range(_ROUNDS):
        outputs = [tmp_path / f"{number}-{writer}" for writer in range(_WRITERS_AT_ONCE)]
        writers = [start_writer(database_url, output) for output in outputs]
        try:
            wait_for_output(outputs)
            await asyncio.sleep(random.uniform(0.0, 0.3))
        finally:
            for writer in writers:
                writer.kill()
                writer.wait()
        acknowledged.extend(operation_id for output in outputs for operation_id in read_acknowledged(output))

    rows = {row["id"]: dict(row) for row in await connection.fetch("select * from log.record")}
    plans = await connection.fetchval("select count(*) from log.plan where digest = sha256(content::text::bytea)")

    assert len(acknowledged) > 50 * _ROUNDS
    assert len(set(acknowledged)) == len(acknowledged)
    assert [operation_id for operation_id in acknowledged if operation_id not in rows] == []
    assert [operation_id for operation_id, row in rows.items() if not is_whole(row)] == []
    assert plans == 8
