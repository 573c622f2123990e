"""The measurement of the log is itself true: what it counts is in the log."""

import asyncpg

from tests.audit.records import count_records
from tests.bench.access_log import LARGE_KEYS, SMALL_KEYS, Load, measure


async def test_the_measured_records_are_in_the_log(database_url: str, connection: asyncpg.Connection) -> None:
    loads = (Load(8, SMALL_KEYS), Load(8, SMALL_KEYS, plans_differ=True), Load(2, LARGE_KEYS))

    figures = [await measure(database_url, load, 0.2) for load in loads]

    assert all(figure.records_per_s > 0 and figure.p50_ms <= figure.p99_ms for figure in figures)
    assert await count_records(connection) == sum(figure.records for figure in figures)
