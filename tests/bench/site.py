"""In charge of the data under the servers: one embedded PostgreSQL with the sample county, loaded once and kept.

Every run begins with an empty access log: this database is the benchmark's own and keeps no record anybody needs.
"""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil

from api.commands.sample import load_with_bar
from api.config import Settings
from api.database import available_database
from api.preparing import bring_up, connected
from pool.batch import Collection, collect
from pool.progress import SilentProgress
from pool.sample.load import is_loaded
from pool.sources.source import SourceColumn, SourceTable
from tests.pool.memory import MemorySource

_EMPTY_LOG = """
begin;
set local session_replication_role = replica;
truncate log.record, log.key_part, log.plan, log.recent, log.key_block cascade;
drop schema if exists naive cascade;
commit"""
_WIDTH = 60
_WIDE_ROWS = 10_000
_VALUES = {"text": "第%d号", "integer": "%d", "numeric": "%d.50", "date": "2024-05-%02d"}
_SETTLE = (
    "vacuum (analyze) pool_market_regulation.enterprise, pool_market_regulation.licence",
    "vacuum (analyze) pool_development_reform.project, pool_civil_affairs.division",
    "checkpoint",
)


@dataclass(frozen=True, slots=True)
class Site:
    """Where things are: the platform's home, a folder for what is installed and said, the database."""

    home: Path
    folder: Path
    url: str
    postmaster: int | None
    is_embedded: bool

    @property
    def platform(self) -> Mapping[str, str]:
        """The environment of our own server."""
        own = {"YISHU_HOME": str(self.home), "YISHU_LOG_LEVEL": "warning"}
        return own if self.is_embedded else {**own, "YISHU_DATABASE_URL": self.url}

    @property
    def database(self) -> Mapping[str, str]:
        """The environment of a baseline."""
        return {"BENCH_DATABASE_URL": self.url}


def bench_folder() -> Path:
    """Where the benchmark keeps its databases and what it installs."""
    return Path(os.environ.get("YISHU_HOME") or ".yishu").resolve() / "bench"


@asynccontextmanager
async def embedded_site(folder: Path, scale: str) -> AsyncIterator[Site]:
    """The site with the sample at this scale, running while the block lasts; loads it on first use."""
    home = folder / scale
    async with filled(home, scale) as url, connected(url) as connection:
        await add_wide_table(connection)
        await connection.execute(_EMPTY_LOG)
        for statement in _SETTLE:
            await connection.execute(statement)
        yield Site(home, folder, url, await postmaster_of(connection), is_embedded=True)


@asynccontextmanager
async def filled(home: Path, scale: str) -> AsyncIterator[str]:
    """The address of the home's embedded database, with the sample at this scale; loaded on first use."""
    async with available_database(Settings(home=home)) as url:
        async with connected(url) as connection:
            await bring_up(connection)
            if not await is_loaded(connection, scale):
                await load_with_bar(connection, scale)
        yield url


async def add_wide_table(connection: asyncpg.Connection) -> None:
    """Takes in a table of 60 columns, which the sample has not, unless it is there."""
    if await connection.fetchval("select to_regclass('pool_market_regulation.bench_wide') is not null"):
        return
    kinds = ("text", "integer", "numeric", "date")
    columns = [SourceColumn(f"c{number:02}", kinds[number % len(kinds)]) for number in range(1, _WIDTH)]
    rows = [
        "\t".join([f"{number * 10**4:08}", *(_VALUES[each.sql_type] % (number % 28 + 1) for each in columns)])
        for number in range(_WIDE_ROWS)
    ]
    table = SourceTable("bench_wide", (SourceColumn("code", "text", required=True), *columns), ("code",))
    await collect(connection, Collection("market-regulation", MemorySource({table: rows})), SilentProgress())
    await connection.execute("analyze pool_market_regulation.bench_wide")


async def postmaster_of(connection: asyncpg.Connection) -> int | None:
    """The process above the connection's backend, if it runs on this machine."""
    backend: int = await connection.fetchval("select pg_backend_pid()")
    try:
        parent = psutil.Process(backend).parent()
    except psutil.NoSuchProcess:
        return None
    return None if parent is None else parent.pid
