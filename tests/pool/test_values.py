"""Types are guessed so that nothing is lost, and values are checked so that nothing is changed."""

import datetime
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool.conversion import JsonText, Misfit, converter
from pool.inference import Evidence, inferred_type, observe, observe_value
from pool.json_text import json_text
from pool.moments import iso_moment, recognise_moment
from pool.types import can_be_key, column_definition, data_type, pool_type, widest


def guess(*values: str, name: str = "a") -> str:
    evidence = Evidence()
    observe(evidence, values)
    return inferred_type(name, evidence, written=True)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("1", "-2"), "integer"),
        (("2147483648", "1"), "bigint"),
        (("9223372036854775808", "1"), "numeric"),
        (("1", "2.50", "-0.5", "1.5e10", "1e-7"), "numeric"),
        (("1E5", "2E7"), "text"),
        (("001", "2"), "text"),
        (("+5", "6"), "text"),
        (("1,000", "2"), "text"),
        (("-0", "1"), "text"),
        (("5" * 2000,), "text"),
        (("110101199003071234",), "text"),
        (("110101199003071234", "0"), "text"),
        (("622202100000000001", "622202100000000002"), "text"),
        (("33", "3307", "330784", "330784105", "330784105001"), "text"),
        (("33", "34", "11"), "integer"),
        (("330700000", "330784105"), "text"),
        (("13812345678", "15912345678"), "text"),
        (("true", "FALSE"), "boolean"),
        (("true", "1"), "text"),
        (("是", "否"), "text"),
        (("2024-01-01", "2024/1/2", "2024年1月3日"), "date"),
        (("2024-01-01", "2024-01-01 08:00"), "timestamp"),
        (("2024-01-01T08:00Z",), "timestamptz"),
        (("2024-01-01T08:00Z", "2024-01-01"), "text"),
        (("2024-02-30",), "text"),
        (("1", "2024-01-01"), "text"),
        (("²", "1"), "text"),
        ((), "text"),
    ],
)
def test_a_type_is_guessed_that_keeps_every_value(values: tuple[str, ...], expected: str) -> None:
    assert guess(*values) == expected


@pytest.mark.parametrize("name", ["code", "town_code", "townCode", "phone", "邮编", "行业代码", "postcode"])
def test_numbers_called_codes_are_text(name: str) -> None:
    assert guess("1", "2", name=name) == "text"


@pytest.mark.parametrize("name", ["hotel", "barcodes", "count", "数量", "code_count"])
def test_numbers_called_otherwise_are_numbers(name: str) -> None:
    assert guess("1", "2", name=name) == "integer"


def test_numbers_that_are_numbers_are_never_codes() -> None:
    evidence = Evidence()
    for value in (110101199003071234, None, ""):
        observe_value(evidence, value)

    assert inferred_type("code", evidence, written=False) == "bigint"


@pytest.mark.parametrize(
    ("sql_type", "value", "expected"),
    [
        ("text", "  x ", "  x "),
        ("text", " ", " "),
        ("text", "", None),
        ("text", True, "true"),
        ("text", JsonText("[1]"), "[1]"),
        ("integer", " 007 ", "007"),
        ("integer", "", None),
        ("integer", "  ", None),
        ("integer", 5.0, "5"),
        ("smallint", "-32768", "-32768"),
        ("numeric", "1.50", "1.50"),
        ("numeric", Decimal("1E+5"), "1E+5"),
        ("numeric(5,2)", "123.4500", "123.4500"),
        ("numeric(5,2)", "-999.99", "-999.99"),
        ("double precision", "1.5", "1.5"),
        ("boolean", "是", "true"),
        ("boolean", "F", "false"),
        ("date", "20240229", "2024-02-29"),
        ("date", "2024-02-29 00:00:00", "2024-02-29"),
        ("date", datetime.date(2024, 2, 29), "2024-02-29"),
        ("timestamp", "2024/2/29", "2024-02-29"),
        ("timestamp", "2024-02-29 8:05:06.5", "2024-02-29T08:05:06.5"),
        ("timestamptz", "2024-02-29T08:00:00+0800", "2024-02-29T08:00:00+0800"),
        ("time", "08:30", "08:30:00"),
        ("jsonb", '{"a": 1}', '{"a": 1}'),
        ("uuid", "A0EEBC999C0B4EF8BB6D6BB9BD380A11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ("inet", "10.0.0.1", "10.0.0.1"),
    ],
)
def test_a_value_of_the_type_is_taken(sql_type: str, value: object, expected: str | None) -> None:
    assert converter(sql_type, is_written=True)(value) == expected


@pytest.mark.parametrize(
    ("sql_type", "value", "reason"),
    [
        ("text", "a\0", "U+0000"),
        ("text", "\udce5", "encoding"),
        ("integer", "1.5", "whole number"),
        ("integer", "2147483648", "32 bits"),
        ("smallint", "32768", "16 bits"),
        ("bigint", "9" * 2000, "whole number"),
        ("numeric", "NaN", "a number"),
        ("numeric", "1_000", "a number"),
        ("numeric", "１２", "a number"),
        ("numeric", "1e99999999", "a number"),
        ("numeric(5,2)", "1.234", "2 decimals"),
        ("numeric(5,2)", "1000", "3 digits"),
        ("numeric(40,2)", "1" * 30 + ".123", "2 decimals"),
        ("real", "x", "a number"),
        ("double precision", "1e400", "64 bits"),
        ("boolean", "maybe", "true or false"),
        ("date", "2024-02-30", "a day"),
        ("date", "2024-02-29 08:00", "a day"),
        ("timestamp", "2024-02-29T08:00Z", "a time"),
        ("timestamptz", "2024-02-29T08:00", "zone"),
        ("time", "25:00", "time of day"),
        ("json", "{a}", "JSON"),
        ("json", "NaN", "JSON"),
        ("uuid", "x", "UUID"),
        ("integer", "x" * 100, "…"),
    ],
)
def test_a_value_of_no_such_type_is_refused_with_a_reason(sql_type: str, value: object, reason: str) -> None:
    with pytest.raises(Misfit, match=reason.replace("+", r"\+")):
        converter(sql_type, is_written=True)(value)


@pytest.mark.parametrize("value", ["text", 5, True, Decimal("1.50")])
def test_a_plain_value_in_a_json_column_is_json(value: object) -> None:
    text = converter("jsonb", is_written=False)(value)

    assert json.loads(str(text), parse_float=Decimal) == value


PLAIN = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False)


@given(st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_text_says_what_the_value_was(value: object) -> None:
    assert json.loads(json_text(value)) == value


@given(st.datetimes())
def test_every_time_python_writes_is_recognised(moment: datetime.datetime) -> None:
    text = moment.isoformat(sep=" ")

    assert recognise_moment(text) == "timestamp"
    assert iso_moment(text, "timestamp") == moment.isoformat()


@given(st.text(max_size=30))
def test_no_text_breaks_the_recognition(text: str) -> None:
    assert guess(text or "x") in {"text", "integer", "numeric", "boolean", "date", "timestamp", "timestamptz", "bigint"}


@pytest.mark.parametrize(
    ("written", "kept", "length"),
    [
        ("character varying(20)", "text", 20),
        ("character(5)", "text", 5),
        ("character varying(20)[]", "text[]", None),
        ("integer[][]", "integer[]", None),
        ("timestamp(0) without time zone", "timestamp", None),
        ("time with time zone", "timetz", None),
        ("interval day to second(3)", "interval", None),
        ("bit(8)", "bit varying", None),
        ("decimal(10, 2)", "numeric(10,2)", None),
        ("numeric(3,-2)", "numeric", None),
        ("numeric(2,5)", "numeric", None),
        ("geometry(Point,4326)", "text", None),
        ("int8", "bigint", None),
        ("datemultirange", "datemultirange", None),
    ],
)
def test_types_of_other_databases_have_their_equivalent(written: str, kept: str, length: int | None) -> None:
    assert (pool_type(written).name, pool_type(written).length) == (kept, length)


@pytest.mark.parametrize(
    ("kept", "incoming", "wider"),
    [
        ("integer", "bigint", "bigint"),
        ("bigint", "smallint", "bigint"),
        ("integer", "numeric(6,2)", "numeric(12,2)"),
        ("numeric(6,2)", "integer", "numeric(12,2)"),
        ("numeric(18,2)", "numeric", "numeric"),
        ("numeric", "integer", "numeric"),
        ("real", "double precision", "double precision"),
        ("text", "geometry", "text"),
        ("date", "text", "date"),
        ("timestamp", "date", "timestamp"),
        ("jsonb", "json", "jsonb"),
        ("date", "timestamp", None),
        ("numeric[]", "numeric", None),
        ("boolean", "integer", None),
    ],
)
def test_a_column_widens_only_to_what_holds_both(kept: str, incoming: str, wider: str | None) -> None:
    assert widest(kept, incoming) == wider


def test_types_have_letters_definitions_and_an_order() -> None:
    assert [data_type(name) for name in ("text", "json", "date[]", "bytea", "timestamptz")] == ["C", "M", "M", "B", "T"]
    assert column_definition("text") == 'text collate "C"'
    assert column_definition("date") == "date"
    assert not can_be_key("point[]")
    assert can_be_key("jsonb")
