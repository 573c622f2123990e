"""The policy has as many grants more as it was asked for, and none when none are."""

import asyncpg

from api.preparing import bring_up
from policies.store import load_current
from tests.bench.law import grow_policy


async def test_the_policy_grows_and_shrinks(connection: asyncpg.Connection) -> None:
    await bring_up(connection)
    _, before = await load_current(connection)

    sizes = []
    for grants in (7, 3, 0):
        await grow_policy(connection, grants)
        sizes.append((await load_current(connection))[1].count("\np, ") - before.count("\np, "))

    assert sizes == [7, 3, 0]
    assert (await load_current(connection))[1] == before
