"""Another database comes in whole, from one snapshot, with every odd name, key, type and value."""

from pathlib import Path

import asyncpg
import pytest

from pool.batch import Collection, collect
from pool.errors import CollectionError
from pool.progress import SilentProgress
from pool.report import BatchReport
from pool.sources.opening import combine, open_sources

ODD = Path(__file__).with_name("odd.sql").read_text(encoding="utf-8")


async def collect_from(connection: asyncpg.Connection, url: str, schema: str | None = None) -> BatchReport:
    source = combine(open_sources([url], schema))
    return await collect(connection, Collection("statistics", source), SilentProgress())


@pytest.fixture
async def odd_url(empty_database_url: str) -> str:
    connection = await asyncpg.connect(empty_database_url)
    try:
        await connection.execute(ODD)
    finally:
        await connection.close()
    return empty_database_url


@pytest.mark.every_postgresql
async def test_a_database_with_odd_names_comes_in_whole(connection: asyncpg.Connection, odd_url: str) -> None:
    report = await collect_from(connection, odd_url)

    rows = {table.name: table.inserted for table in report.tables}
    assert rows == {
        "Mixed Case": 2, "order": 3, "no_key": 3, "nothing": 2, "empty": 0, "dropped": 1, "platform_names": 2,
        "made": 2, "四川省永康市民政局婚姻登记信息表二〇二三年": 1, "kinds": 3, "parted": 2, "parent": 1, "child": 1,
        "Other schema.Mixed Case": 1, "民政.婚姻": 1, "public.民政.婚姻": 0,
    }  # fmt: skip
    assert all(table.unchanged == table.updated == table.deleted == table.rejected == 0 for table in report.tables)


@pytest.mark.every_postgresql
async def test_every_value_is_the_same_in_the_pool(connection: asyncpg.Connection, odd_url: str) -> None:
    await collect_from(connection, odd_url)
    original = await asyncpg.connect(odd_url)

    try:
        expected = await original.fetch('select * from "Mixed Case" order by 1')
        assert [tuple(row) for row in expected] == [
            tuple(row)[:5] for row in await connection.fetch('select * from pool_statistics."Mixed Case" order by 1')
        ]
        same = "id grid j jb js raw i u ip net mac r mr v q n n2 d t tz ts tstz f df b vb p poly"
        texts = ", ".join(f"{name}::text" for name in same.split())
        for connection_ in (original, connection):
            await connection_.execute("set timezone = 'UTC'; set search_path = pool_statistics, public")
        expected = await original.fetch(f"select {texts} from kinds order by id")
        assert await connection.fetch(f"select {texts} from kinds order by id") == expected
    finally:
        await original.close()


@pytest.mark.every_postgresql
async def test_what_is_not_built_in_is_its_nearest_built_in_kind(connection: asyncpg.Connection, odd_url: str) -> None:
    await collect_from(connection, odd_url)

    types = await connection.fetch(
        "select i.name, i.sql_type from catalog.item i join catalog.resource r on r.id = i.resource"
        " where r.name = 'kinds'"
    )
    by_name = {row["name"]: row["sql_type"] for row in types}
    row = await connection.fetchrow("select * from pool_statistics.kinds where id = 1")

    assert row is not None
    expected = {
        "colour": ("text", "蓝"), "colours": ("text[]", ["red", "green", None]), "plate": ("text", "浙G12345"),
        "plates": ("text[]", ["a", "b"]), "pair": ("jsonb", '{"a": 1, "b c": "x y"}'),
        "pairs": ("jsonb", '[{"a": 1, "b c": "a"}, null]'), "span": ("text", "[1.5,2.5)"),
        "words": ("text[]", ["a b", None, 'c"d']), "c": ("text", "ab"), "o": ("bigint", 4294967295),
        "nm": ("text", "name"), "ch": ("text", "x"), "rc": ("text", "pg_class"), "ls": ("text", "16/B374D848"),
    }  # fmt: skip
    assert {name: (by_name[name], row[name]) for name in expected} == expected
    assert (by_name["x"], row["x"]) in (("text", "<a>b</a>"), ("text", None))
    assert (by_name["m"], str(row["m"])) == ("numeric", "1234567.89")
    assert (by_name["n2"], by_name["n3"]) == ("numeric(6,2)", "numeric")


async def test_keys_titles_and_requirements_come_along(connection: asyncpg.Connection, odd_url: str) -> None:
    report = await collect_from(connection, odd_url)

    by_name = {table.name: table for table in report.tables}
    assert by_name["order"].key == ("user", "group")
    assert by_name["no_key"].key == ()
    assert by_name["parted"].key == ("id", "year")
    titles = await connection.fetch(
        "select r.title, i.title as item from catalog.resource r join catalog.item i on i.resource = r.id"
        " where r.name = '民政.婚姻' order by position"
    )
    assert [tuple(title) for title in titles] == [("婚姻登记", "公民身份号码"), ("婚姻登记", "登记姓名")]
    required = await connection.fetch("select name from catalog.item where required and resource > 12 order by name")
    assert {"Id", "group", "user", "id", "n", "编号"} <= {name for (name,) in required}


async def test_names_in_the_graph_are_unique_and_well_formed(connection: asyncpg.Connection, odd_url: str) -> None:
    report = await collect_from(connection, odd_url)

    names = [table.graph_name for table in report.tables]
    assert len(set(names)) == len(names)
    assert {"mixedCase", "otherSchemaMixedCase", "minZhengHunYin", "order"} <= set(names)
    [mixed] = [table for table in report.tables if table.name == "Mixed Case"]
    assert [column.graph_name for column in mixed.columns] == ["sourceId", "select", "withQuotes", "kongGeLie", "aB"]


@pytest.mark.every_postgresql
async def test_a_second_collection_of_the_same_database_changes_nothing(
    connection: asyncpg.Connection, odd_url: str
) -> None:
    first = await collect_from(connection, odd_url)

    second = await collect_from(connection, odd_url)

    assert all(table.inserted == table.updated == table.deleted == 0 for table in second.tables)
    assert [table.unchanged for table in second.tables] == [table.inserted for table in first.tables]
    assert await connection.fetchval("select count(*) from platform.history where schema_name = 'pool_statistics'") == 0


async def test_one_schema_alone_can_be_asked_for(connection: asyncpg.Connection, odd_url: str) -> None:
    report = await collect_from(connection, odd_url, "民政")

    assert [table.name for table in report.tables] == ["民政.婚姻"]


async def test_a_schema_without_tables_is_refused(connection: asyncpg.Connection, odd_url: str) -> None:
    with pytest.raises(CollectionError, match="schema absent"):
        await collect_from(connection, odd_url, "absent")


async def test_rows_that_row_level_security_hides_are_an_error(connection: asyncpg.Connection, odd_url: str) -> None:
    owner = await asyncpg.connect(odd_url)
    try:
        await owner.execute(
            "alter table no_key enable row level security;"
            "do $$ begin create role reader login; exception when duplicate_object then null; end $$;"
            "grant usage on schema public to reader; grant select on no_key to reader"
        )
    finally:
        await owner.close()

    url = odd_url.replace("postgres@", "reader@", 1)
    with pytest.raises(CollectionError, match="cannot read table"):
        await collect_from(connection, url, "public")


async def test_a_database_that_cannot_be_reached_is_named_without_its_password(connection: asyncpg.Connection) -> None:
    with pytest.raises(CollectionError) as failure:
        await collect_from(connection, "postgresql://reader:secret@127.0.0.1:1/nowhere?sslmode=disable")

    assert "postgresql://127.0.0.1:1/nowhere" in failure.value.message
    assert "secret" not in failure.value.message


async def test_all_tables_are_read_from_one_snapshot(connection: asyncpg.Connection, odd_url: str) -> None:
    writer = await asyncpg.connect(odd_url)

    try:
        source = combine(open_sources([odd_url], None))
        tables = await source.tables()
        await writer.execute("insert into no_key values (9, null)")
        [no_key] = [table for table in tables if table.name == "no_key"]

        text = b"".join([chunk async for chunk in source.rows(no_key)])

        assert text.count(b"\n") == 3
    finally:
        await writer.close()
        await source.close()  # type: ignore[attr-defined]


async def test_a_failure_on_our_side_stops_reading_theirs(connection: asyncpg.Connection, odd_url: str) -> None:
    await collect_from(connection, odd_url, "Other schema")
    owner = await asyncpg.connect(odd_url)
    try:
        await owner.execute(
            'alter table "Other schema"."Mixed Case" alter column a type text;'
            'insert into "Other schema"."Mixed Case" select repeat($$x$$, 1000) from generate_series(1, 20000)'
        )
    finally:
        await owner.close()

    with pytest.raises(CollectionError, match="invalid input syntax for type integer"):
        await collect_from(connection, odd_url, "Other schema")


async def test_a_database_and_a_file_can_be_one_batch(
    connection: asyncpg.Connection, odd_url: str, tmp_path: Path
) -> None:
    (tmp_path / "file.csv").write_text("a\n1\n", encoding="utf-8")
    source = combine(open_sources([odd_url, str(tmp_path / "file.csv")], "民政"))

    report = await collect(connection, Collection("statistics", source), SilentProgress())

    assert [(table.name, table.inserted) for table in report.tables] == [("民政.婚姻", 1), ("file", 1)]


async def test_a_table_that_becomes_unreadable_is_named(connection: asyncpg.Connection, odd_url: str) -> None:
    owner = await asyncpg.connect(odd_url)
    try:
        await owner.execute(
            "create table public.late (n int); insert into public.late select 1 from generate_series(1, 10)"
        )
        source = combine(open_sources([odd_url], "public"))
        tables = await source.tables()
        await owner.execute("drop table public.late")
        [late] = [table for table in tables if table.name == "late"]

        with pytest.raises(CollectionError, match="cannot read table late of postgresql://"):
            _ = [chunk async for chunk in source.rows(late)]
    finally:
        await owner.close()
        await source.close()  # type: ignore[attr-defined]


async def test_a_broken_url_is_refused_clearly(connection: asyncpg.Connection) -> None:
    with pytest.raises(CollectionError, match="cannot read"):
        await collect_from(connection, "postgresql://[broken/x")
