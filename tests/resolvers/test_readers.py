"""Connections kept between questions: bounded, in turn, and only those that are in order."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from resolvers.readers import Readers


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(database_url, min_size=1, max_size=4) as opened:
        yield opened


async def _backend(readers: Readers) -> int:
    async with readers.connection() as connection:
        return int(await connection.fetchval("select pg_backend_pid()"))


async def test_a_connection_is_used_again_without_going_back(pool: asyncpg.Pool) -> None:
    readers = Readers(pool, 2)

    assert await _backend(readers) == await _backend(readers)
    assert pool.get_size() - pool.get_idle_size() == 1
    await readers.close()
    assert pool.get_size() == pool.get_idle_size()


async def test_who_comes_when_all_are_taken_waits_its_turn(pool: asyncpg.Pool) -> None:
    readers, order = Readers(pool, 2), []

    async def use(number: int) -> None:
        async with readers.connection() as connection:
            await connection.execute("select pg_sleep(0.02)")
            order.append(number)
            assert pool.get_size() - pool.get_idle_size() <= 2

    await asyncio.gather(*map(use, range(9)))

    assert [number // 2 for number in order] == [0, 0, 1, 1, 2, 2, 3, 3, 4]
    await readers.close()


async def test_a_party_of_slow_questions_leaves_the_others_a_connection(pool: asyncpg.Pool) -> None:
    readers = Readers(pool, 3)

    async def sleep() -> None:
        async with readers.connection("slow") as connection:
            await connection.execute("select pg_sleep(1)")

    slow = [asyncio.create_task(sleep()) for _ in range(9)]
    await asyncio.sleep(0.1)
    for _ in range(5):
        async with asyncio.timeout(0.5), readers.connection("other") as connection:
            assert await connection.fetchval("select 1") == 1
    for each in slow:
        each.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
    await readers.close()


async def test_who_is_cancelled_while_waiting_takes_nobodys_turn(pool: asyncpg.Pool) -> None:
    readers = Readers(pool, 1)
    held = await readers.acquire()
    waiting = [asyncio.create_task(_backend(readers)) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await readers.release(held, is_in_order=True)
    waiting[1].cancel()  # its turn has just come

    assert await asyncio.wait_for(waiting[2], 5) > 0
    assert await asyncio.wait_for(_backend(readers), 5) > 0
    await readers.close()


async def test_what_failed_or_was_broken_off_is_brought_in_order_first(pool: asyncpg.Pool) -> None:
    readers = Readers(pool, 1)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await _fail(readers)
    broken_off = asyncio.create_task(_sleep(readers))
    await asyncio.sleep(0.1)
    broken_off.cancel()
    await asyncio.gather(broken_off, return_exceptions=True)

    async with readers.connection() as connection:
        assert not connection.is_in_transaction()
        assert await connection.fetchval("select 1") == 1
    await readers.close()


async def _fail(readers: Readers) -> None:
    async with readers.connection() as connection:
        await connection.execute("begin")
        await connection.execute("select 1 / 0")


async def _sleep(readers: Readers) -> None:
    async with readers.connection() as connection:
        await connection.execute("select pg_sleep(30)")


async def test_a_connection_that_was_lost_is_replaced(pool: asyncpg.Pool) -> None:
    readers = Readers(pool, 1)
    lost = await _backend(readers)
    await pool.execute("select pg_terminate_backend($1)", lost)
    await asyncio.sleep(0.1)

    assert await _backend(readers) != lost
    await readers.close()
