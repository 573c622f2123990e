"""Scalars: GraphQL type, PostgreSQL type and operators of a kind of value, and how a value crosses between them.

Output: integers, floats and booleans are JSON's own; everything else leaves PostgreSQL as text in its GraphQL form
(dates and times ISO 8601; Decimal and BigInt as exact strings). Input: GraphQL literals and JSON values become what
the database driver binds: every text that is shown is read. Values PostgreSQL could not hold are refused here, so no
bad input reaches it.
"""

import math
import re
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import partial

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLFloat,
    GraphQLInt,
    GraphQLScalarType,
    GraphQLString,
    ValueNode,
)
from graphql.language import FloatValueNode, IntValueNode, StringValueNode, print_ast

from schema.times import Day, Moment, day_shown, moment_shown

_EQUALITY = ("eq", "ne", "in", "notIn", "isNull")
_ORDER = (*_EQUALITY, "lt", "lte", "gt", "gte")
_TEXT = (*_ORDER, "like", "startsWith", "contains", "search")
_LONGEST_NUMBER = 1000
_NO_DIGITS = frozenset(("NaN", "Infinity", "-Infinity"))
# What rounds to more than single precision has.
_BEYOND_SINGLE = float.fromhex("0x1.ffffffp+127")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A kind of value.

    `output` is a SQL template (`{}` is the column) in which it is selected; `cast` the type its parameters have; `bind`
    turns a coerced input value into the driver's value.
    """

    name: str
    graphql: GraphQLScalarType
    output: str
    cast: str
    operators: tuple[str, ...]
    bind: Callable[[object], object]

    @property
    def is_text(self) -> bool:
        """True when values leave PostgreSQL as text."""
        return self.cast == "text" or (self.output != "{}" and not self.output.endswith("float8"))

    def __reduce__(self) -> tuple[Callable[[str], "Scalar"], tuple[str]]:
        """Scalars are few and hold functions: another process finds its own by name."""
        return scalar_named, (f"{self.name} {self.output}",)


def _same(value: object) -> object:
    return value


def check_text(value: str) -> str:
    """The text, if PostgreSQL can store it: no NUL, no lone surrogate."""
    if "\0" in value:
        raise GraphQLError("Text must not contain the character U+0000.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise GraphQLError("Text must be valid Unicode: it contains half of a surrogate pair.") from error
    return value


def _bind_text(value: object) -> object:
    return check_text(value) if isinstance(value, str) else value


def _parse_big_int(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise GraphQLError("BigInt must be an integer or a string of digits.")
    if isinstance(value, str) and not (value.removeprefix("-").isdecimal() and value.isascii()):
        raise GraphQLError("BigInt must be an integer or a string of digits.")
    number = int(value) if not isinstance(value, str) or len(value) < 25 else 1 << 64
    if not -(1 << 63) <= number < 1 << 63:
        raise GraphQLError("BigInt must lie within 64 bits.")
    return number


def _parse_decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise GraphQLError("Decimal must be a number or a string holding one.")
    text = str(value)
    if isinstance(value, str) and value in _NO_DIGITS:
        return Decimal(value)
    if len(text) > _LONGEST_NUMBER or _NUMBER.fullmatch(text) is None:
        raise GraphQLError("Decimal must be a number or a string holding one.")
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise GraphQLError("Decimal must be finite and of reasonable size.") from error
    if abs(number.adjusted()) > _LONGEST_NUMBER:
        raise GraphQLError("Decimal must be finite and of reasonable size.")
    return number


def _parse_date(value: object) -> Day:
    text = value if isinstance(value, str) else ""
    try:
        return date.fromisoformat(text) if len(text) == len("2026-01-31") else day_shown(text)
    except ValueError as error:
        raise GraphQLError('Date must be a calendar day such as "2026-01-31".') from error


def _parse_moment(value: object, *, has_zone: bool) -> Moment:
    text = value if isinstance(value, str) else ""
    for read in (datetime.fromisoformat, partial(moment_shown, has_zone=has_zone)):
        with suppress(ValueError):
            return read(text)
    raise GraphQLError('A time must be ISO 8601, such as "2026-01-31T08:00:00Z".')


def _parse_date_time(value: object) -> Moment:
    moment = _parse_moment(value, has_zone=True)
    if not isinstance(moment, datetime):
        return moment
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise GraphQLError("DateTime must lie within the years 1 to 9999.") from error


def _parse_local_date_time(value: object) -> Moment:
    moment = _parse_moment(value, has_zone=False)
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        raise GraphQLError("LocalDateTime has no time zone.")
    return moment


def _parse_uuid(value: object) -> uuid.UUID:
    try:
        if isinstance(value, str):
            return uuid.UUID(value)
    except ValueError:
        pass
    raise GraphQLError("UUID must be 32 hexadecimal digits, with or without hyphens.")


def _literal(parse: Callable[[object], object]) -> Callable[[ValueNode, object], object]:
    def parse_literal(node: ValueNode, _variables: object = None) -> object:
        try:
            if isinstance(node, StringValueNode):
                return parse(node.value)
            if isinstance(node, IntValueNode | FloatValueNode) and len(node.value) <= _LONGEST_NUMBER:
                return parse(Decimal(node.value) if isinstance(node, FloatValueNode) else int(node.value))
        except GraphQLError as error:
            raise GraphQLError(error.message, node) from error  # it says where
        raise GraphQLError(f"Cannot read {print_ast(node)} as this type.", node)

    return parse_literal


def _text_of(value: object) -> str:
    return str(value)


def custom_scalar(name: str, description: str, parse: Callable[[object], object]) -> GraphQLScalarType:
    """A GraphQL type of values that `parse` reads, from JSON and from literals alike."""
    return GraphQLScalarType(
        name, description=description, serialize=_text_of, parse_value=parse, parse_literal=_literal(parse)
    )


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        raise GraphQLError("Float must be finite.")
    return value


def _single(value: object) -> object:
    if isinstance(value, float) and not abs(value) < _BEYOND_SINGLE:
        raise GraphQLError("Float must lie within single precision here: below 3.4028236e38.")
    return value


STRING = Scalar("String", GraphQLString, "{}", "text", _TEXT, _bind_text)
# Types without a GraphQL kind of their own (inet, arrays, ranges …): shown and compared in PostgreSQL's text form.
OTHER = Scalar("String", GraphQLString, "{}::text", "text", _TEXT, _bind_text)
INT = Scalar("Int", GraphQLInt, "{}", "int4", _ORDER, _same)
FLOAT = Scalar("Float", GraphQLFloat, "{}", "float8", _ORDER, _finite)
# Single precision, shown by the shortest text that means it: 1.1, not the double nearest to it.
REAL = Scalar("Float", GraphQLFloat, "{}::text::float8", "float4", _ORDER, _single)
BOOLEAN = Scalar("Boolean", GraphQLBoolean, "{}", "bool", _EQUALITY, _same)
BIG_INT = Scalar(
    "BigInt",
    custom_scalar("BigInt", "大整数 · a 64-bit integer, as an exact string", _parse_big_int),
    "{}::text",
    "int8",
    _ORDER,
    _same,
)
DECIMAL = Scalar(
    "Decimal",
    custom_scalar("Decimal", "精确小数 · a number, as an exact string", _parse_decimal),
    "{}::text",
    "numeric",
    _ORDER,
    _same,
)
DATE = Scalar(
    "Date", custom_scalar("Date", "日期 · a calendar day, ISO 8601", _parse_date), "{}::text", "date", _ORDER, _same
)
DATE_TIME = Scalar(
    "DateTime",
    custom_scalar("DateTime", "日期时间 · a moment in UTC, ISO 8601", _parse_date_time),
    "replace(replace(replace(replace({}::text, ' BC', '~'), ' ', 'T'), '+00', 'Z'), '~', ' BC')",
    "timestamptz",
    _ORDER,
    _same,
)
LOCAL_DATE_TIME = Scalar(
    "LocalDateTime",
    custom_scalar(
        "LocalDateTime", "本地日期时间 · a date and time without time zone, ISO 8601", _parse_local_date_time
    ),
    "replace(replace(replace({}::text, ' BC', '~'), ' ', 'T'), '~', ' BC')",
    "timestamp",
    _ORDER,
    _same,
)
JSON = Scalar(
    "JSON",
    GraphQLScalarType("JSON", description="任意 JSON 值 · any JSON value"),
    "{}::text",
    "jsonb",
    ("isNull",),
    _same,
)

UUID = Scalar(
    "UUID", custom_scalar("UUID", "通用唯一识别码 · RFC 9562", _parse_uuid), "{}::text", "uuid", _ORDER, _same
)

SCALARS = (STRING, INT, FLOAT, BOOLEAN, BIG_INT, DECIMAL, DATE, DATE_TIME, LOCAL_DATE_TIME, JSON, UUID)


def scalar_named(name: str) -> Scalar:
    """The scalar that pickles to this name."""
    return next(each for each in (*SCALARS, OTHER, REAL) if f"{each.name} {each.output}" == name)


_BY_SQL_TYPE = {
    "text": STRING, "character varying": STRING, "varchar": STRING,
    "smallint": INT, "integer": INT, "int2": INT, "int4": INT, "bigint": BIG_INT, "int8": BIG_INT,
    "real": REAL, "float4": REAL, "double precision": FLOAT, "float8": FLOAT,
    "numeric": DECIMAL, "boolean": BOOLEAN, "bool": BOOLEAN, "date": DATE,
    "timestamp with time zone": DATE_TIME, "timestamptz": DATE_TIME,
    "timestamp without time zone": LOCAL_DATE_TIME, "timestamp": LOCAL_DATE_TIME,
    "json": JSON, "jsonb": JSON, "uuid": UUID,
}  # fmt: skip


def scalar_of(sql_type: str) -> Scalar:
    """The scalar for a PostgreSQL type name, its modifiers ignored.

    >>> scalar_of("numeric(18,2)").name, scalar_of("integer[]").name
    ('Decimal', 'String')
    """
    if sql_type.endswith("[]"):
        return OTHER
    plain = sql_type.partition("(")[0].strip().lower()
    if sql_type.lower().startswith("timestamp("):
        plain = "timestamp with time zone" if "with time zone" in sql_type.lower() else "timestamp"
    return _BY_SQL_TYPE.get(plain, OTHER)
