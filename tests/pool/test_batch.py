"""One collection is one batch: its epoch, its difference, its history, and nothing at all when it fails."""

import asyncio

import asyncpg
import pytest

from pool.batch import Collection, collect
from pool.cataloguing import EntrySpec, ItemSpec, TableSpec
from pool.errors import CollectionError
from pool.progress import SilentProgress
from pool.report import TableReport
from pool.sources.source import Source, SourceColumn, SourceTable
from tests.pool.memory import MemorySource

WELLS = SourceTable(
    "wells", (SourceColumn("code", "text"), SourceColumn("depth", "integer"), SourceColumn("note", "text")), ("code",)
)
WELLS_BY_NAME = 'select * from pool_water."wells" order by code'


async def collect_all(connection: asyncpg.Connection, source: Source, provider: str = "water") -> list[TableReport]:
    report = await collect(connection, Collection(provider, source), SilentProgress())
    return list(report.tables)


async def test_a_new_table_is_in_the_pool_with_its_rows_under_the_next_epoch(connection: asyncpg.Connection) -> None:
    before = await connection.fetchval("select data_epoch from platform.state")

    source = MemorySource({WELLS: ["a\t1\tx", "b\t2\t\\N"]})
    report = await collect(connection, Collection("water", source), SilentProgress())

    assert report.epoch == before + 1 == await connection.fetchval("select data_epoch from platform.state")
    assert [tuple(row) for row in await connection.fetch(WELLS_BY_NAME)] == [
        ("a", 1, "x", report.epoch),
        ("b", 2, None, report.epoch),
    ]
    assert report.tables[0].inserted == 2
    batch = await connection.fetchrow("select * from platform.batch where epoch = $1", report.epoch)
    assert batch is not None
    assert (batch["kind"], batch["provider"], batch["source"], batch["inserted"]) == (
        "collection",
        "water",
        "memory",
        2,
    )


async def test_a_second_load_is_a_difference_and_keeps_the_old_rows(connection: asyncpg.Connection) -> None:
    await collect_all(connection, MemorySource({WELLS: ["a\t1\tx", "b\t2\t\\N", "c\t3\tz"]}))
    first = await connection.fetchval("select data_epoch from platform.state")

    [report] = await collect_all(connection, MemorySource({WELLS: ["d\t4\t\\N", "c\t3\tz", "b\t\\N\tnew"]}))

    assert (report.inserted, report.updated, report.deleted, report.unchanged) == (1, 1, 1, 1)
    assert [tuple(row) for row in await connection.fetch(WELLS_BY_NAME)] == [
        ("b", None, "new", first + 1),
        ("c", 3, "z", first),
        ("d", 4, None, first + 1),
    ]
    history = await connection.fetch(
        "select key->>0 as key, row->>'depth' as depth, from_epoch, to_epoch from platform.history"
        " where schema_name = 'pool_water' and relation_name = 'wells' order by 1"
    )
    assert [tuple(row) for row in history] == [("a", "1", first, first + 1), ("b", "2", first, first + 1)]


async def test_a_load_of_the_same_rows_changes_no_row(connection: asyncpg.Connection) -> None:
    rows = ["a\t1\tx", "b\t2\t\\N"]
    await collect_all(connection, MemorySource({WELLS: rows}))

    [report] = await collect_all(connection, MemorySource({WELLS: list(reversed(rows))}))

    assert (report.inserted, report.updated, report.deleted, report.unchanged) == (0, 0, 0, 2)
    assert await connection.fetchval("select count(*) from platform.history where schema_name = 'pool_water'") == 0


async def test_rows_without_a_key_are_compared_whole_and_counted(connection: asyncpg.Connection) -> None:
    table = SourceTable("log", (SourceColumn("event", "json"), SourceColumn("place", "point")))
    await collect_all(connection, MemorySource({table: ["{}\t(1,2)", "{}\t(1,2)", "[]\t\\N"]}))

    [report] = await collect_all(connection, MemorySource({table: ["[]\t\\N", "{}\t(1,2)", "[]\t\\N", "1\t(1,2)"]}))

    assert (report.inserted, report.updated, report.deleted, report.unchanged) == (2, 0, 1, 2)
    assert await connection.fetchval("select array_agg(event::text order by event::text) from pool_water.log") == [
        "1", "[]", "[]", "{}",
    ]  # fmt: skip
    assert await connection.fetchval("select count(distinct __row) from pool_water.log") == 4


async def test_values_that_are_equal_but_not_the_same_are_updated(connection: asyncpg.Connection) -> None:
    table = SourceTable("sums", (SourceColumn("code", "text"), SourceColumn("sum", "numeric")), ("code",))
    await collect_all(connection, MemorySource({table: ["a\t1.0", "b\tNaN"]}))

    [report] = await collect_all(connection, MemorySource({table: ["a\t1.00", "b\tNaN"]}))

    assert (report.updated, report.unchanged) == (1, 1)


async def test_a_failure_in_the_middle_leaves_nothing(connection: asyncpg.Connection) -> None:
    broken = SourceTable("broken", (SourceColumn("depth", "integer"),))
    before = await connection.fetch("select * from platform.state")

    with pytest.raises(CollectionError, match=r"broken.*line 1"):
        await collect_all(connection, MemorySource({WELLS: ["a\t1\tx"], broken: ["deep"]}))

    assert await connection.fetch("select * from platform.state") == before
    assert await connection.fetchval("select to_regclass('pool_water.wells')") is None
    assert await connection.fetchval("select count(*) from catalog.resource where provider = 'water'") == 0
    assert await connection.fetchval("select count(*) from catalog.entry where provider = 'water'") == 0


async def test_half_a_batch_is_never_visible(connection: asyncpg.Connection, database_url: str) -> None:
    looker = await asyncpg.connect(database_url)
    seen: list[object] = []

    class Looking(SilentProgress):
        """Asks what another connection sees, between the tables."""

        def finish(self, table: str) -> None:
            seen.append(
                asyncio.get_running_loop().create_task(looker.fetchval("select to_regclass('pool_water.wells')"))
            )

    try:
        collection = Collection("water", MemorySource({WELLS: ["a\t1\tx"]}))
        await collect(connection, collection, Looking())

        assert [await task for task in seen if isinstance(task, asyncio.Task)] == [None]
        assert await looker.fetchval("select count(*) from pool_water.wells") == 1
    finally:
        await looker.close()


async def test_two_collections_at_once_wait_for_each_other(database_url: str) -> None:
    async def one(provider: str) -> int:
        connection = await asyncpg.connect(database_url)
        try:
            source = MemorySource({WELLS: [f"{number}\t{number}\tx" for number in range(1000)]})
            return (await collect(connection, Collection(provider, source), SilentProgress())).epoch
        finally:
            await connection.close()

    epochs = await asyncio.gather(*(one(provider) for provider in ("water", "health", "audit", "water")))

    assert sorted(epochs) == list(range(min(epochs), min(epochs) + 4))


async def test_a_lost_connection_is_a_failed_collection(connection: asyncpg.Connection) -> None:
    await connection.close()

    with pytest.raises(CollectionError, match="connection to the database failed"):
        await collect_all(connection, MemorySource({WELLS: []}))


async def test_a_large_table_is_analyzed_at_once(connection: asyncpg.Connection) -> None:
    await collect_all(connection, MemorySource({WELLS: [f"{number}\t1\tx" for number in range(10_000)]}))

    assert await connection.fetchval("select count(*) from pg_stats where tablename = 'wells'") == 4


async def test_counts_and_completeness_are_measured_in_the_same_batch(connection: asyncpg.Connection) -> None:
    await collect_all(connection, MemorySource({WELLS: ["a\t1\t\\N", "b\t2\t\\N"]}))
    await collect_all(connection, MemorySource({WELLS: ["a\t\\N\t\\N", "b\t2\t\\N", "c\t3\tx"]}))

    resource = await connection.fetchrow(
        "select rows, collected_at, __epoch from catalog.resource where name = 'wells'"
    )
    assert resource is not None
    assert (resource["rows"], resource["__epoch"]) == (
        3,
        await connection.fetchval("select data_epoch from platform.state"),
    )
    assert resource["collected_at"] is not None
    missing = await connection.fetch(
        "select i.name, q.rows, q.missing from catalog.quality q join catalog.item i on i.id = q.item order by position"
    )
    assert [tuple(row) for row in missing] == [("code", 3, 0), ("depth", 3, 1), ("note", 3, 2)]


async def test_what_a_spec_says_is_what_the_catalog_holds(connection: asyncpg.Connection) -> None:
    entry = EntrySpec("水井", classification="301001", sharing="unconditional", sharing_ground=None, openness="open")
    depth = ItemSpec("depth", title="深度", sharing="unconditional", sharing_ground=None, openness="open", grade=2)
    spec = TableSpec(entry, title="水井", items={"depth": depth}, graph_name="deepWells", type_name="DeepWells")
    other = SourceTable("more wells", WELLS.columns, WELLS.key)
    source = MemorySource({WELLS: [], other: []})

    collection = Collection("water", source, specs={"wells": spec, "more wells": TableSpec(entry)})
    report = await collect(connection, collection, SilentProgress())

    assert {table.entry for table in report.tables} == {"301001/00001"}
    assert (report.tables[0].graph_name, report.tables[0].type_name) == ("deepWells", "DeepWells")
    items = await connection.fetch(
        "select i.name, i.title, i.sharing, i.openness, i.grade from catalog.item i"
        " join catalog.resource r on r.id = i.resource where r.name = 'wells' order by position"
    )
    assert tuple(items[1]) == ("depth", "深度", "unconditional", "open", 2)
    assert tuple(items[2]) == ("note", "note", "not_shared", "closed", 1)


async def test_what_is_new_is_published_to_its_provider_alone(connection: asyncpg.Connection) -> None:
    [report] = await collect_all(connection, MemorySource({WELLS: ["a\t1\tx"]}))

    entry = await connection.fetchrow("select * from catalog.entry where code = $1", report.entry)
    assert entry is not None
    assert (entry["status"], entry["sharing"], entry["openness"]) == ("published", "not_shared", "closed")
    assert entry["sharing_ground"]
    assert entry["classification"] == "329001"
    items = await connection.fetch("select distinct sharing, openness from catalog.item where resource > 12")
    assert [tuple(item) for item in items] == [("not_shared", "closed")]


async def test_the_graph_moves_only_when_tables_or_columns_do(connection: asyncpg.Connection) -> None:
    versions = [await connection.fetchval("select graph_version from platform.state")]
    wider = SourceTable("wells", (*WELLS.columns, SourceColumn("owner", "text")), WELLS.key)
    for source in (
        MemorySource({WELLS: ["a\t1\tx"]}),
        MemorySource({WELLS: []}),
        MemorySource({wider: ["a\t1\tx\ty"]}),
    ):
        await collect_all(connection, source)
        versions.append(await connection.fetchval("select graph_version from platform.state"))

    assert [version - versions[0] for version in versions] == [0, 1, 1, 2]


async def test_collecting_for_an_unknown_department_names_the_known_ones(connection: asyncpg.Connection) -> None:
    with pytest.raises(CollectionError, match="no department is called weather") as failure:
        await collect_all(connection, MemorySource({WELLS: []}), "weather")

    assert "water" in failure.value.hint


async def test_running_out_of_locks_names_the_setting(connection: asyncpg.Connection) -> None:
    await connection.execute("create function public.fail() returns event_trigger language plpgsql as"
                             " $$ begin raise exception 'out of shared memory' using errcode = '53200'; end $$;"
                             " create event trigger fail on ddl_command_start when tag in ('CREATE TABLE')"
                             " execute function public.fail()")  # fmt: skip

    with pytest.raises(CollectionError) as failure:
        await collect_all(connection, MemorySource({WELLS: []}))

    assert "max_locks_per_transaction" in failure.value.hint


async def test_an_empty_source_is_refused(connection: asyncpg.Connection) -> None:
    with pytest.raises(CollectionError, match="no table"):
        await collect_all(connection, MemorySource({}))
