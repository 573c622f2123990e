"""Whose turn it is: nobody makes others wait by asking much, or by keeping a place for long."""

import asyncio
from collections.abc import Sequence

import pytest

from resolvers.turns import Turns


@pytest.fixture
def order() -> list[str]:
    return []


def _coming(turns: Turns, parties: str, order: list[str]) -> Sequence[asyncio.Task[None]]:
    async def come(party: str) -> None:
        async with turns.place(party):
            order.append(party)
            await asyncio.sleep(0.001)

    return [asyncio.create_task(come(party)) for party in parties]


async def test_places_are_for_so_many(order: list[str]) -> None:
    turns = Turns(2)
    tasks = _coming(turns, "aaaa", order)
    await asyncio.sleep(0)

    assert order == ["a", "a"]
    await asyncio.gather(*tasks)
    assert order == ["a"] * 4


async def test_who_asks_much_waits_behind_who_asks_little(order: list[str]) -> None:
    turns = Turns(1)

    await asyncio.gather(*_coming(turns, "aaaaabbc", order))

    assert order == list("aabcabaa")


async def test_a_spare_place_is_for_a_party_that_has_none(order: list[str]) -> None:
    turns = Turns(3, spare=1)
    for _ in range(2):
        await turns.take("a")
    waiting = _coming(turns, "a", order)
    await asyncio.sleep(0.01)
    assert order == []

    await asyncio.wait_for(asyncio.gather(*_coming(turns, "bc", order)), 1)
    assert order == ["b", "c"]

    turns.give("a")
    await asyncio.gather(*waiting)
    assert order == ["b", "c", "a"]


async def test_who_is_cancelled_takes_nobodys_turn(order: list[str]) -> None:
    turns = Turns(1)
    await turns.take("a")
    first, second, third = _coming(turns, "bcb", order)
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    turns.give("a")
    second.cancel()  # its turn may just have come

    await asyncio.wait_for(third, 1)
    await asyncio.gather(first, second, return_exceptions=True)
    await asyncio.wait_for(asyncio.gather(*_coming(turns, "aa", order)), 1)
    assert order[0] == "b"
