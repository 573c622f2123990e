"""Bad rows refuse the batch, or are left out and written to the rejects file; none is lost without a word."""

from pathlib import Path

import asyncpg
import pytest

from pool.batch import Collection, collect
from pool.errors import CollectionError
from pool.progress import SilentProgress
from pool.report import TableReport
from pool.sources.source import Source, SourceColumn, SourceTable
from tests.pool.memory import MemorySource

WELLS = SourceTable(
    "wells", (SourceColumn("code", "text"), SourceColumn("depth", "integer"), SourceColumn("note", "text")), ("code",)
)


async def collect_all(connection: asyncpg.Connection, source: Source, provider: str = "water") -> list[TableReport]:
    report = await collect(connection, Collection(provider, source), SilentProgress())
    return list(report.tables)


async def test_bad_rows_refuse_the_batch_with_line_and_reason(connection: asyncpg.Connection) -> None:
    rows = ["a\t1\tx", "b\t2\tx", "a\t3\tx", "\\N\t4\tx", "a\t5\tx"]

    with pytest.raises(CollectionError) as failure:
        await collect_all(connection, MemorySource({WELLS: rows}))

    assert failure.value.details == (
        "wells, line 3: key (code) is on line 1 already",
        "wells, line 4: key column code is empty",
        "wells, line 5: key (code) is on line 1 already",
    )
    assert await connection.fetchval("select to_regclass('pool_water.wells')") is None


async def test_only_the_first_bad_rows_are_listed_and_all_are_counted(connection: asyncpg.Connection) -> None:
    with pytest.raises(CollectionError, match=r"^100 bad rows") as failure:
        await collect_all(connection, MemorySource({WELLS: ["a\t1\tx"] * 101}))

    assert len(failure.value.details) == 21
    assert failure.value.details[-1] == "… and 80 more"


async def test_skipped_bad_rows_are_all_in_the_rejects_file(connection: asyncpg.Connection, tmp_path: Path) -> None:
    source = MemorySource({WELLS: ["a\t1\tx", "b\t2\tx", "a\t3\tx", "\\N\t4\tx"]})

    collection = Collection("water", source, skip_bad=True, rejects=tmp_path)
    [report] = (await collect(connection, collection, SilentProgress())).tables

    assert (report.inserted, report.rejected, report.rejects) == (2, 2, tmp_path / "wells.rejects.csv")
    assert (tmp_path / "wells.rejects.csv").read_text(encoding="utf-8-sig").splitlines() == [
        "line,reason,code,depth,note",
        "3,key (code) is on line 1 already,a,3,x",
        "4,key column code is empty,,4,x",
    ]
    assert await connection.fetchval("select max(rejected) from platform.batch") == 2


async def test_no_rejects_file_comes_of_a_clean_load(connection: asyncpg.Connection, tmp_path: Path) -> None:
    collection = Collection("water", MemorySource({WELLS: ["a\t1\tx"]}), skip_bad=True, rejects=tmp_path)
    [report] = (await collect(connection, collection, SilentProgress())).tables

    assert report.rejects is None
    assert list(tmp_path.iterdir()) == []


async def test_a_failed_batch_leaves_no_rejects_file(connection: asyncpg.Connection, tmp_path: Path) -> None:
    broken = SourceTable("broken", (SourceColumn("depth", "integer"),))
    source = MemorySource({WELLS: ["a\t1\tx"] * 2, broken: ["deep"]})

    with pytest.raises(CollectionError, match="broken"):
        await collect(connection, Collection("water", source, skip_bad=True, rejects=tmp_path), SilentProgress())

    assert list(tmp_path.iterdir()) == []


async def test_an_empty_table_of_the_pool_refuses_bad_keys_too(connection: asyncpg.Connection) -> None:
    await collect_all(connection, MemorySource({WELLS: []}))

    with pytest.raises(CollectionError, match="line 2: key"):
        await collect_all(connection, MemorySource({WELLS: ["a\t1\tx"] * 2}))


async def test_a_required_value_that_is_missing_names_the_table(connection: asyncpg.Connection) -> None:
    table = SourceTable("wells", (SourceColumn("code", "text"), SourceColumn("depth", "integer", required=True)))

    with pytest.raises(CollectionError, match="refused table wells"):
        await collect_all(connection, MemorySource({table: ["a\t\\N"]}))


async def test_a_rejects_file_that_cannot_be_written_refuses_the_batch(
    connection: asyncpg.Connection, tmp_path: Path
) -> None:
    collection = Collection("water", MemorySource({WELLS: ["a\t1\tx"] * 2}), skip_bad=True, rejects=tmp_path / "absent")

    with pytest.raises(CollectionError, match=r"cannot write .*wells\.rejects\.csv"):
        await collect(connection, collection, SilentProgress())
