"""What becomes of tables that the pool has already, and of names and keys it cannot have."""

import asyncpg
import pytest

from pool.batch import Collection, collect
from pool.cataloguing import EntrySpec, TableSpec
from pool.errors import CollectionError
from pool.names import SHARED_ENTITIES
from pool.progress import SilentProgress
from pool.report import TableReport
from pool.sources.source import SourceColumn, SourceTable
from tests.pool.memory import MemorySource

CODE = SourceColumn("code", "text")


def table_of(*columns: SourceColumn, name: str = "wells", key: tuple[str, ...] = ("code",)) -> SourceTable:
    return SourceTable(name, columns, key)


async def load(
    connection: asyncpg.Connection, table: SourceTable, *rows: str, key: tuple[str, ...] = (), entry: str | None = None
) -> TableReport:
    collection = Collection("water", MemorySource({table: rows}), entry, key)
    return (await collect(connection, collection, SilentProgress())).tables[0]


async def test_new_columns_are_added_as_not_shared_items(connection: asyncpg.Connection) -> None:
    await load(connection, table_of(CODE, SourceColumn("b", "text")), "a\tx")

    report = await load(
        connection, table_of(SourceColumn("水深", "integer"), SourceColumn("b", "text"), CODE), "7\tx\ta"
    )

    assert [(column.name, column.change) for column in report.columns] == [("水深", "added"), ("b", ""), ("code", "")]
    assert report.updated == 1
    item = await connection.fetchrow("select * from catalog.item where name = '水深'")
    assert item is not None
    assert (item["graph_name"], item["sharing"], item["position"]) == ("shuiShen", "not_shared", 3)
    assert await connection.fetchval('select "水深" from pool_water.wells') == 7


async def test_missing_columns_are_refused_by_name(connection: asyncpg.Connection) -> None:
    await load(connection, table_of(CODE, SourceColumn("depth", "integer"), SourceColumn("owner", "text")))

    with pytest.raises(CollectionError, match="depth, owner"):
        await load(connection, table_of(CODE))


async def test_wider_types_widen_the_column_and_its_item(connection: asyncpg.Connection) -> None:
    await load(
        connection, table_of(CODE, SourceColumn("n", "integer"), SourceColumn("m", "numeric(6,2)")), "a\t1\t1.25"
    )

    wider = table_of(CODE, SourceColumn("n", "bigint"), SourceColumn("m", "numeric(10,4)"))
    report = await load(connection, wider, "a\t3000000000\t123456.1234")

    assert [column.change for column in report.columns] == ["", "widened from integer", "widened from numeric(6,2)"]
    types = await connection.fetch("select sql_type, data_type from catalog.item where resource > 12 order by position")
    assert [tuple(each) for each in types] == [("text", "C"), ("bigint", "I"), ("numeric(10,4)", "N")]


async def test_narrower_types_change_nothing(connection: asyncpg.Connection) -> None:
    await load(connection, table_of(CODE, SourceColumn("n", "bigint"), SourceColumn("t", "text")), "a\t1\tx")

    report = await load(connection, table_of(CODE, SourceColumn("n", "smallint"), SourceColumn("t", "date")), "a\t1\tx")

    assert [column.sql_type for column in report.columns] == ["text", "bigint", "text"]
    assert report.unchanged == 1


async def test_types_that_do_not_fit_are_refused_by_column(connection: asyncpg.Connection) -> None:
    await load(connection, table_of(CODE, SourceColumn("day", "date")))

    with pytest.raises(CollectionError, match="column day of table wells holds date, the source gives integer"):
        await load(connection, table_of(CODE, SourceColumn("day", "integer")))


async def test_an_existing_key_stays_whatever_the_source_says(connection: asyncpg.Connection) -> None:
    await load(connection, table_of(CODE, SourceColumn("b", "text")), "a\t1")

    report = await load(connection, table_of(CODE, SourceColumn("b", "text"), key=("b",)), "a\t2")

    assert (report.key, report.updated) == (("code",), 1)


async def test_a_wished_key_makes_the_key_of_a_new_table(connection: asyncpg.Connection) -> None:
    table = table_of(CODE, SourceColumn("year", "integer"), SourceColumn("v", "text"), key=())

    report = await load(connection, table, "a\t1\tx", "a\t2\tx", key=("code", "year"))

    assert report.key == ("code", "year")
    assert await connection.fetchval("select key_columns from catalog.resource where name = 'wells'") == [
        "code",
        "year",
    ]


async def test_another_key_for_an_existing_table_is_refused(connection: asyncpg.Connection) -> None:
    await load(connection, table_of(CODE, SourceColumn("b", "text")))

    with pytest.raises(CollectionError, match="has the key code in the pool"):
        await load(connection, table_of(CODE, SourceColumn("b", "text")), key=("b",))


async def test_a_key_column_that_is_not_there_is_named(connection: asyncpg.Connection) -> None:
    with pytest.raises(CollectionError, match="table wells has no column number to be its key"):
        await load(connection, table_of(CODE), key=("number",))


async def test_a_column_without_order_cannot_be_a_key(connection: asyncpg.Connection) -> None:
    with pytest.raises(CollectionError, match="column code of table wells is json: no key"):
        await load(connection, table_of(SourceColumn("code", "json")))


async def test_a_shared_entity_takes_neither_new_columns_nor_wider_types(connection: asyncpg.Connection) -> None:
    columns = [
        SourceColumn(row["name"], row["sql_type"])
        for row in await connection.fetch(
            "select i.name, i.sql_type from catalog.item i join catalog.resource r on r.id = i.resource"
            " where r.type_name = 'LandUse' order by position"
        )
    ]
    more = SourceTable("land_use", (*columns, SourceColumn("colour", "text")))
    wider = SourceTable("land_use", tuple(SourceColumn(column.name, "text") for column in columns))

    for table in (more, SourceTable("land_use", (*columns[:2], SourceColumn("area_mu", "numeric"), *columns[3:]))):
        collection = Collection("natural-resources", MemorySource({table: []}))
        with pytest.raises(CollectionError, match="shared entity LandUse"):
            await collect(connection, collection, SilentProgress())
    await collect(connection, Collection("natural-resources", MemorySource({wider: []})), SilentProgress())


async def test_all_resources_of_the_migrations_are_known_shared_entities(connection: asyncpg.Connection) -> None:
    names = await connection.fetch("select type_name from catalog.resource")

    assert {name for (name,) in names} == SHARED_ENTITIES


async def test_a_computed_column_is_never_asked_of_a_source(connection: asyncpg.Connection) -> None:
    columns = ("code", "name", "level", "parent_code")
    table = SourceTable("division", tuple(SourceColumn(name, "text") for name in columns))
    source = MemorySource({table: ["330784105\tx\ttown\t330784"]})

    await collect(connection, Collection("civil-affairs", source), SilentProgress())

    assert await connection.fetchval("select town_code from pool_civil_affairs.division") == "330784105"


async def test_an_existing_entry_takes_new_tables(connection: asyncpg.Connection) -> None:
    first = await load(connection, table_of(CODE))

    second = await load(connection, table_of(CODE, name="more wells"), entry=first.entry)

    assert second.entry == first.entry
    third = await load(connection, table_of(CODE, name="third"))
    with pytest.raises(CollectionError, match="belongs to entry"):
        await load(connection, table_of(CODE, name="more wells"), entry=third.entry)


@pytest.mark.parametrize(("entry", "message"), [("329999/00001", "no entry"), ("101001/00001", "public-security")])
async def test_entries_that_are_not_the_provider_s_are_refused(
    connection: asyncpg.Connection, entry: str, message: str
) -> None:
    with pytest.raises(CollectionError, match=message):
        await load(connection, table_of(CODE), entry=entry)


async def test_derived_entries_have_titles_and_codes_of_their_own(connection: asyncpg.Connection) -> None:
    tables = {SourceTable(name, (CODE,), title="水井"): () for name in ("a", "b", "c")}

    report = await collect(connection, Collection("water", MemorySource(tables)), SilentProgress())

    rows = await connection.fetch("select code, title from catalog.entry where provider = 'water' order by code")
    assert [row["title"] for row in rows] == ["水井", "水井（2）", "水井（3）"]
    assert [table.entry for table in report.tables] == [row["code"] for row in rows]


async def test_two_different_entries_with_one_title_are_refused(connection: asyncpg.Connection) -> None:
    tables = {SourceTable(name, (CODE,)): () for name in ("a", "b")}
    specs = {"a": TableSpec(EntrySpec("水井")), "b": TableSpec(EntrySpec("水井", grade=2))}

    with pytest.raises(CollectionError, match="both called 水井"):
        await collect(connection, Collection("water", MemorySource(tables), specs=specs), SilentProgress())


async def test_two_tables_of_one_name_are_refused(connection: asyncpg.Connection) -> None:
    tables = {table_of(CODE): (), table_of(CODE, SourceColumn("b", "text")): ()}

    with pytest.raises(CollectionError, match="called wells"):
        await collect(connection, Collection("water", MemorySource(tables)), SilentProgress())


async def test_more_columns_than_a_table_can_have_are_refused(connection: asyncpg.Connection) -> None:
    with pytest.raises(CollectionError, match="1599 columns"):
        await load(connection, table_of(*(SourceColumn(f"c{number}", "text") for number in range(1599)), key=()))


async def test_as_many_columns_as_a_table_can_have_are_taken(connection: asyncpg.Connection) -> None:
    table = table_of(*(SourceColumn(f"c{number}", "smallint") for number in range(1598)), key=())

    for _ in range(2):
        await load(connection, table, "\t".join(["1"] * 1598))

    assert await connection.fetchval("select count(*) from catalog.item where resource > 12") == 1598


async def test_the_division_column_is_marked_by_its_name_alone(connection: asyncpg.Connection) -> None:
    await load(connection, table_of(CODE, SourceColumn("division_code", "text"), SourceColumn("town_code", "text")))
    await load(connection, table_of(CODE, SourceColumn("town_code", "integer"), name="numbers"))

    marked = await connection.fetch("select name from catalog.item where is_division and resource > 12")

    assert [name for (name,) in marked] == ["town_code"]


HOSTILE = (
    "'; drop schema catalog cascade; --",
    'a"b',
    "select",
    "Mixed Case",
    "back\\slash",
    "{braces} %s $1",
    "数" * 40,
    "x" * 63,
    "x" * 64,
    "x" * 64 + "y",
    "__epoch",
    "__row",
    "ctid",
    "tableoid",
    "__staged",
    "__line",
    "kept",
    "staged",
    "digest",
    "!",
    "😀",
    "new\nline",
    "id",
    "null",
)


async def test_hostile_names_of_tables_and_columns_come_in_whole(connection: asyncpg.Connection) -> None:
    columns = tuple(SourceColumn(name, "text") for name in HOSTILE)
    tables = [SourceTable(name, columns, key) for name, key in zip(HOSTILE, [(), HOSTILE[:2]] * 99, strict=False)]
    row = "\t".join(str(number) for number in range(len(HOSTILE)))
    other = row.replace("5", "6")

    for rows in ([row], [other, row], [row]):
        source = MemorySource({table: rows[: 1 if table.key else None] for table in tables})
        report = await collect(connection, Collection("water", source), SilentProgress())
        assert {len(table.columns) for table in report.tables} == {len(HOSTILE)}

    resources = await connection.fetch("select * from catalog.resource where provider = 'water'")
    assert {resource["name"] for resource in resources} == set(HOSTILE)
    for resource in resources:
        stored = await connection.fetch(
            "select attname::text from pg_attribute where attrelid = format('%I.%I', $1::text, $2::text)::regclass"
            " and attnum > 0 order by attnum",
            resource["schema_name"],
            resource["relation_name"],
        )
        items = await connection.fetch(
            "select name, title from catalog.item where resource = $1 order by position", resource["id"]
        )
        assert {name for (name,) in stored} - {"__row", "__epoch"} == {item["name"] for item in items}
        assert [item["title"] for item in items] == list(HOSTILE)
