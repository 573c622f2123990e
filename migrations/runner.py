"""In charge of bringing a database to the newest migration: forward only, each file in a transaction of its own.

What ran is kept in `public.yishu_migration` with the SHA-256 of the file. A file that has changed since, or a migration
the database knows and this code does not, is refused before anything runs. It knows nothing of what the tables mean.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

import asyncpg

OLDEST_POSTGRESQL = 15
_FILE_NAME = re.compile(r"[0-9]{4}_[a-z0-9_]+\.sql")
_CREATE_TABLE = """
create table if not exists public.yishu_migration (
    name       text primary key,
    digest     bytea not null,
    applied_at timestamptz not null default clock_timestamp()
)"""
_LOCK = "select pg_advisory_lock(hashtextextended('yishu.migration', 0))"
_UNLOCK = "select pg_advisory_unlock(hashtextextended('yishu.migration', 0))"


class MigrationError(Exception):
    """The database cannot be brought up with these migrations; the message names the migration and the remedy."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its name without a folder, its SQL, and the SHA-256 of its bytes."""

    name: str
    sql: str
    digest: bytes


def packaged_migrations() -> tuple[Migration, ...]:
    """The migrations shipped with this package, in the order they run."""
    contents = {
        entry.name: entry.read_bytes() for entry in files("migrations").iterdir() if _FILE_NAME.fullmatch(entry.name)
    }
    return tuple(
        Migration(name, content.decode(), sha256(content).digest()) for name, content in sorted(contents.items())
    )


def pending(migrations: Sequence[Migration], digest_by_applied: Mapping[str, bytes]) -> tuple[Migration, ...]:
    """What is still to run. Raises MigrationError when an applied migration is changed, unknown or out of order."""
    by_name = {migration.name: migration for migration in migrations}
    for name, digest in digest_by_applied.items():
        if name not in by_name:
            raise MigrationError(f"the database has migration {name}, which this version does not know: upgrade yishu")
        if by_name[name].digest != digest:
            raise MigrationError(f"migration {name} was changed after it was applied: restore the original file")
    todo = tuple(migration for migration in migrations if migration.name not in digest_by_applied)
    if todo and digest_by_applied and todo[0].name < max(digest_by_applied):
        raise MigrationError(f"migration {todo[0].name} comes before {max(digest_by_applied)}, already applied")
    return todo


async def applied(connection: asyncpg.Connection) -> dict[str, bytes]:
    """Digest by name of every applied migration; empty for a database that was never migrated."""
    if await connection.fetchval("select to_regclass('public.yishu_migration')") is None:
        return {}
    rows = await connection.fetch("select name, digest from public.yishu_migration order by name")
    return {row["name"]: row["digest"] for row in rows}


async def migrate(connection: asyncpg.Connection, migrations: Sequence[Migration] | None = None) -> tuple[str, ...]:
    """The names of the migrations it applied, each durable before the next begins; two callers at once take turns.

    Raises MigrationError before changing anything if the server is too old or the history does not fit; a migration
    that fails leaves the ones before it applied and nothing of itself.
    """
    major = connection.get_server_version().major
    if major < OLDEST_POSTGRESQL:
        raise MigrationError(f"PostgreSQL {major} is too old: version {OLDEST_POSTGRESQL} or newer is needed")
    await connection.execute(_LOCK)
    try:
        todo = pending(packaged_migrations() if migrations is None else migrations, await applied(connection))
        for migration in todo:
            await _apply(connection, migration)
    finally:
        if not connection.is_closed():
            await connection.execute(_UNLOCK)
    return tuple(migration.name for migration in todo)


async def _apply(connection: asyncpg.Connection, migration: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute(_CREATE_TABLE)
            await connection.execute(migration.sql)
            await connection.execute(
                "insert into public.yishu_migration (name, digest) values ($1, $2)", migration.name, migration.digest
            )
    except asyncpg.PostgresError as error:
        raise MigrationError(f"migration {migration.name} failed and was rolled back: {error}") from error
