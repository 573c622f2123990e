"""CSV files as offices write them: types guessed, bad rows named by line, nothing altered on the way."""

from pathlib import Path

import asyncpg
import pytest

from pool.batch import Collection, collect
from pool.errors import CollectionError
from pool.progress import SilentProgress
from pool.report import TableReport
from pool.sources.opening import combine, open_sources

DIVISIONS = Path("pool/sample/data/divisions-330784.csv")


async def collect_file(
    connection: asyncpg.Connection, path: Path, key: tuple[str, ...] = (), provider: str = "civil-affairs"
) -> TableReport:
    source = combine(open_sources([str(path)], None))
    return (await collect(connection, Collection(provider, source, key=key), SilentProgress())).tables[0]


async def collect_text(
    connection: asyncpg.Connection, folder: Path, text: str, *, encoding: str = "utf-8", key: tuple[str, ...] = ()
) -> TableReport:
    path = folder / "table.csv"
    path.write_bytes(text.encode(encoding))
    return await collect_file(connection, path, key)


async def stored(connection: asyncpg.Connection, columns: str = "*") -> list[tuple[object, ...]]:
    rows = await connection.fetch(f'select {columns} from pool_civil_affairs."table" order by __row')
    return [tuple(row)[:-2] if columns == "*" else tuple(row) for row in rows]


async def test_the_real_divisions_come_in_with_all_their_codes_as_text(connection: asyncpg.Connection) -> None:
    report = await collect_file(connection, DIVISIONS, ("code",))

    assert (report.name, report.inserted) == ("divisions-330784", 477)
    assert [(column.name, column.sql_type) for column in report.columns] == [
        ("code", "text"), ("name", "text"), ("level", "text"), ("parent_code", "text"),
    ]  # fmt: skip
    town = await connection.fetchrow("select * from pool_civil_affairs.\"divisions-330784\" where code = '330784105'")
    assert town is not None
    assert (town["level"], town["parent_code"]) == ("town", "330784")
    assert town["name"].endswith("镇")


async def test_the_real_divisions_fill_the_shared_entity(connection: asyncpg.Connection, tmp_path: Path) -> None:
    (tmp_path / "division.csv").write_bytes(DIVISIONS.read_bytes())

    report = await collect_file(connection, tmp_path / "division.csv")

    assert (report.type_name, report.inserted) == ("Place", 477)
    assert await connection.fetchval("select count(*) from pool_civil_affairs.division where level = 'town'") == 14


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
async def test_encodings_of_chinese_offices_are_recognised(
    connection: asyncpg.Connection, tmp_path: Path, encoding: str
) -> None:
    await collect_text(connection, tmp_path, "名称,镇\n永康市五金厂,古山镇\n", encoding=encoding)

    assert await stored(connection) == [("永康市五金厂", "古山镇")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
async def test_delimiters_are_recognised(connection: asyncpg.Connection, tmp_path: Path, delimiter: str) -> None:
    await collect_text(connection, tmp_path, "\n".join(map(delimiter.join, ("abc", ['"x,;"', "y", "z"]))))

    assert await stored(connection) == [("x,;", "y", "z")]


async def test_quotes_line_breaks_and_backslashes_are_kept(connection: asyncpg.Connection, tmp_path: Path) -> None:
    await collect_text(connection, tmp_path, 'a,b\r\n"say ""hi""\r\nthere","back\\slash\ttab"\r\n\\N,\\.\r\n')

    assert await stored(connection) == [('say "hi"\r\nthere', "back\\slash\ttab"), ("\\N", "\\.")]


async def test_an_empty_field_is_null(connection: asyncpg.Connection, tmp_path: Path) -> None:
    await collect_text(connection, tmp_path, 'a,b,c\n,"", \n1,x,y\n')

    assert await stored(connection) == [(None, None, " "), (1, "x", "y")]


async def test_types_are_guessed_and_shown(connection: asyncpg.Connection, tmp_path: Path) -> None:
    text = (
        "small,large,huge,sum,day,moment,zoned,flag,postcode,citizen,mobile,town_code,word,nothing\n"
        "1,3000000000,12345678901234567890,1.50,2024/2/9,2024-02-09 08:00,2024-02-09T08:00:00+08:00,TRUE,"
        "321300,110101199003071234,13812345678,330784105,x,\n"
        "-2,-1,7,2,2024年12月31日,2024-02-09,2024-02-09T08:00Z,false,021300,11010119900307123X,13900000000,330784,1,\n"
    )

    report = await collect_text(connection, tmp_path, text)

    assert {column.name: column.sql_type for column in report.columns} == {
        "small": "integer", "large": "bigint", "huge": "numeric", "sum": "numeric", "day": "date",
        "moment": "timestamp", "zoned": "timestamptz", "flag": "boolean", "postcode": "text", "citizen": "text",
        "mobile": "text", "town_code": "text", "word": "text", "nothing": "text",
    }  # fmt: skip
    days = await stored(connection, "day::text, moment::text, huge::text, sum::text")
    assert days == [
        ("2024-02-09", "2024-02-09 08:00:00", "12345678901234567890", "1.50"),
        ("2024-12-31", "2024-02-09 00:00:00", "7", "2"),
    ]


async def test_big_numbers_keep_every_digit(connection: asyncpg.Connection, tmp_path: Path) -> None:
    digits = "9" * 900 + "." + "1" * 50

    await collect_text(connection, tmp_path, f"a,b\n{digits},-9223372036854775808\n1,9223372036854775807\n")

    assert await stored(connection, "a::text, b") == [(digits, -(2**63)), ("1", 2**63 - 1)]


async def test_bad_rows_are_named_by_their_line_in_the_file(connection: asyncpg.Connection, tmp_path: Path) -> None:
    await collect_text(connection, tmp_path, "code,day,n\na,2024-01-01,1\n", key=("code",))
    text = (
        "code,day,n\n"
        'a,2024-01-01,"1"\n'
        "b,2024-13-01,1\n"
        "\n"
        "c,2024-01-01\n"
        'd,"2024-01-02\n",1\n'
        "a,2024-01-03,2\n"
        "e,2024-01-03,1.5\n"
        ",2024-01-03,1\n"
        "f,2024-01-03,1,,\n"
        "g,2024-01-03,1,x\n"
    )

    with pytest.raises(CollectionError) as failure:
        await collect_text(connection, tmp_path, text)

    assert failure.value.details == (
        "table, line 3: column day holds '2024-13-01', which is not a day such as 2026-01-31",
        "table, line 5: 2 fields where the first line names 3",
        "table, line 8: key (code) is on line 2 already",
        "table, line 9: column n holds '1.5', which is not a whole number",
        "table, line 10: column code is empty but required",
        "table, line 12: 4 fields where the first line names 3",
    )


async def test_a_number_that_would_be_rounded_is_a_bad_row(connection: asyncpg.Connection, tmp_path: Path) -> None:
    path = tmp_path / "land_use.csv"
    head = "parcel_no,credit_code,area_mu,purpose,acquired_on,town_code\n"
    path.write_text(head + "a,b,1.2345,c,2024-01-01,330784105\nb,b,1.2300,c,2024-01-01,330784105\n", encoding="utf-8")

    with pytest.raises(CollectionError, match=r"holds '1.2345', which is not a number of at most 3 decimals"):
        await collect_file(connection, path, provider="natural-resources")


async def test_bytes_that_are_not_utf_8_are_named_by_line(connection: asyncpg.Connection, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes("名称,镇\n永康市五金厂,古山镇\n坏".encode() + b"\xe5,x\n")

    with pytest.raises(CollectionError, match="line 3: column 名称 holds bytes that are not in the file's encoding"):
        await collect_file(connection, path)


async def test_a_null_character_is_a_bad_row(connection: asyncpg.Connection, tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match=r"line 2: column a holds the character U\+0000"):
        await collect_text(connection, tmp_path, "a,b\nx\0y,1\n")


async def test_an_unclosed_quote_is_named_where_it_begins(connection: asyncpg.Connection, tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="line 3: is not CSV"):
        await collect_text(connection, tmp_path, 'a,b\n1,2\n"3,4\n5,6\n')


@pytest.mark.parametrize("text", ["", "\n\n", '"broken'])
async def test_a_file_without_a_first_line_is_refused(
    connection: asyncpg.Connection, tmp_path: Path, text: str
) -> None:
    with pytest.raises(CollectionError, match=r"table\.csv is (empty|not CSV)|first line of table\.csv is not CSV"):
        await collect_text(connection, tmp_path, text)


async def test_a_first_line_alone_is_an_empty_table(connection: asyncpg.Connection, tmp_path: Path) -> None:
    report = await collect_text(connection, tmp_path, "a, b ,,a\n")

    assert [column.name for column in report.columns] == ["a", "b", "column_3", "a_2"]
    assert report.inserted == 0


async def test_a_wider_number_on_a_second_load_widens_the_column(
    connection: asyncpg.Connection, tmp_path: Path
) -> None:
    await collect_text(connection, tmp_path, "code,n\na,1\n", key=("code",))

    report = await collect_text(connection, tmp_path, "code,n\na,3000000000\n")

    assert report.columns[1].change == "widened from integer"


async def test_a_file_of_many_blocks_keeps_its_line_numbers(connection: asyncpg.Connection, tmp_path: Path) -> None:
    await collect_text(connection, tmp_path, "code,n\na,1\n", key=("code",))
    lines = [f"c{number},{number}" for number in range(12_000)]
    lines[7_777] = "bad,x"
    lines[11_000] = "c5,1"

    with pytest.raises(CollectionError) as failure:
        await collect_text(connection, tmp_path, "code,n\n" + "\n".join(lines))

    assert failure.value.details == (
        "table, line 7779: column n holds 'x', which is not a whole number",
        "table, line 11002: key (code) is on line 7 already",
    )


async def test_several_files_are_one_batch(connection: asyncpg.Connection, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.csv").write_text("a\n1\n", encoding="utf-8")
    source = combine(open_sources([str(tmp_path / "one.csv"), str(tmp_path / "two.csv")], None))

    report = await collect(connection, Collection("civil-affairs", source), SilentProgress())

    assert (report.source, [table.name for table in report.tables]) == ("one.csv, two.csv", ["one", "two"])


async def test_rows_that_nobody_checks_end_in_an_error_if_one_is_bad(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n3\n", encoding="utf-8")
    [source] = open_sources([str(path)], None)
    [table] = await source.tables()

    with pytest.raises(CollectionError, match="a, line 3: 1 fields"):
        _ = [chunk async for chunk in source.rows(table)]


async def test_a_broken_utf_16_file_is_refused(connection: asyncpg.Connection, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("a,b\n1,2\n".encode("utf-16") + b"\x00")

    with pytest.raises(CollectionError, match="cannot read"):
        await collect_file(connection, tmp_path / "a.csv")


async def test_a_file_that_goes_away_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n", encoding="utf-8")
    [source] = open_sources([str(path)], None)
    [table] = await source.tables()
    path.unlink()

    with pytest.raises(CollectionError, match="cannot read"):
        _ = [chunk async for chunk in source.rows(table)]


async def test_files_of_one_name_are_refused(connection: asyncpg.Connection, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    paths = [tmp_path / "a.csv", tmp_path / "sub" / "a.csv"]
    for path in paths:
        path.write_text("a\n1\n", encoding="utf-8")

    source = combine(open_sources([str(path) for path in paths], None))
    with pytest.raises(CollectionError, match="two sources have a table a"):
        await collect(connection, Collection("civil-affairs", source), SilentProgress())


async def test_a_file_changed_between_types_and_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n", encoding="utf-8")
    [source] = open_sources([str(path)], None)
    [table] = await source.tables()
    path.write_text("a\n1\nx\n", encoding="utf-8")

    with pytest.raises(CollectionError, match="changed while it was read"):
        _ = [chunk async for chunk in source.rows(table)]


@pytest.mark.parametrize("name", ["absent.csv", "table.doc", "."])
def test_what_is_no_source_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "table.doc").write_text("a", encoding="utf-8")

    with pytest.raises(CollectionError) as failure:
        open_sources([str(tmp_path / name)], None)

    assert "PostgreSQL URL" in failure.value.hint


def test_a_schema_without_a_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="no source is a PostgreSQL URL"):
        open_sources([str(tmp_path / "a.csv")], "public")
