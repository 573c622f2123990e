"""In charge of which PostgreSQL the platform uses: the embedded one, running and with its database, or any by URL.

It knows nothing of tables; migrations bring those.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg

from api.cluster import ClusterError, running
from api.config import Settings
from api.embedded import embedded_cluster
from migrations.runner import OLDEST_POSTGRESQL

_NAME = "yishu"
_EXISTS = "select exists (select from pg_database where datname = $1)"
_CREATE = f"create database {_NAME} template template0 encoding 'UTF8' locale 'C'"


class DatabaseError(Exception):
    """The database cannot be used; the message says why and what to do, without a password."""


@asynccontextmanager
async def available_database(settings: Settings) -> AsyncIterator[str]:
    """The URL of a database that answers and is of a supported version.

    Without YISHU_DATABASE_URL: the embedded one under YISHU_HOME, made on first use, shared with every other process
    that uses the same home, and stopped when the last of them leaves. Raises DatabaseError.
    """
    if settings.database_url is not None:
        await _check(settings.database_url)
        yield settings.database_url
        return
    try:
        # Waits for other processes and for the server's start: nothing else runs in this process yet.
        with running(embedded_cluster(settings.home)) as cluster:
            await _ensure_database(cluster.url("postgres"))
            yield cluster.url(_NAME)
    except ClusterError as error:
        raise DatabaseError(str(error)) from error


def without_password(url: str) -> str:
    """The URL as it may be shown.

    >>> without_password("postgresql://yishu:secret@db:5432/yishu?password=secret")
    'postgresql://db:5432/yishu'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


async def _check(url: str) -> None:
    connection = await _connect(url)
    try:
        major = connection.get_server_version().major
        encoding = await connection.fetchval("show server_encoding")
    finally:
        await connection.close()
    if major < OLDEST_POSTGRESQL:
        raise DatabaseError(f"PostgreSQL {major} is too old: version {OLDEST_POSTGRESQL} or newer is needed")
    if encoding != "UTF8":
        raise DatabaseError(f"the database is encoded in {encoding}: create it with encoding 'UTF8' template template0")


async def _ensure_database(url: str) -> None:
    connection = await _connect(url)
    try:
        if not await connection.fetchval(_EXISTS, _NAME):
            await connection.execute(_CREATE)
    except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        pass  # another process that shares the server was quicker
    finally:
        await connection.close()


async def _connect(url: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(url, timeout=10)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = str(error) or type(error).__name__
        raise DatabaseError(f"cannot use the database {without_password(url)}: {reason}") from error
