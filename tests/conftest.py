"""In charge of the databases tests run on: one PostgreSQL a session, one migrated template, one fresh copy a test."""

import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from api.cluster import Cluster, running
from api.embedded import SERVER_SETTINGS, embedded_cluster
from migrations.runner import OLDEST_POSTGRESQL, migrate

_EMBEDDED = "embedded"
_OLDEST = f"postgresql-{OLDEST_POSTGRESQL}"
# Nothing outlives the session, so nothing needs to reach the disk. Durability against killed processes is untouched.
_TEST_SETTINGS = {**SERVER_SETTINGS, "fsync": "off", "full_page_writes": "off", "shared_buffers": "256MB"}
_CREATE = "create database {name} template template0 encoding 'UTF8' locale 'C'"
_CLONE = "create database {name} template {template}"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class TestServer:
    """A running PostgreSQL and the name of its migrated template database."""

    __test__ = False
    cluster: Cluster
    template: str

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
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a fresh, migrated database of this test alone."""
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()
