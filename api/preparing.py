"""In charge of a database being fit to serve from: migrated, and with a policy.

It knows nothing of the command that asks.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from api.config import Settings
from api.database import DatabaseError, available_database
from migrations.runner import applied, migrate, packaged_migrations, pending
from policies.store import ensure_default


@asynccontextmanager
async def fit_database(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a database that is migrated and has a policy.

    The embedded database is brought up as needed. One that was given by URL is not touched: raises DatabaseError
    with the command that would. Raises MigrationError where the database and this version do not fit.
    """
    async with available_database(settings) as url, connected(url) as connection:
        if settings.database_url is None:
            await bring_up(connection)
        elif pending(packaged_migrations(), await applied(connection)):
            raise DatabaseError("the database is not up to date: run yishu migrate")
        yield connection


async def bring_up(connection: asyncpg.Connection) -> tuple[str, ...]:
    """The migrations it applied; on return there is a policy too. Any number may call it at once."""
    names = await migrate(connection)
    await ensure_default(connection)
    return names


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """One connection, closed at the end."""
    connection = await asyncpg.connect(url, timeout=10, server_settings={"application_name": "yishu"})
    try:
        yield connection
    finally:
        await connection.close()
