"""The versions of the policy in the database."""

import asyncio
import hashlib

import asyncpg
import pytest

from policies import store
from policies.decision import Effect, Right
from policies.law import Law
from policies.lint import PolicyRefused
from policies.principal import PUBLIC
from policies.rules import default_text
from policies.vocabulary import Known
from tests.policies.coordinates import EDUCATION, EMPLOYEES, NAME, TAX_PAID

_TEXT = "p, public, open, read, allow\n"


async def _state(connection: asyncpg.Connection) -> tuple[int, int]:
    row = await connection.fetchrow("select policy_version, data_epoch from platform.state")
    assert row is not None
    return row["policy_version"], row["data_epoch"]


async def test_without_a_policy_there_is_no_law(connection: asyncpg.Connection) -> None:
    with pytest.raises(store.PolicyMissing):
        await store.load_current(connection)
    with pytest.raises(store.PolicyMissing):
        await store.grant(connection, "education", "TaxPayment.taxPaid", Right.READ, "test")


async def test_the_default_policy_is_published_once(connection: asyncpg.Connection) -> None:
    first = await store.ensure_default(connection)
    state = await _state(connection)
    second = await store.ensure_default(connection)

    assert (first, second) == (1, 1)
    assert await _state(connection) == state
    assert await store.load_current(connection) == (1, default_text())


async def test_many_starting_at_once_publish_one_default(database_url: str) -> None:
    async with asyncpg.create_pool(database_url, min_size=4, max_size=4) as pool:
        versions = await asyncio.gather(*(_default_of(pool) for _ in range(4)))

        assert versions == [1, 1, 1, 1]
        assert await pool.fetchval("select count(*) from policy.version") == 1


async def _default_of(pool: asyncpg.Pool) -> int:
    async with pool.acquire() as connection:
        return await store.ensure_default(connection)


async def test_publishing_moves_the_version_and_the_epoch_in_one_batch(connection: asyncpg.Connection) -> None:
    await store.ensure_default(connection)
    before = await _state(connection)

    version = await store.publish(connection, _TEXT, "li")

    assert await _state(connection) == (before[0] + 1, before[1] + 1)
    assert await store.load_current(connection) == (version, _TEXT)
    stored = await connection.fetchrow("select digest, published_by from policy.version where version = $1", version)
    assert stored is not None
    assert tuple(stored) == (hashlib.sha256(_TEXT.encode()).digest(), "li")
    kind = await connection.fetchval("select kind from platform.batch order by epoch desc limit 1")
    assert kind == "policy"


async def test_the_current_text_is_not_published_twice(connection: asyncpg.Connection) -> None:
    version = await store.publish(connection, _TEXT, "li")
    state = await _state(connection)

    assert await store.publish(connection, _TEXT, "wang") == version
    assert await _state(connection) == state


async def test_a_faulty_policy_is_refused_and_nothing_moves(connection: asyncpg.Connection) -> None:
    await store.ensure_default(connection)
    before = await _state(connection)
    known = Known(frozenset(["education"]), frozenset(["auditor"]), frozenset(["Enterprise.name"]))

    with pytest.raises(PolicyRefused) as refused:
        await store.publish(connection, "p, department:educaton, Enterprise.nmae, read, allow", "li", known)

    assert [finding.code for finding in refused.value.findings] == ["unknown-coordinate", "unknown-department"]
    assert await _state(connection) == before


async def test_an_altered_text_is_not_loaded(connection: asyncpg.Connection) -> None:
    version = await store.publish(connection, _TEXT, "li")
    await connection.execute("alter table policy.version disable trigger append_only")  # as who owns the database can
    await connection.execute("update policy.version set text = text || ' ' where version = $1", version)

    with pytest.raises(store.PolicyAltered, match=f"policy version {version} "):
        await store.load_current(connection)


async def test_a_grant_gives_and_a_revocation_takes(connection: asyncpg.Connection) -> None:
    await store.ensure_default(connection)

    granted = await store.grant(connection, "education", "TaxPayment.taxPaid", Right.READ, "taxation")
    assert (await _law(connection)).decide(EDUCATION, TAX_PAID, Right.READ).effect is Effect.CLEAR

    revoked = await store.revoke(connection, "education", "TaxPayment.taxPaid", Right.READ, "taxation")
    assert (await _law(connection)).decide(EDUCATION, TAX_PAID, Right.READ).effect is Effect.DENIED

    again = await store.grant(connection, "education", "TaxPayment.taxPaid", Right.READ, "taxation")
    assert (await _law(connection)).decide(EDUCATION, TAX_PAID, Right.READ).effect is Effect.CLEAR
    assert (granted, revoked, again) == (2, 3, 4)


async def test_what_the_default_gives_can_be_revoked(connection: asyncpg.Connection) -> None:
    await store.ensure_default(connection)

    await store.revoke(connection, "education", "Enterprise.employees", Right.READ, "li")
    await store.revoke(connection, "", "open", Right.READ, "li")

    law = await _law(connection)
    assert law.decide(EDUCATION, EMPLOYEES, Right.READ).effect is Effect.DENIED
    assert law.decide(EDUCATION, EMPLOYEES, Right.FILTER).effect is Effect.CLEAR
    assert law.decide(PUBLIC, NAME, Right.READ).effect is Effect.DENIED


async def test_revocations_at_once_all_hold(database_url: str, connection: asyncpg.Connection) -> None:
    await store.ensure_default(connection)
    rights = [Right.READ, Right.FILTER, Right.AGGREGATE, Right.EXPORT]

    async with asyncpg.create_pool(database_url, min_size=4, max_size=4) as pool:
        versions = await asyncio.gather(*(_revoke(pool, right) for right in rights))

    law = await _law(connection)
    assert sorted(versions) == [2, 3, 4, 5]
    assert {law.decide(EDUCATION, EMPLOYEES, right).effect for right in rights} == {Effect.DENIED}


async def _revoke(pool: asyncpg.Pool, right: Right) -> int:
    async with pool.acquire() as connection:
        return await store.revoke(connection, "education", "Enterprise.employees", right, "li")


async def _law(connection: asyncpg.Connection) -> Law:
    return Law.from_rules(*await store.load_current(connection))
