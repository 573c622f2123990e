"""NDJSON, XLSX and Parquet files: kinds of values survive, bad rows are named, damaged files are refused."""

import datetime
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import asyncpg
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pool.batch import Collection, collect
from pool.errors import CollectionError
from pool.progress import SilentProgress
from pool.report import TableReport
from pool.sources.opening import combine, open_sources


async def collect_file(connection: asyncpg.Connection, path: Path, *, skip_bad: bool = False) -> list[TableReport]:
    source = combine(open_sources([str(path)], None))
    collection = Collection("transport", source, skip_bad=skip_bad, rejects=path.parent)
    return list((await collect(connection, collection, SilentProgress())).tables)


async def rows_of(connection: asyncpg.Connection, table: str) -> list[tuple[object, ...]]:
    rows = await connection.fetch(f'select * from pool_transport."{table}" order by __row')
    return [tuple(row)[:-2] for row in rows]


def write_json(folder: Path, *lines: str) -> Path:
    path = folder / "table.ndjson"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


async def test_json_values_keep_their_kinds(connection: asyncpg.Connection, tmp_path: Path) -> None:
    path = write_json(
        tmp_path,
        '{"id": 1, "big": 123456789012345678901234567890, "sum": 1.10, "day": "2024-02-29", "code": "007", "on": true}',
        '{"id": 9007199254740993, "extra": {"a": [1.10, 12345678901234567890, {"b": null}]}, "code": "8", "list": [1]}',
    )

    [report] = await collect_file(connection, path)

    assert {column.name: column.sql_type for column in report.columns} == {
        "id": "bigint", "big": "numeric", "sum": "numeric", "day": "date", "code": "text", "on": "boolean",
        "extra": "jsonb", "list": "jsonb",
    }  # fmt: skip
    assert await rows_of(connection, "table") == [
        (
            1,
            Decimal("123456789012345678901234567890"),
            Decimal("1.10"),
            datetime.date(2024, 2, 29),
            "007",
            True,
            None,
            None,
        ),
        (9007199254740993, None, None, None, "8", None, '{"a": [1.10, 12345678901234567890, {"b": null}]}', "[1]"),
    ]


async def test_members_of_several_kinds_are_text_or_json(connection: asyncpg.Connection, tmp_path: Path) -> None:
    path = write_json(
        tmp_path, '{"a": 1, "b": 1, "c": "x", "": true}', '{"a": "x", "b": [1], "c": {"d": 1}, "": false}'
    )

    [report] = await collect_file(connection, path)

    assert [(column.name, column.sql_type) for column in report.columns] == [
        ("a", "text"), ("b", "jsonb"), ("c", "jsonb"), ("column_4", "boolean"),
    ]  # fmt: skip
    assert await rows_of(connection, "table") == [("1", "1", '"x"', True), ("x", "[1]", '{"d": 1}', False)]


async def test_lines_that_are_no_objects_are_bad_rows(connection: asyncpg.Connection, tmp_path: Path) -> None:
    deep = "[" * 100_000
    path = write_json(
        tmp_path,
        '{"a": "x"}',
        "",
        "[1]",
        '{"a": NaN}',
        '{"a"',
        '{"a": "\\u0000"}',
        '{"a": "\\ud800"}',
        '{"a": "永康"}',
        deep,
    )

    [report] = await collect_file(connection, path, skip_bad=True)

    assert [bad_row.line for bad_row in report.bad_rows] == [3, 4, 5, 6, 7, 9]
    assert await rows_of(connection, "table") == [("x",), ("永康",)]
    assert report.rejects is not None
    assert report.rejects.read_text(encoding="utf-8-sig").count("\n") > report.rejected


async def test_a_second_load_checks_json_values_against_the_columns(
    connection: asyncpg.Connection, tmp_path: Path
) -> None:
    await collect_file(connection, write_json(tmp_path, '{"n": 1, "day": "2024-01-01", "j": {}}'))

    with pytest.raises(CollectionError) as failure:
        await collect_file(
            connection,
            write_json(
                tmp_path, '{"n": "2", "day": "2024-01-02 00:00:00", "j": "text"}', '{"n": 1.5, "day": 1, "j": 1}'
            ),
        )

    assert failure.value.details == ("table, line 2: column n holds '1.5', which is not a whole number",)


async def test_a_file_without_objects_is_refused(connection: asyncpg.Connection, tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="holds no JSON object"):
        await collect_file(connection, write_json(tmp_path, "[]"))


def workbook(path: Path, **sheets: Sequence[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


async def test_cells_keep_their_kinds(connection: asyncpg.Connection, tmp_path: Path) -> None:
    moment = datetime.datetime(2024, 2, 29, 8, 30)  # noqa: DTZ001  a workbook knows no zones
    path = workbook(
        tmp_path / "book.xlsx",
        Sheet1=[
            [],
            ["编号", "金额", "数量", "时间", "日期", "开放", "时刻", None],
            ["001", 1.5, 3, moment, datetime.date(2024, 2, 29), True, datetime.time(8, 30)],
            ["123", 2, None, None, datetime.date(2024, 3, 1), False, None],
            [],
        ],
    )

    [report] = await collect_file(connection, path)

    assert [column.sql_type for column in report.columns] == [
        "text", "numeric", "integer", "timestamp", "date", "boolean", "time",
    ]  # fmt: skip
    assert await rows_of(connection, "book") == [
        ("001", Decimal("1.5"), 3, moment, datetime.date(2024, 2, 29), True, datetime.time(8, 30)),
        ("123", Decimal(2), None, None, datetime.date(2024, 3, 1), False, None),
    ]


async def test_every_sheet_with_something_in_it_is_a_table(connection: asyncpg.Connection, tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", empty=[], first=[["a"], [1]], 说明=[["b"], ["x"]])

    reports = await collect_file(connection, path)

    assert [(report.name, report.inserted) for report in reports] == [("book", 1), ("book.说明", 1)]


async def test_a_cell_beyond_the_named_columns_is_a_bad_row(connection: asyncpg.Connection, tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", one=[["a"], [1], [2, None, "stray"]])

    with pytest.raises(CollectionError, match="line 3: has a value to the right of the named columns"):
        await collect_file(connection, path)


@pytest.mark.parametrize("name", ["book.xlsx", "table.parquet"])
async def test_damaged_files_are_refused(connection: asyncpg.Connection, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"PK\x03\x04 this is none")

    with pytest.raises(CollectionError, match=f"cannot read {name}"):
        await collect_file(connection, path)


async def test_a_workbook_with_a_damaged_sheet_is_refused(connection: asyncpg.Connection, tmp_path: Path) -> None:
    whole = workbook(tmp_path / "whole.xlsx", one=[["a"], [1], [2]])
    with zipfile.ZipFile(whole) as original, zipfile.ZipFile(tmp_path / "book.xlsx", "w") as damaged:
        for name in original.namelist():
            content = original.read(name)
            damaged.writestr(name, content[: len(content) * 3 // 4] if "sheet1" in name else content)

    with pytest.raises(CollectionError, match=r"cannot read book\.xlsx"):
        await collect_file(connection, tmp_path / "book.xlsx")


async def test_many_rows_of_every_format_come_in_whole(connection: asyncpg.Connection, tmp_path: Path) -> None:
    count = 11_000
    rows: list[list[object]] = [["n"]]
    rows.extend([number] for number in range(count))
    workbook(tmp_path / "sheet.xlsx", one=rows)
    lines = "".join(f'{{"n": {number}}}\n' for number in range(count))
    (tmp_path / "lines.ndjson").write_text(lines, encoding="utf-8")
    pq.write_table(pa.table({"n": list(range(count))}), tmp_path / "parts.parquet", row_group_size=1000)

    for name in ("sheet.xlsx", "lines.ndjson", "parts.parquet"):
        [report] = await collect_file(connection, tmp_path / name)
        total = await connection.fetchval(f"select sum(n) from pool_transport.{report.name}")
        assert (report.inserted, total) == (count, count * (count - 1) // 2)


async def test_an_empty_workbook_is_refused(connection: asyncpg.Connection, tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match=r"book\.xlsx is empty"):
        await collect_file(connection, workbook(tmp_path / "book.xlsx", empty=[]))


async def test_parquet_types_are_kept(connection: asyncpg.Connection, tmp_path: Path) -> None:
    moment = datetime.datetime(2024, 2, 29, 8, tzinfo=datetime.UTC)
    naive = moment.replace(tzinfo=None)
    columns = {
        "small": (pa.int8(), "smallint", [1, None]),
        "unsigned": (pa.uint64(), "numeric(20,0)", [2**64 - 1, 0]),
        "whole": (pa.int64(), "bigint", [-(2**63), 2**63 - 1]),
        "exact": (pa.decimal128(20, 4), "numeric(20,4)", [Decimal("1.5000"), None]),
        "near": (pa.float64(), "double precision", [1e300, float("inf")]),
        "single": (pa.float32(), "real", [1.5, None]),
        "flag": (pa.bool_(), "boolean", [True, None]),
        "text": (pa.string(), "text", ["a\tb\\N\n", ""]),
        "coded": (pa.dictionary(pa.int8(), pa.string()), "text", ["x", None]),
        "bytes": (pa.binary(), "bytea", [b"\x00\\", b""]),
        "day": (pa.date32(), "date", [datetime.date(2024, 2, 29), None]),
        "local": (pa.timestamp("ns"), "timestamp", [naive, None]),
        "zoned": (pa.timestamp("ms", "Asia/Shanghai"), "timestamptz", [moment, None]),
        "clock": (pa.time64("ns"), "time", [datetime.time(8, 30, 1), None]),
        "span": (pa.duration("ms"), "interval", [datetime.timedelta(seconds=1.5), None]),
        "none": (pa.null(), "text", [None, None]),
    }
    table = pa.table({name: pa.array(values, kind) for name, (kind, _, values) in columns.items()})
    pq.write_table(table, tmp_path / "table.parquet")

    [report] = await collect_file(connection, tmp_path / "table.parquet")

    assert [(column.name, column.sql_type) for column in report.columns] == [
        (name, sql_type) for name, (_, sql_type, _) in columns.items()
    ]
    assert await rows_of(connection, "table") == list(zip(*(values for _, _, values in columns.values()), strict=True))


async def test_nested_parquet_columns_are_json(connection: asyncpg.Connection, tmp_path: Path) -> None:
    kind = pa.struct({"a": pa.decimal128(6, 2), "b": pa.list_(pa.date32())})
    values = [{"a": Decimal("1.50"), "b": [datetime.date(2024, 2, 29), None]}, None]
    pq.write_table(pa.table({"nested": pa.array(values, kind), "list": [[1, 2], []]}), tmp_path / "table.parquet")

    await collect_file(connection, tmp_path / "table.parquet")

    assert await rows_of(connection, "table") == [('{"a": 1.50, "b": ["2024-02-29", null]}', "[1, 2]"), (None, "[]")]


async def test_a_second_load_of_a_parquet_file_changes_nothing(connection: asyncpg.Connection, tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1.1, 2.2], "b": ["x", None]}), tmp_path / "table.parquet")
    await collect_file(connection, tmp_path / "table.parquet")

    [report] = await collect_file(connection, tmp_path / "table.parquet")

    assert (report.inserted, report.updated, report.deleted, report.unchanged) == (0, 0, 0, 2)
