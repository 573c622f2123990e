"""In charge of the databases tests run on: one PostgreSQL a session, one migrated template, one fresh copy a test."""

import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from hypothesis import settings

from api.cluster import Cluster, running
from api.embedded import SERVER_SETTINGS, embedded_cluster
from migrations.runner import OLDEST_POSTGRESQL, migrate
from policies.store import ensure_default
from pool.progress import SilentProgress
from pool.sample.load import load_sample

_EMBEDDED = "embedded"
_OLDEST = f"postgresql-{OLDEST_POSTGRESQL}"
# Nothing outlives the session, so nothing needs to reach the disk. Durability against killed processes is untouched.
_TEST_SETTINGS = {**SERVER_SETTINGS, "fsync": "off", "full_page_writes": "off", "shared_buffers": "256MB"}
_CREATE = "create database {name} template template0 encoding 'UTF8' locale 'C'"
_CLONE = "create database {name} template {template} strategy file_copy"
_numbers = itertools.count(1)

# The suite draws the same examples every time. `--hypothesis-profile=thorough` draws many more, anew each time.
settings.register_profile("suite", derandomize=True, database=None, deadline=None)
settings.register_profile("thorough", max_examples=1_000, deadline=None)
settings.load_profile("suite")


@dataclass(slots=True)
class TestServer:
    """A running PostgreSQL with template databases: a migrated one, and one with the sample as soon as a test asks."""

    __test__ = False
    cluster: Cluster
    template: str
    sample: str | None = None
    shared_sample: str | None = None

    async def execute(self, sql: str, database: str = "postgres") -> None:
        """Runs one statement on a connection of its own."""
        connection = await asyncpg.connect(self.cluster.url(database))
        try:
            await connection.execute(sql)
        finally:
            await connection.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked every_postgresql run on the embedded PostgreSQL and on the oldest supported one."""
    if metafunc.definition.get_closest_marker("every_postgresql") and "postgresql" in metafunc.fixturenames:
        metafunc.parametrize("postgresql", [_EMBEDDED, _OLDEST], indirect=True)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder in which an embedded PostgreSQL may run; pytest closes its own ones to the server's user."""
    with tempfile.TemporaryDirectory(prefix="yishu-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def embedded_postgresql() -> Iterator[Cluster]:
    """The embedded PostgreSQL, running, with a data directory of this session."""
    with tempfile.TemporaryDirectory(prefix="yishu-") as folder:
        cluster = embedded_cluster(Path(folder))
        with running(Cluster(cluster.binaries, cluster.data, _TEST_SETTINGS)) as started:
            yield started


@pytest.fixture(scope="session")
def oldest_postgresql() -> Iterator[Cluster]:
    """The oldest supported PostgreSQL, running, if the system has it."""
    binaries = _find_binaries(OLDEST_POSTGRESQL)
    if binaries is None:
        pytest.skip(f"no PostgreSQL {OLDEST_POSTGRESQL} installed on this system")
    with (
        tempfile.TemporaryDirectory(prefix="yishu-") as folder,
        running(Cluster(binaries, Path(folder) / "postgres", _TEST_SETTINGS)) as cluster,
    ):
        yield cluster


def _find_binaries(major: int) -> Path | None:
    """Where Debian, Red Hat and Homebrew put a PostgreSQL of this major version."""
    names = ("/usr/lib/postgresql/{}/bin", "/usr/pgsql-{}/bin", "/opt/homebrew/opt/postgresql@{}/bin")
    places = (Path(name.format(major)) for name in names)
    return next((place for place in places if (place / "initdb").exists()), None)


@pytest.fixture(scope="session")
async def _servers() -> dict[str, TestServer]:
    return {}


@pytest.fixture
async def postgresql(request: pytest.FixtureRequest, _servers: dict[str, TestServer]) -> TestServer:
    """The server this test runs on; its template database is migrated."""
    kind = getattr(request, "param", _EMBEDDED)
    if kind not in _servers:
        cluster = request.getfixturevalue("embedded_postgresql" if kind == _EMBEDDED else "oldest_postgresql")
        _servers[kind] = await _with_template(cluster)
    return _servers[kind]


async def _with_template(cluster: Cluster) -> TestServer:
    server = TestServer(cluster, "migrated")
    await server.execute(_CREATE.format(name=server.template))
    connection = await asyncpg.connect(cluster.url(server.template))
    try:
        await migrate(connection)
    finally:
        await connection.close()
    return server


@pytest.fixture
async def database_url(postgresql: TestServer) -> AsyncIterator[str]:
    """The address of a fresh, migrated database of this test alone."""
    name = f"test_{next(_numbers)}"
    await postgresql.execute(_CLONE.format(name=name, template=postgresql.template))
    yield postgresql.cluster.url(name)
    await postgresql.execute(f"drop database {name} with (force)")


@pytest.fixture
async def empty_database_url(postgresql: TestServer) -> AsyncIterator[str]:
    """The address of a fresh database that was never migrated."""
    name = f"test_{next(_numbers)}"
    await postgresql.execute(_CREATE.format(name=name))
    yield postgresql.cluster.url(name)
    await postgresql.execute(f"drop database {name} with (force)")


@pytest.fixture
async def _sample_template(postgresql: TestServer) -> str:
    if postgresql.sample is None:
        await postgresql.execute(_CLONE.format(name="sample", template=postgresql.template))
        connection = await asyncpg.connect(postgresql.cluster.url("sample"))
        try:
            await ensure_default(connection)
            await load_sample(connection, "small", SilentProgress())
        finally:
            await connection.close()
        postgresql.sample = "sample"
    return postgresql.sample


@pytest.fixture
async def sample_url(postgresql: TestServer, _sample_template: str) -> AsyncIterator[str]:
    """The address of a database of this test alone, with the default policy and the small sample county."""
    name = f"test_{next(_numbers)}"
    await postgresql.execute(_CLONE.format(name=name, template=_sample_template))
    yield postgresql.cluster.url(name)
    await postgresql.execute(f"drop database {name} with (force)")


@pytest.fixture
async def shared_sample_url(postgresql: TestServer, _sample_template: str) -> str:
    """The same, shared by all tests that change neither data nor policy; the access log grows as they ask."""
    if postgresql.shared_sample is None:
        await postgresql.execute(_CLONE.format(name="shared_sample", template=_sample_template))
        postgresql.shared_sample = "shared_sample"
    return postgresql.cluster.url(postgresql.shared_sample)


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a fresh, migrated database of this test alone."""
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()
