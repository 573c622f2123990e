"""Who is a department follows the database within seconds, without asking it every time."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from api.departments import DepartmentDirectory

NEW = (
    "select platform.begin_batch();"
    "insert into catalog.department (code, title, name_en, credit_code)"
    " values ('archives', '市档案馆', 'Archives', '11330784400011737K');"
    "select platform.end_batch('catalog')"
)
TOWN = (
    "select platform.begin_batch();"
    "insert into pool_civil_affairs.division (code, name, level) values ('330784105', '石柱镇', 'town'),"
    " ('330784105001', '石柱居委会', 'village');"
    "select platform.end_batch('collection')"
)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(database_url, min_size=1, max_size=2) as opened:
        yield opened


async def _in_batch(pool: asyncpg.Pool, statements: str) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(statements)


async def test_departments_and_offices_of_towns_are_known(pool: asyncpg.Pool) -> None:
    await _in_batch(pool, TOWN)
    directory = DepartmentDirectory(pool)

    assert await directory.knows("education")
    assert await directory.knows("town-330784105")
    assert not await directory.knows("town-330784105001")
    assert not await directory.knows("330784105")
    assert not await directory.knows("")


async def test_a_new_department_is_known_when_it_first_asks(pool: asyncpg.Pool) -> None:
    directory = DepartmentDirectory(pool, min_age_s=0)
    assert not await directory.knows("archives")

    await _in_batch(pool, NEW)

    assert await directory.knows("archives")


async def test_a_stranger_cannot_make_it_read_the_list_again_and_again(pool: asyncpg.Pool) -> None:
    directory = DepartmentDirectory(pool, min_age_s=60)
    assert await directory.knows("education")
    await _in_batch(pool, NEW)

    assert not any(await asyncio.gather(*(directory.knows("archives") for _ in range(50))))


async def test_a_department_that_is_gone_is_soon_unknown(pool: asyncpg.Pool) -> None:
    await _in_batch(pool, NEW)
    directory = DepartmentDirectory(pool, max_age_s=0, min_age_s=0)
    assert await directory.knows("archives")

    await _in_batch(
        pool,
        "select platform.begin_batch(); delete from catalog.department where code = 'archives';"
        "select platform.end_batch('catalog')",
    )

    assert not await directory.knows("archives")
