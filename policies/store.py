"""The versions of the policy in the database: whole texts, never changed; the platform's state names the current one.

Publishing is a batch of its own, so a version, the state that names it and the data epoch move in one transaction.
Refuses to know what a policy means beyond that it passes lint.
"""

import hashlib
from collections.abc import Callable

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from policies.decision import Right
from policies.lint import refuse_faulty
from policies.principal import subject_of
from policies.rules import Line, default_text, replaced
from policies.vocabulary import Known

Connection = asyncpg.Connection | PoolConnectionProxy

_CURRENT = """
select version, text, digest from policy.version
 where version = (select policy_version from platform.state)
"""
_INSERT = """
insert into policy.version (version, text, digest, published_by)
select policy_version + 1, $1, $2, $3 from platform.state returning version
"""
_DEFAULT_PUBLISHER = "yishu"


class PolicyMissing(Exception):
    """The platform's state names a policy version that is not stored, or none yet."""


class PolicyAltered(Exception):
    """The stored text of a policy version is not the one that was published: its digest differs."""


async def load_current(connection: Connection) -> tuple[int, str]:
    """The current version and its text. Raises PolicyMissing, PolicyAltered."""
    row = await connection.fetchrow(_CURRENT)
    if row is None:
        raise PolicyMissing("no policy is published")
    version, text, digest = row
    if _digest(text) != digest:
        raise PolicyAltered(f"policy version {version} is not the text that was published")
    return version, text


async def publish(connection: Connection, text: str, published_by: str, known: Known | None = None) -> int:
    """The version that the text is current as, durable on return. The current text is not published twice.

    Waits for the batch under way. Raises PolicyRefused if lint finds an error.
    """
    return await _publish(connection, lambda _: text, published_by, known)


async def ensure_default(connection: Connection) -> int:
    """The current version; the default policy is published if there is none yet. Any number may call it at once."""
    if await connection.fetchval("select policy_version from platform.state") > 0:
        return (await load_current(connection))[0]
    return await _publish(connection, lambda current: current or default_text(), _DEFAULT_PUBLISHER)


async def grant(connection: Connection, department: str, coordinate: str, right: Right, by: str) -> int:
    """The version in which a line gives the department (empty: the public) the right; its own refusal is taken out.

    The coordinate may be an object class. A refusal of a wider subject or class still overrides the grant. Raises
    PolicyMissing if there is no policy to add to.
    """
    allowed, denied = _cell(department, coordinate, right)
    return await _publish(connection, lambda text: _edited(text, denied, allowed), by)


async def revoke(connection: Connection, department: str, coordinate: str, right: Right, by: str) -> int:
    """The version in which the department (empty: the public) is refused the right, whatever else allows it.

    Reading clear and reading masked are two rights: without the first, what the second gives remains.
    """
    allowed, denied = _cell(department, coordinate, right)
    return await _publish(connection, lambda text: _edited(text, allowed, denied), by)


async def _publish(
    connection: Connection, edit: Callable[[str], str], published_by: str, known: Known | None = None
) -> int:
    async with connection.transaction():
        # The lock of the batch comes first, so that the text edited is the one that stays current until the commit.
        await connection.execute("select platform.begin_batch()")
        row = await connection.fetchrow(_CURRENT)
        current = "" if row is None else row["text"]
        text = edit(current)
        refuse_faulty(text, known)
        if row is not None and text == current:
            return int(row["version"])
        version = await connection.fetchval(_INSERT, text, _digest(text), published_by)
        await connection.execute("select platform.end_batch('policy', policy_moved => true)")
        return int(version)


def _edited(text: str, removed: Line, added: Line) -> str:
    if not text:
        raise PolicyMissing("no policy is published, so nothing can be added to it")
    return replaced(text, removed=removed, added=added)


def _cell(department: str, coordinate: str, right: Right) -> tuple[Line, Line]:
    cell = (subject_of(department), coordinate, right.value)
    return Line(0, "p", (*cell, "allow")), Line(0, "p", (*cell, "deny"))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
