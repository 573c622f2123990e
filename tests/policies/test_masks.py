"""Masks on a real PostgreSQL: what each leaves of a value, that none raises, and which is the strictest."""

import datetime as dt
from decimal import Decimal
from itertools import permutations

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.masks import mask_sql, strictest_of

_HASH_OF_A = "ca978112ca1bbdca"
_TEXT_CASES = [
    ("null", "张三", None),
    ("fixed:***", "张三", "***"),
    ("fixed:it's \\ %s $1", "张三", "it's \\ %s $1"),
    ("fixed:", "张三", ""),
    ("keep:3,4", "13812345678", "138****5678"),
    ("keep:3,4", "1234567", "*******"),
    ("keep:0,0", "abc", "***"),
    ("keep:2,0", "浙江省", "浙江*"),
    ("person-name", "张三", "张*"),
    ("person-name", "张三丰", "张**"),
    ("person-name", "欧阳锋", "欧阳*"),
    ("person-name", "申屠文远", "申屠**"),
    ("person-name", "欧阳", "欧*"),
    ("person-name", "张", "*"),
    ("person-name", "", ""),
    ("person-name", "阿卜杜拉·买买提", "阿*******"),
    ("citizen-id", "330784199001011234", "330784********1234"),
    ("citizen-id", "33078419900101123X", "330784********123X"),
    ("citizen-id", "330722900101123", "330722*****1123"),
    ("citizen-id", "330784********1234", "330784********1234"),
    ("citizen-id", "护照 E12345678901234", "*" * 18),
    ("citizen-id", "33078419900101", "*" * 14),
    ("citizen-id-year", "330784199001011234", "******1990********"),
    ("citizen-id-year", "330722900101123", "*" * 15),
    ("phone", "13812345678", "138****5678"),
    ("phone", "0579-87101234", "057******1234"),
    ("phone", "87101234", "********"),
    ("address-town", "浙江省永康市古山镇金江龙村12号", "浙江省永康市古山镇"),
    ("address-town", "永康市江南街道白云社区", "永康市江南街道"),
    ("address-town", "永康市总部中心", None),
    ("address-town", "前街2号3单元501室，石柱镇", None),
    ("address-town", "前街２号，石柱镇", None),
    ("hash", "a", _HASH_OF_A),
    ("hash", "", "e3b0c44298fc1c14"),
    ("year", "1990-02-03", None),
    ("bucket:10", "123", None),
    ("no-such-mask", "张三", None),
    ("keep:3", "张三", None),
    ("keep:-1,2", "张三", None),
]


async def _masked(connection: asyncpg.Connection, spec: str, sql_type: str, value: object) -> object:
    mask = mask_sql(spec, 't."value"', sql_type)
    return await connection.fetchval(f"select {mask} from (select $1::{sql_type} as value) as t", value)


@pytest.mark.every_postgresql
async def test_masks_of_text(connection: asyncpg.Connection) -> None:
    for spec, value, expected in _TEXT_CASES:
        for sql_type in ("text", "character varying(40)"):
            assert await _masked(connection, spec, sql_type, value) == expected, (spec, value, sql_type)


@pytest.mark.every_postgresql
async def test_a_mask_of_padded_text_keeps_the_type(connection: asyncpg.Connection) -> None:
    assert await _masked(connection, "person-name", "character(6)", "张三") == "张*    "


@pytest.mark.every_postgresql
async def test_masks_of_dates_and_times_keep_the_year(connection: asyncpg.Connection) -> None:
    moment = dt.datetime(1990, 7, 8, 9, 10, 11, tzinfo=dt.UTC)
    new_year_in_yongkang = dt.datetime(1989, 12, 31, 16, tzinfo=dt.UTC)

    assert await _masked(connection, "year", "date", dt.date(1990, 7, 8)) == dt.date(1990, 1, 1)
    assert await _masked(connection, "year", "date", dt.date(2024, 12, 31)) == dt.date(2024, 1, 1)
    naive = moment.replace(tzinfo=None)
    assert await _masked(connection, "year", "timestamp", naive) == naive.replace(1990, 1, 1, 0, 0, 0)
    assert await _masked(connection, "year", "timestamp with time zone", moment) == new_year_in_yongkang
    for sql_type in ("date", "timestamp(3) without time zone", "timestamptz"):
        assert await _masked(connection, "phone", sql_type, None) is None


@pytest.mark.every_postgresql
async def test_masks_of_numbers_are_buckets_towards_zero(connection: asyncpg.Connection) -> None:
    assert await _masked(connection, "bucket:10", "integer", 47) == 40
    assert await _masked(connection, "bucket:10", "smallint", -32768) == -32760
    assert await _masked(connection, "bucket:999999999999999999", "bigint", 2**63 - 1) == 8999999999999999991
    assert await _masked(connection, "bucket:1000", "numeric(18,2)", Decimal("123456.78")) == Decimal("123000.00")
    nearly = Decimal("9999999999999999.99")
    assert await _masked(connection, "bucket:10000000000000000", "numeric(18,2)", nearly) == 0
    assert await _masked(connection, "bucket:5", "double precision", 12.5) == 10.0
    for sql_type in ("integer", "numeric", "real"):
        assert await _masked(connection, "phone", sql_type, None) is None


@pytest.mark.parametrize(
    ("spec", "sql_type", "values"),
    [
        ("year", "date", ["infinity", "-infinity", "4713-11-24 BC", "5874897-12-31", "0001-01-01"]),
        ("year", "timestamp", ["infinity", "-infinity", "4713-11-24 BC", "294276-12-31 23:59:59"]),
        ("year", "timestamptz", ["infinity", "-infinity", "4713-11-24 BC", "294276-12-31 23:59:59+00", "0001-01-02"]),
        ("bucket:3", "numeric", ["NaN", "Infinity", "-Infinity", "1e1000", "9e131071", "-9e131071", "1e-16383"]),
        ("bucket:3", "double precision", ["NaN", "Infinity", "1.7976931348623157e308", "5e-324", "-5e-324"]),
        ("bucket:3", "real", ["NaN", "-Infinity", "3.4028235e38", "1e-45"]),
        ("bucket:3", "integer", ["-2147483648", "2147483647"]),
    ],
)
async def test_no_value_of_a_type_makes_its_mask_raise(
    connection: asyncpg.Connection, spec: str, sql_type: str, values: list[str]
) -> None:
    mask = mask_sql(spec, "value", sql_type)
    statement = f"select ({mask})::text, pg_typeof({mask})::regtype from (select $1::text::{sql_type} as value) as t"

    rows = [await connection.fetchrow(statement, value) for value in values]

    assert {row[1] for row in rows if row} == {await connection.fetchval(f"select '{sql_type}'::regtype")}


async def test_null_stays_null_under_every_mask(connection: asyncpg.Connection) -> None:
    for spec, _, _ in _TEXT_CASES:
        assert await _masked(connection, spec, "text", None) is None


async def test_masking_twice_is_masking_once(connection: asyncpg.Connection) -> None:
    for spec, value, expected in _TEXT_CASES:
        if spec not in ("hash", "citizen-id-year"):
            assert await _masked(connection, spec, "text", expected) == expected, (spec, value)


@pytest.mark.parametrize(
    ("sql_type", "expected"),
    [
        ("boolean", "null::boolean"),
        ("jsonb", "null::jsonb"),
        ("text[]", "null::text[]"),
        ('"char"', 'null::"char"'),
        ("time(3) with time zone", "null::time(3) with time zone"),
        ("text); drop table t; --", "null"),
    ],
)
def test_a_type_no_mask_fits_is_null_of_that_type(sql_type: str, expected: str) -> None:
    assert mask_sql("phone", "value", sql_type) == expected


@pytest.mark.parametrize(
    ("masks", "strictest"),
    [
        ([], "null"),
        (["phone"], "phone"),
        (["year", "year"], "year"),
        (["phone", "null"], "null"),
        (["phone", "no-such-mask"], "null"),
        (["phone", "citizen-id"], "null"),
        (["fixed:x", "phone"], "fixed:x"),
        (["fixed:x", "fixed:a", "phone"], "fixed:a"),
        (["fixed:x", "null"], "null"),
        (["fixed:x", "phone", "citizen-id"], "null"),
        (["keep:3,4", "keep:6,2", "keep:5,3"], "keep:3,2"),
        (["keep:3,4", "phone"], "null"),
        (["bucket:4", "bucket:6"], "bucket:12"),
        (["bucket:10", "year"], "null"),
    ],
)
def test_the_strictest_of_several_masks(masks: list[str], strictest: str) -> None:
    assert {strictest_of(order) for order in permutations(masks)} == {strictest}


_specs = st.sampled_from(["null", "phone", "hash", "year", "fixed:a", "fixed:b", "?"]) | st.builds(
    "keep:{},{}".format, st.integers(0, 9), st.integers(0, 9)
)


@given(st.lists(_specs, min_size=1), st.lists(_specs, min_size=1))
def test_masks_form_a_lattice(some: list[str], more: list[str]) -> None:
    together = strictest_of(some + more)

    assert strictest_of([strictest_of(some), together]) == together
    assert strictest_of([together, together]) == together
