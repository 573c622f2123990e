"""docs/log.md is true: its columns, its example, its checks."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg

from audit.key_blocks import make_block
from audit.log import AccessLog
from audit.parts import parts_as_keys
from audit.record import KeyPart, State
from audit.search import Filters, search
from tests.audit.records import make_plan, make_record

PAGE = (Path(__file__).parents[2] / "docs" / "log.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The text below a heading, up to the next one."""
    return PAGE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def block(title: str, language: str) -> str:
    """The code block of a section."""
    found = re.search(rf"```{language}\n(.*?)```", section(title), re.DOTALL)
    assert found is not None
    return found[1]


async def test_every_column_of_a_record_is_specified(connection: asyncpg.Connection) -> None:
    rows = await connection.fetch(
        "select attname from pg_attribute where attrelid = 'log.record'::regclass and attnum > 0"
    )

    lines = re.findall(r"^\| (`.*?) \|", section("Record").split("### Parts")[0], re.MULTILINE)
    specified = [name for line in lines for name in line.split(", ")]

    assert sorted(name.strip("`") for name in specified) == sorted(row["attname"] for row in rows)


async def test_the_example_of_a_plan_expands(log: AccessLog, connection: asyncpg.Connection, state: State) -> None:
    example = json.loads(block("Plan", "json"))

    await log.append(make_record(state, plan=make_plan(nodes=example["nodes"]), keys=b'[["A"]]'), must_match=True)

    row = await connection.fetchrow("select coordinate, use, effect, key from log.resolved_field")
    assert row is not None
    assert tuple(row) == ("Enterprise.name", "shown", "clear", "A")


async def _parts() -> AsyncIterator[KeyPart]:
    yield KeyPart(1, 1, b'["A","B"]')
    yield KeyPart(1, 3, b'["C"]')


async def test_every_column_of_a_part_is_specified(connection: asyncpg.Connection) -> None:
    rows = await connection.fetch(
        "select attname from pg_attribute where attrelid = 'log.key_part'::regclass and attnum > 0"
    )

    specified = re.findall(r"^\| `(.*?)` \|", section("Record").split("### Parts")[1], re.MULTILINE)

    assert sorted(specified) == sorted(row["attname"] for row in rows)


async def test_the_checks_find_nothing_in_a_whole_log_and_each_finds_its_fault(
    log: AccessLog, connection: asyncpg.Connection, state: State
) -> None:
    checks = [check for check in block("Checks", "sql").split(";") if check.strip()]
    faults = (
        "alter table log.plan drop constraint content_has_digest; update log.plan set content = '{}'",
        "update log.record set plan = null",
        "update log.record set outcome = 'perhaps'",
        "update log.record set plan = sha256('') where plan is not null",
        "update log.record set keys = '[[],[],[],[]]', shown = 0",
        "update log.record set shown = shown + 1",
        "delete from log.key_part where first > 1",
        "update log.key_part set first = first + 1 where first > 1",
        "update log.record set data_epoch = data_epoch + 1",
        "delete from log.recent",
        "update log.key_block set prints = substring(prints from 7)",
    )
    await log.append(make_record(state), must_match=True)
    await log.append(make_record(state, keys=b"[]", shown=0), must_match=True)
    await log.append(make_record(state, plan=None, document="{", keys=b"[]", shown=0), must_match=True)
    await log.append_in_parts(connection, make_record(state, keys=parts_as_keys(2), shown=3), _parts())

    assert await make_block(connection, records=2) == 2

    assert len(checks) == len(faults)
    for check, fault in zip(checks, faults, strict=True):
        assert await connection.fetch(check) == []
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(f"set local session_replication_role = replica; {fault}")
        assert await connection.fetch(check) != []
        await transaction.rollback()


async def test_every_column_of_a_block_is_specified(connection: asyncpg.Connection) -> None:
    rows = await connection.fetch(
        "select attname from pg_attribute where attrelid = 'log.key_block'::regclass and attnum > 0"
    )

    lines = re.findall(r"^\| (`.*?) \|", section("Finding a key"), re.MULTILINE)
    specified = [name.strip("`") for line in lines for name in line.split(", ")]

    assert sorted(specified) == sorted(row["attname"] for row in rows)


async def test_blocks_are_made_again_as_specified(log: AccessLog, connection: asyncpg.Connection, state: State) -> None:
    for _ in range(3):
        await log.append(make_record(state), must_match=True)
    await make_block(connection, records=2)

    await connection.execute(block("Finding a key", "sql"))

    assert await connection.fetchval("select count(*) from log.key_block") == 0
    assert await make_block(connection, records=3) == 3
    assert len(await search(connection, Filters(key="91330784MA28K00011"), 5)) == 3
