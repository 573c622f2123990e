"""In charge of what a very large answer costs: rows, size, time, and the server's memory above its idle.

Run as `python -m tests.bench.large` it asks a server over the loaded county for 1,000,000 rows in one document: as 200
pages of 5,000 rows, and as pages of enterprises with what they are linked to. The answer is read as it comes, and held
against the digest in its record.
"""

import asyncio
import hashlib
import http.client
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import orjson

from api.config import Settings
from api.preparing import connected
from api.tokens import Claims, demo_token
from tests.bench.servers.server import Program, Server, running, usage
from tests.bench.site import Site, bench_folder, embedded_site
from tests.bench.targets import yishu

_PAGES, _PAGE = 200, 5_000
_LINKED_PAGES, _LINKED = 40, 200
_TOKEN_LIFETIME_S, _TIMEOUT_S = 3600, 600
_SAMPLE_EVERY_S = 0.01
_CHUNK_BYTES = 1 << 16
_STARTS = """
select credit_code from (
    select credit_code, row_number() over (order by credit_code) as place
      from pool_market_regulation.enterprise) as placed
 where place % $1 = 1 order by credit_code"""
_RECORDED = "select shown, encode(response_digest, 'hex') as digest from log.record where id = $1"
_FLAT = "nodes { creditCode name status registeredCapital establishedOn industryCode }"
_DEEP = "nodes { creditCode name licences(first: %d) { nodes { number status } } projects { nodes { code } } }"
_LIMITS = {"YISHU_ROWS_LIMIT": "100000000", "YISHU_COST_LIMIT": "1000000000"}


@dataclass(frozen=True, slots=True)
class Taken:
    """An answer as it was read: how much and how fast, its digest, and the id of its record."""

    size_bytes: int
    first_s: float
    whole_s: float
    digest: str
    operation_id: str


@dataclass(slots=True)
class Watched:
    """The memory of a server while something happened."""

    before_bytes: int
    peak_bytes: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def above_bytes(self) -> int:
        """The most there was above what there was before."""
        return self.peak_bytes - self.before_bytes


def paged(starts: Sequence[str], pages: int, page: int, selection: str) -> str:
    """A document of so many pages, from these keys on, again and again."""
    asked = (
        f'p{number}: enterprises(first: {page}, where: {{creditCode: {{gte: "{starts[number % len(starts)]}"}}}},'
        f" orderBy: [{{creditCode: ASC}}]) {{ {selection} }}"
        for number in range(pages)
    )
    return f"{{ {' '.join(asked)} }}"


def take(server: Server, token: str, document: str) -> Taken:
    """Asks and reads the answer as it comes, without keeping it."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_TIMEOUT_S)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    digest, size_bytes, started = hashlib.sha256(), 0, time.perf_counter()
    connection.request("POST", "/graphql", orjson.dumps({"query": document}), headers)
    response = connection.getresponse()
    first_s = time.perf_counter() - started
    while chunk := response.read(_CHUNK_BYTES):
        digest.update(chunk)
        size_bytes += len(chunk)
    whole_s = time.perf_counter() - started
    connection.close()
    return Taken(size_bytes, first_s, whole_s, digest.hexdigest(), response.headers["x-operation-id"])


@contextmanager
def watched(pid: int) -> Iterator[Watched]:
    """The memory of a process and all below it, sampled while the block lasts."""
    seen = Watched(usage(pid).memory_bytes)

    def sample() -> None:
        while not seen.ended.wait(_SAMPLE_EVERY_S):
            seen.peak_bytes = max(seen.peak_bytes, usage(pid).memory_bytes)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield seen
    finally:
        seen.ended.set()
        thread.join()


def serving(site: Site) -> Program:
    """Our server with limits that admit so much."""
    program = yishu(site)
    return Program(program.name, program.command, {**program.environment, **_LIMITS}, program.path)


async def _run() -> None:
    async with embedded_site(bench_folder(), "county") as site, connected(site.url) as connection:
        starts = [row["credit_code"] for row in await connection.fetch(_STARTS, _PAGE)]
        documents = {
            "200 pages of 5,000": paged(starts[:-1], _PAGES, _PAGE, _FLAT),
            "pages with links": paged(starts[:-1], _LINKED_PAGES, _PAGE, _DEEP % _LINKED),
        }
        with (
            tempfile.TemporaryDirectory(prefix="yishu-bench-") as folder,
            running(serving(site), Path(folder)) as server,
        ):
            token = demo_token(
                Settings(home=site.home), Claims("market-regulation", (), "bench", "bench"), _TOKEN_LIFETIME_S
            )
            await asyncio.to_thread(take, server, token, paged(starts, 1, 20, _FLAT))
            for name, document in documents.items():
                for _ in range(2):
                    await _tell(connection, server, name, (token, document))


async def _tell(connection: asyncpg.Connection, server: Server, name: str, asked: tuple[str, str]) -> None:
    with watched(server.pid) as seen:
        taken = await asyncio.to_thread(take, server, *asked)
    record = await connection.fetchrow(_RECORDED, taken.operation_id)
    assert record is not None
    rows, is_recorded = record["shown"], record["digest"] == taken.digest
    sys.stdout.write(
        f"{name}: {rows:,} rows, {taken.size_bytes / 1e6:.0f} MB in {taken.whole_s:.1f} s (first byte after "
        f"{taken.first_s:.1f} s); at most {seen.above_bytes / 1e6:.1f} MB above the {seen.before_bytes / 1e6:.0f} MB "
        f"before; {'as recorded' if is_recorded else 'NOT AS RECORDED'}\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_run())
