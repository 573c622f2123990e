"""Scalars: what is read from literals and JSON, and what is refused before PostgreSQL meets it."""

import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from graphql import GraphQLError, parse_value

from schema.scalars import BIG_INT, DATE, DATE_TIME, DECIMAL, FLOAT, LOCAL_DATE_TIME, REAL, STRING, Scalar, scalar_of
from schema.scalars import UUID as UUID_SCALAR

_READ: list[tuple[Scalar, object, object]] = [
    (BIG_INT, 9223372036854775807, 9223372036854775807),
    (BIG_INT, "-9223372036854775808", -9223372036854775808),
    (DECIMAL, "0.10", Decimal("0.10")),
    (DECIMAL, 10**30, Decimal(10**30)),
    (DECIMAL, 0.5, Decimal("0.5")),
    (DECIMAL, "1e3", Decimal("1e3")),
    (DECIMAL, "Infinity", Decimal("Infinity")),
    (DECIMAL, "-Infinity", Decimal("-Infinity")),
    (DATE, "2024-02-29", date(2024, 2, 29)),
    (DATE_TIME, "2026-01-31T08:00:00+08:00", datetime(2026, 1, 31, tzinfo=UTC)),
    (DATE_TIME, "2026-01-31T08:00:00", datetime(2026, 1, 31, 8, tzinfo=UTC)),
    (LOCAL_DATE_TIME, "2026-01-31T08:00:00", datetime(2026, 1, 31, 8)),  # noqa: DTZ001  # a local time has no zone
    (UUID_SCALAR, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
]
_REFUSED: list[tuple[Scalar, object]] = [
    (BIG_INT, 1 << 63),
    (BIG_INT, "1" * 100),
    (BIG_INT, "1_0"),
    (BIG_INT, "１"),
    (BIG_INT, 1.5),
    (BIG_INT, True),
    (DECIMAL, "nan"),
    (DECIMAL, "sNaN"),
    (DECIMAL, "inf"),
    (DECIMAL, "+Infinity"),
    (DECIMAL, "1_0"),
    (DECIMAL, " 1"),
    (DECIMAL, "1e2000"),
    (DECIMAL, "1e99999999999999999999"),
    (DECIMAL, "1" * 1001),
    (DECIMAL, False),
    (DATE, "2023-02-29"),
    (DATE, "20240229"),
    (DATE, 20240229),
    (DATE, "Infinity"),
    (DATE, "+infinity"),
    (DATE, "0000-01-01"),
    (DATE, "0000-01-01 BC"),
    (DATE, "4714-11-23 BC"),
    (DATE, "5874898-01-01"),
    (DATE, "10001-02-29"),
    (DATE, "0002-02-29 BC"),
    (DATE, "0044-03-15BC"),
    (DATE, "10000-01-01T00:00:00"),
    (DATE_TIME, "294277-01-01T00:00:00Z"),
    (DATE_TIME, "4714-11-23T23:59:59.999999Z BC"),
    (DATE_TIME, "10000-01-01T00:00:00"),
    (DATE_TIME, "10000-01-01T24:00:00Z"),
    (DATE_TIME, "10000-01-01"),
    (LOCAL_DATE_TIME, "10000-01-01T00:00:00Z"),
    (LOCAL_DATE_TIME, "10000-01-01T00:00:60"),
    (DATE_TIME, "yesterday"),
    (DATE_TIME, "0001-01-01T00:00:00+14:00"),
    (LOCAL_DATE_TIME, "2026-01-31T08:00:00Z"),
    (UUID_SCALAR, "1234"),
    (UUID_SCALAR, 12345678901234567890123456789012),
]


@pytest.mark.parametrize(("scalar", "value", "read"), _READ)
def test_a_value_is_read_alike_from_json_and_from_a_literal(scalar: Scalar, value: object, read: object) -> None:
    literal = parse_value(json.dumps(value))

    assert scalar.graphql.parse_value(value) == read
    assert scalar.graphql.parse_literal(literal) == read


@pytest.mark.parametrize(("scalar", "value"), _REFUSED)
def test_a_value_that_postgresql_could_not_hold_is_refused(scalar: Scalar, value: object) -> None:
    literal = parse_value(json.dumps(value))

    with pytest.raises(GraphQLError):
        scalar.graphql.parse_value(value)
    with pytest.raises(GraphQLError):
        scalar.graphql.parse_literal(literal)


@pytest.mark.parametrize("literal", ["[1]", "{a: 1}", "null", "true", "ENUM"])
def test_a_literal_of_another_kind_is_refused(literal: str) -> None:
    with pytest.raises(GraphQLError):
        DECIMAL.graphql.parse_literal(parse_value(literal))


@pytest.mark.parametrize(
    ("scalar", "value"), [(STRING, "a\0b"), (STRING, "\ud800"), (FLOAT, math.inf), (REAL, 3.4028236e38)]
)
def test_what_graphql_admits_and_postgresql_does_not_is_refused_when_bound(scalar: Scalar, value: object) -> None:
    with pytest.raises(GraphQLError):
        scalar.bind(value)


@pytest.mark.parametrize(
    ("sql_type", "name"),
    [
        ("numeric(18,2)", "Decimal"),
        ("timestamp(3) with time zone", "DateTime"),
        ("timestamp(3) without time zone", "LocalDateTime"),
        ("character varying(10)", "String"),
        ("integer[]", "String"),
        ("bigint", "BigInt"),
        ("inet", "String"),
    ],
)
def test_a_type_of_postgresql_has_its_scalar(sql_type: str, name: str) -> None:
    assert scalar_of(sql_type).name == name
