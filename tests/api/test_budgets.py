"""Budgets: together workers never spend more than there is, and who waits is told how long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest

from api.budgets import Budgets, Spending
from policies.principal import PUBLIC, Principal
from resolvers.refusal import Refusal, refuse

_DESK = Principal("education", (), "li", "desk")
_INSERT = "insert into platform.budget (department, application, per_minute, level) values ($1, $2, $3, $3::bigint)"


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(database_url, min_size=1, max_size=4) as opened:
        yield opened


async def _budgets(pool: asyncpg.Pool) -> Budgets:
    budgets = Budgets(pool)
    await budgets.refresh()
    return budgets


def _spending(budgets: Budgets, principal: Principal = _DESK) -> Spending:
    spending = budgets.spending(principal)
    assert spending is not None
    return spending


async def _spend(budgets: Budgets, cost: int, principal: Principal = _DESK) -> bool:
    """Whether the cost could be spent."""
    spending = _spending(budgets, principal)
    with suppress(Refusal):
        await spending.spend(cost)
        return True
    return spending.retry_after_s is None


async def test_where_no_budget_concerns_who_asks_nothing_is_spent(pool: asyncpg.Pool) -> None:
    empty = await _budgets(pool)
    await pool.execute(_INSERT, "taxation", None, 10)
    await pool.execute(_INSERT, "education", "portal", 10)
    await pool.execute(_INSERT, "", None, 10)
    budgets = await _budgets(pool)

    assert empty.spending(_DESK) is None
    assert budgets.spending(_DESK) is None
    assert budgets.spending(PUBLIC) is not None


async def test_a_minutes_units_can_be_spent_and_no_more(pool: asyncpg.Pool) -> None:
    await pool.execute(_INSERT, "education", None, 100)
    budgets = await _budgets(pool)

    spent = [await _spend(budgets, 10) for _ in range(12)]

    assert spent == [True] * 10 + [False] * 2


async def test_who_waits_is_told_how_long_and_may_then_go_on(pool: asyncpg.Pool) -> None:
    await pool.execute(_INSERT, "education", None, 600)
    budgets = await _budgets(pool)
    await _spend(budgets, 600)
    spending = _spending(budgets)

    with pytest.raises(Refusal, match="The budget of education is 600 a minute; what is left of it is less than 25"):
        await spending.spend(25)

    assert spending.retry_after_s == 3
    await asyncio.sleep(1.1)
    assert await _spend(budgets, 11)
    assert not await _spend(budgets, 11)


@pytest.mark.parametrize("cost", [1, 3, 7])
async def test_workers_together_never_spend_more_than_there_is(pool: asyncpg.Pool, cost: int) -> None:
    await pool.execute(_INSERT, "education", None, 200)
    workers = [await _budgets(pool) for _ in range(4)]

    spent = await asyncio.gather(*(_spend(worker, cost) for worker in workers for _ in range(200)))

    kept_by_workers = 3 * (200 // 20 + cost)
    assert 200 - kept_by_workers <= cost * sum(spent) <= 200 + cost


async def test_a_share_is_taken_ahead_so_that_few_questions_wait_for_the_database(pool: asyncpg.Pool) -> None:
    await pool.execute(_INSERT, "education", None, 60_000)
    budgets = await _budgets(pool)
    await _spend(budgets, 1)
    await pool.execute("update platform.budget set level = 0, filled_at = 'infinity'")

    spent = [await _spend(budgets, 1) for _ in range(3_000)]

    assert spent == [True] * 2_999 + [False]


async def test_what_is_refused_again_and_again_does_not_ask_the_database_again(pool: asyncpg.Pool) -> None:
    await pool.execute(_INSERT, "education", None, 10)
    budgets = await _budgets(pool)
    assert [await _spend(budgets, 10), await _spend(budgets, 10)] == [True, False]
    await pool.execute("update platform.budget set level = 10")

    assert not await _spend(budgets, 10)


async def test_every_budget_that_concerns_who_asks_must_hold_it(pool: asyncpg.Pool) -> None:
    await pool.execute(_INSERT, "education", None, 100)
    await pool.execute(_INSERT, None, "desk", 1_000)
    await pool.execute(_INSERT, "education", "desk", 30)
    budgets = await _budgets(pool)

    assert [await _spend(budgets, 30), await _spend(budgets, 30)] == [True, False]
    assert await _spend(budgets, 70, Principal("education", ()))
    assert not await _spend(budgets, 30, Principal("education", ()))
    assert await _spend(budgets, 970, Principal("taxation", (), "", "desk"))
    assert not await _spend(budgets, 30, Principal("taxation", (), "", "desk"))


async def test_a_question_spends_once_however_often_it_is_asked_anew(pool: asyncpg.Pool) -> None:
    await pool.execute(_INSERT, "education", None, 50)
    budgets = await _budgets(pool)
    spending, refused = _spending(budgets), _spending(budgets)
    for _ in range(3):
        await spending.spend(30)
    for _ in range(2):
        with pytest.raises(Refusal):
            await refused.spend(30)

    assert await _spend(budgets, 20)


async def test_what_costs_nothing_spends_one(pool: asyncpg.Pool) -> None:
    await pool.execute(_INSERT, "", None, 2)
    budgets = await _budgets(pool)

    assert [await _spend(budgets, 0, PUBLIC) for _ in range(3)] == [True, True, False]


async def test_what_is_refused_spends_one_unless_it_has_spent(pool: asyncpg.Pool) -> None:
    await pool.execute(_INSERT, "education", None, 32)
    budgets = await _budgets(pool)
    late, soon, last = (_spending(budgets) for _ in range(3))
    refusal = refuse("QUERY_INVALID", "There is no such field.")
    await late.spend(30)
    for spending in (late, soon, late, soon):
        assert await spending.spend_on(refusal) is refusal

    assert await _spend(budgets, 1)
    told = await last.spend_on(refusal)
    assert [problem.code for problem in told.problems] == ["RATE_LIMITED"]
    assert last.retry_after_s is not None


async def test_what_no_minute_can_hold_is_too_costly(pool: asyncpg.Pool) -> None:
    await pool.execute(_INSERT, "education", None, 50)

    budgets = await _budgets(pool)

    async def code_of(cost: int) -> str:
        with pytest.raises(Refusal) as refused:
            await _spending(budgets).spend(cost)
        return refused.value.code

    assert {await code_of(51) for _ in range(50)} == {"QUERY_TOO_COSTLY"}
    assert [await code_of(1), await code_of(51)] == ["RATE_LIMITED", "RATE_LIMITED"]


async def test_a_change_of_budgets_is_met_and_shares_of_the_others_are_kept(pool: asyncpg.Pool) -> None:
    await pool.execute(_INSERT, "education", None, 100)
    await pool.execute(_INSERT, "taxation", None, 10)
    budgets = Budgets(pool, max_age_s=0)
    await budgets.refresh()
    await _spend(budgets, 98)
    await pool.execute("delete from platform.budget where department = 'taxation'")

    await budgets.refresh()

    assert budgets.spending(Principal("taxation", ())) is None
    assert await _spend(budgets, 2)
    assert not await _spend(budgets, 2)


async def test_a_budget_removed_while_it_is_spent_limits_nothing(pool: asyncpg.Pool) -> None:
    await pool.execute(_INSERT, "education", None, 100)
    budgets = await _budgets(pool)
    await pool.execute("delete from platform.budget")

    assert await _spend(budgets, 60)
    assert await _spend(budgets, 60)
