"""In charge of the platform under which one factor after another is made ten times as large.

A fresh embedded PostgreSQL with the small sample and every durability setting on, and the server's own service over it,
asked in this process: no client and no HTTP are in the figures.
"""

import itertools
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import asyncpg

from api.app import Backend
from api.config import Settings
from api.preparing import connected
from api.question import Question, Service
from api.serving import open_backend
from policies.principal import Principal
from pool.batch import Collection, collect
from pool.progress import SilentProgress
from pool.sources.source import SourceColumn, SourceTable
from tests.bench.site import filled
from tests.pool.memory import MemorySource

OWNER = "education"
_COLUMNS = (
    SourceColumn("code", "text", required=True),
    SourceColumn("town", "text"),
    SourceColumn("size", "integer"),
    SourceColumn("day", "date"),
)


class Refused(Exception):
    """A question of the benchmark was not answered whole."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked: a document, as whom, and each time's variables; they differ, or answers would be kept ones."""

    document: str
    variables: Callable[[int], Mapping[str, object]] = lambda number: {}
    principals: Sequence[Principal] = (Principal(OWNER, ()),)
    is_cold: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """The service and a connection of somebody who changes things."""

    service: Service
    connection: asyncpg.Connection
    _numbers: Iterable[int] = field(default_factory=itertools.count)

    async def milliseconds(self, asking: Asking, times: int) -> float:
        """The median of an answer's time, each asked of the next principal; before it each was asked once."""
        if not asking.is_cold:
            for principal in asking.principals:
                await self._time(asking, principal)
        principals = itertools.cycle(asking.principals)
        return median([await self._time(asking, next(principals)) for _ in range(times)])

    async def collect(self, tables: Mapping[str, int]) -> None:
        """Takes in tables of so many rows each."""
        contents = {SourceTable(name, _COLUMNS, ("code",)): _rows(count) for name, count in tables.items()}
        await collect(self.connection, Collection(OWNER, MemorySource(contents)), SilentProgress())
        await self.connection.execute("analyze")

    async def batch(self, statement: str, *, graph_moved: bool = False) -> None:
        """Runs a statement as a batch."""
        async with self.connection.transaction():
            await self.connection.execute("select platform.begin_batch()")
            await self.connection.execute(statement)
            await self.connection.execute("select platform.end_batch('catalog', graph_moved => $1)", graph_moved)

    async def _time(self, asking: Asking, principal: Principal) -> float:
        number = next(iter(self._numbers))
        document = f"{asking.document}\n# {number}" if asking.is_cold else asking.document
        question = Question(document, None, asking.variables(number), principal, None, allows_mutation=False)
        started = time.perf_counter()
        answer = await self.service.answer(question)
        taken = time.perf_counter() - started
        if answer.code is not None or b'"errors"' in answer.body[:20]:
            raise Refused(answer.body[:500].decode(errors="replace"))
        return taken * 1000


def _rows(count: int) -> list[str]:
    return [f"{number:08}\t{number % 14}\t{number % 1000}\t2024-{number % 12 + 1:02}-01" for number in range(count)]


@asynccontextmanager
async def open_ground() -> AsyncIterator[Ground]:
    """The ground, with the small sample; gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="yishu-bench-") as folder:
        home = Path(folder)
        async with filled(home, "small") as url, connected(url) as connection, _backend(home, url) as backend:
            yield Ground(backend.service, connection)


@asynccontextmanager
async def ground_on(url: str, home: Path) -> AsyncIterator[Ground]:
    """The ground over a database that has the small sample."""
    async with connected(url) as connection, _backend(home, url) as backend:
        yield Ground(backend.service, connection)


@asynccontextmanager
async def _backend(home: Path, url: str) -> AsyncIterator[Backend]:
    async with open_backend(Settings(home=home, database_url=url)) as backend:
        yield backend
