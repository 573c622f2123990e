"""The history keeps rows exactly as they were, whatever their columns are called and their JSON holds."""

import json

import asyncpg
import pytest

from pool.batch import Collection, collect
from pool.progress import SilentProgress
from pool.sources.source import SourceColumn, SourceTable
from tests.pool.memory import MemorySource

PAST = "select key::text, row::text from platform.history where schema_name = 'pool_water' order by key"


async def _change(connection: asyncpg.Connection, table: SourceTable, before: list[str], after: list[str]) -> None:
    for rows in (before, after):
        await collect(connection, Collection("water", MemorySource({table: rows})), SilentProgress())


@pytest.mark.parametrize("name", ["old_row", "old_rows", "image", "name", "row", "key", "columns"])
async def test_no_name_of_a_column_is_taken_for_the_row(connection: asyncpg.Connection, name: str) -> None:
    table = SourceTable("wells", (SourceColumn("code", "text"), SourceColumn(name, "jsonb")), ("code",))

    await _change(connection, table, ['a\t{"x": 1}', 'b\t{"x": 2}'], ['a\t{"x": 3}'])

    past = [(json.loads(key), json.loads(row)) for key, row in await connection.fetch(PAST)]
    assert past == [(["a"], {"code": "a", name: {"x": 1}}), (["b"], {"code": "b", name: {"x": 2}})]


async def test_json_that_jsonb_cannot_hold_is_replaced_and_kept_to_the_byte(connection: asyncpg.Connection) -> None:
    table = SourceTable("wells", (SourceColumn("code", "text"), SourceColumn("note", "json")), ("code",))
    written = '{"b":"\\u0000", "a":1e400,  "a":2}'

    await _change(connection, table, ["a\t" + written.replace("\\", "\\\\")], ["a\t{}"])

    [[key, row]] = await connection.fetch(PAST)
    assert (key, row) == ('["a"]', f'{{"code":"a","note":{written}}}')


async def test_the_past_does_not_depend_on_the_formats_of_a_session(connection: asyncpg.Connection) -> None:
    columns = (SourceColumn("code", "text"), SourceColumn("at", "timestamptz"), SourceColumn("image", "bytea"))
    table = SourceTable("wells", columns, ("code",))
    await collect(
        connection,
        Collection("water", MemorySource({table: ["a\t2025-01-01 00:00:00+00\t\\\\x00ff"]})),
        SilentProgress(),
    )

    async with connection.transaction():
        await connection.execute("set local timezone = 'Asia/Shanghai'; set local bytea_output = 'escape'")
        await connection.execute("select platform.begin_batch()")
        await connection.execute("delete from pool_water.wells")
        await connection.execute("select platform.end_batch('collection')")

    [[_, row]] = await connection.fetch(PAST)
    assert json.loads(row) == {"code": "a", "at": "2025-01-01T00:00:00+00:00", "image": "\\x00ff"}
