"""Migrations run forward, once, and never over a history they do not know."""

import asyncio
from hashlib import sha256

import asyncpg
import pytest

from migrations.runner import Migration, MigrationError, applied, migrate, packaged_migrations, pending


def _migration(name: str, sql: str) -> Migration:
    return Migration(name, sql, sha256(sql.encode()).digest())


ONE = _migration("0001_one.sql", "create table one (id int)")
TWO = _migration("0002_two.sql", "create table two (id int)")


@pytest.mark.every_postgresql
async def test_an_empty_database_gets_every_migration_once(empty_database_url: str) -> None:
    connection = await asyncpg.connect(empty_database_url)

    first = await migrate(connection)
    second = await migrate(connection)

    assert first == tuple(migration.name for migration in packaged_migrations())
    assert second == ()
    assert await connection.fetchval("select count(*) from catalog.department") == 29
    await connection.close()


async def test_two_callers_at_once_take_turns(empty_database_url: str) -> None:
    connections = [await asyncpg.connect(empty_database_url) for _ in range(3)]

    results = await asyncio.gather(*(migrate(connection, [ONE, TWO]) for connection in connections))

    assert sorted(results) == [(), (), (ONE.name, TWO.name)]
    await asyncio.gather(*(connection.close() for connection in connections))


async def test_a_changed_migration_is_refused(empty_database_url: str) -> None:
    connection = await asyncpg.connect(empty_database_url)
    await migrate(connection, [ONE])

    with pytest.raises(MigrationError, match=r"0001_one\.sql was changed"):
        await migrate(connection, [_migration(ONE.name, "create table other (id int)"), TWO])

    assert await connection.fetchval("select to_regclass('two')") is None
    await connection.close()


async def test_an_unknown_migration_is_refused(empty_database_url: str) -> None:
    connection = await asyncpg.connect(empty_database_url)
    await migrate(connection, [ONE, TWO])

    with pytest.raises(MigrationError, match=r"0002_two\.sql, which this version does not know"):
        await migrate(connection, [ONE])
    await connection.close()


def test_a_migration_before_an_applied_one_is_refused() -> None:
    with pytest.raises(MigrationError, match=r"0001_one\.sql comes before 0002_two\.sql"):
        pending([ONE, TWO], {TWO.name: TWO.digest})


async def test_a_failing_migration_leaves_nothing_of_itself_and_keeps_the_ones_before(empty_database_url: str) -> None:
    connection = await asyncpg.connect(empty_database_url)
    broken = _migration("0002_broken.sql", "create table half (id int); select 1 / 0")

    with pytest.raises(MigrationError, match=r"0002_broken\.sql failed and was rolled back: division by zero"):
        await migrate(connection, [ONE, broken])

    assert await applied(connection) == {ONE.name: ONE.digest}
    assert await connection.fetchval("select to_regclass('half')") is None
    await connection.close()
