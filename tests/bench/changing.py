"""In charge of what thousands of tables cost: start, memory, introspection, and a change of one table.

Run as `python -m tests.bench.changing` it measures a server over the loaded county, beside one over an empty platform,
and leaves the county as it was.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import asyncpg
from graphql import get_introspection_query

from api.config import Settings
from api.database import available_database
from api.preparing import bring_up, connected
from api.tokens import Claims, demo_token
from pool.batch import Collection, collect
from pool.progress import SilentProgress
from pool.sources.source import SourceColumn, SourceTable
from tests.bench.asking import Asker, asking
from tests.bench.servers.server import Server, running, usage
from tests.bench.site import Site, bench_folder, embedded_site
from tests.bench.targets import yishu
from tests.pool.memory import MemorySource

_DEPARTMENT = "education"
_ROUNDS = 5
_TOKEN_LIFETIME_S = 3600
_ASKED = "{ pool { education { benchArrived(first: 1) { nodes { %s } } } } }"
_OTHER = "{ enterprises(first: 1) { nodes { creditCode } } }"
_DROP = """
select platform.begin_batch();
delete from catalog.resource where name = 'bench_arrived';
delete from catalog.entry where title = 'bench_arrived';
drop table if exists pool_education.bench_arrived;
select platform.end_batch('catalog', graph_moved => true)"""

_Act = Callable[[asyncpg.Connection], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happens to a table, and what is asked then; `seen` stands in the answer once it has happened."""

    name: str
    act: _Act
    asked: str
    seen: bytes


def _collecting(*columns: tuple[str, str]) -> _Act:
    async def act(connection: asyncpg.Connection) -> None:
        made = tuple(SourceColumn(name, kind) for name, kind in columns)
        source = MemorySource({SourceTable("bench_arrived", made, ("code",)): ["1" + "\t1" * (len(made) - 1)]})
        await collect(connection, Collection(_DEPARTMENT, source), SilentProgress())

    return act


async def _drop(connection: asyncpg.Connection) -> None:
    async with connection.transaction():
        await connection.execute(_DROP)


CHANGES = (
    Change("new table", _collecting(("code", "text"), ("size", "integer")), _ASKED % "size", b'"size":1'),
    Change(
        "new column",
        _collecting(("code", "text"), ("size", "integer"), ("more", "integer")),
        _ASKED % "more",
        b'"more":1',
    ),
    Change(
        "wider type",
        _collecting(("code", "text"), ("size", "bigint"), ("more", "integer")),
        _ASKED % "size",
        b'"size":"1"',
    ),
    Change("table dropped", _drop, _ASKED % "size", b"QUERY_INVALID"),
)


class NotSeen(Exception):
    """A change that is committed was not seen by the first question after it."""


async def measure(connection: asyncpg.Connection, asker: Asker, rounds: int) -> dict[str, tuple[float, float]]:
    """For each change the median milliseconds until the first answer that sees it, and of an ordinary one after it."""
    taken: dict[str, list[tuple[float, float]]] = {change.name: [] for change in CHANGES}
    await _drop(connection)
    for _ in range(rounds):
        for change in CHANGES:
            await change.act(connection)
            asked = await asyncio.to_thread(asker.ask, change.asked)
            if change.seen not in asked.body:
                raise NotSeen(f"{change.name}: {asked.body[:300].decode(errors='replace')}")
            other = await asyncio.to_thread(asker.ask, _OTHER)
            taken[change.name].append((asked.whole_ms, other.whole_ms))
    return {name: (median(one for one, _ in each), median(two for _, two in each)) for name, each in taken.items()}


async def _site_of(folder: Path) -> Site:
    """A platform without anything in it."""
    home = folder / "empty"
    async with available_database(Settings(home=home)) as url, connected(url) as connection:
        await bring_up(connection)
        return Site(home, folder, url, None, is_embedded=True)


def _started(site: Site, held: ExitStack, folder: Path) -> tuple[Server, float]:
    started = time.perf_counter()
    server = held.enter_context(running(yishu(site), folder))
    return server, time.perf_counter() - started


async def _run() -> None:
    async with embedded_site(bench_folder(), "county") as site, connected(site.url) as connection:
        with ExitStack() as held:
            folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="yishu-bench-")))
            empty, _ = await asyncio.to_thread(_started, await _site_of(bench_folder()), held, folder)
            server, start_s = await asyncio.to_thread(_started, site, held, folder)
            tables = await connection.fetchval("select count(*) from catalog.resource")
            _tell(f"{tables:,} tables: ready after {start_s:.1f} s, {_above(server, empty)}")
            claims = Claims(_DEPARTMENT, (), "bench", "bench")
            token = demo_token(Settings(home=site.home), claims, _TOKEN_LIFETIME_S)
            asker = held.enter_context(asking(server.port, token))
            await asyncio.to_thread(_introspect, asker)
            _tell(f"then {_above(server, empty)}")
            for name, (seen, other) in (await measure(connection, asker, _ROUNDS)).items():
                _tell(f"{name}: seen after {seen:.0f} ms; another question, prepared anew: {other:.1f} ms")
            _tell(f"at the end {_above(server, empty)}")


def _introspect(asker: Asker) -> None:
    first, *again = [asker.ask(get_introspection_query()) for _ in range(6)]
    whole, begun = (median(times) for times in zip(*((each.whole_ms, each.first_ms) for each in again), strict=True))
    _tell(
        f"introspection, {_mb(len(first.body))}: {first.whole_ms:,.0f} ms the first time, "
        f"then {whole:.0f} ms, its first byte after {begun:.0f} ms"
    )


def _above(server: Server, empty: Server) -> str:
    more = usage(server.pid).memory_bytes - usage(empty.pid).memory_bytes
    return f"{_mb(more)} above the server of an empty platform"


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.0f} MB"


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_run())
