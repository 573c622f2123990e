"""Figures and group keys as SQL: the same whatever the order of rows, and no error whatever the rows hold.

Equal values that are not written alike, such as 1.0 and 1.00, are one group and one extreme: what stands for them is
chosen here. Refuses to know who may ask for what.
"""

from dataclasses import dataclass

from resolvers.columns import compared_column
from resolvers.sql import Row
from schema.graph import Field
from schema.scalars import DECIMAL, FLOAT, REAL, UUID

_FIGURES = {
    "countDistinct": "count(distinct {0})::int4",
    "sum": "sum({0})",
    "avg": "avg({0})",
    "min": "min({0})",
    "max": "max({0})",
}
# Floats are added as the numbers that their shortest texts say: exactly, so that no order of rows makes a difference.
_OF_FLOATS = {
    "sum": "sum({0}::text::numeric)",
    "avg": "sum({0}::text::numeric) * 1.0000000000000000000000000 / count({0})",
    "min": "(min({0}) + 0::{1})",
    "max": "(max({0}) + 0::{1})",
}
# No number of rows below this adds up to more digits than PostgreSQL's numeric has.
_SUMMABLE = "1e131050"
_IS_SUMMABLE = f"abs({{0}}) < {_SUMMABLE} or abs({{0}}) = 'Infinity' or {{0}} = 'NaN'"
_SAFELY = (
    f"case when count({{0}}) = count({{0}}) filter (where {_IS_SUMMABLE}) then %s filter (where {_IS_SUMMABLE}) end"
)
# Of numbers without a scale of their own; of equal ones the one with the least scale.
_OF_ANY_SCALE = {
    "sum": f"({_SAFELY % 'sum({0})'})",
    "avg": f"({_SAFELY % 'avg({0})'})",
    "min": "(min(array[{0}, scale({0})]) filter (where {0} is not null))[1]",
    "max": "(max(array[{0}, -scale({0})]) filter (where {0} is not null))[1]",
}
# PostgreSQL raises where a number is out of the range of doubles.
_AS_DOUBLE = (
    "(case when {0} < -1.797693134862315807e308 then '-Infinity'::float8"
    " when {0} > 1.797693134862315807e308 and {0} <> 'NaN' then 'Infinity'"
    " when abs({0}) < 2.4703282292062328e-324 then 0 else ({0})::float8 end)"
)
# The first months and the rest of the other spans; times, through which date_trunc() leads, have fewer years than days.
_MONTH_BY_BUCKET = {
    "year": "1",
    "quarter": "extract(quarter from {0})::int * 3 - 2",
    "month": "extract(month from {0})::int",
}
_FIRST_DAY = "date '4714-11-24 BC'"
_FIRST_WHOLE = {"year": "date '4713-01-01 BC'", "quarter": "date '4713-01-01 BC'", "month": "date '4714-12-01 BC'"}


@dataclass(frozen=True, slots=True)
class KeySql:
    """A group key: by what rows are grouped and groups ordered, and what is shown of a group."""

    grouped: str
    shown: str


def figure_sql(row: Row, field: Field, function: str) -> str:
    """A figure of a field over several rows."""
    column = compared_column(row, field)
    if field.scalar is UUID and function in ("min", "max"):
        return _FIGURES[function].format(f"{column}::text") + "::uuid"  # PostgreSQL before 18 has no least UUID
    if field.scalar in (FLOAT, REAL) and function in _OF_FLOATS:
        figure = _OF_FLOATS[function].format(column, field.scalar.cast)
        return _AS_DOUBLE.format(figure) if function in ("sum", "avg") else figure
    if _has_any_scale(field) and function in _OF_ANY_SCALE:
        return _OF_ANY_SCALE[function].format(column)
    return _FIGURES[function].format(column)


def key_sql(column: str, field: Field, bucket: str | None) -> KeySql:
    """The field as a group key, cut to a span of time if one is given; `column` is it as it compares."""
    if bucket is not None:
        start = _start_of(bucket, f"({column})::date")
        return KeySql(start, start)
    if field.scalar in (FLOAT, REAL):
        positive = f"({column} + 0::{field.scalar.cast})"  # there are two zeros
        return KeySql(positive, positive)
    if _has_any_scale(field):
        return KeySql(column, f"coalesce(round({column}, min(scale({column}))), {column})")
    return KeySql(column, column)


def _has_any_scale(field: Field) -> bool:
    return field.scalar is DECIMAL and "(" not in field.sql_type


def _start_of(bucket: str, day: str) -> str:
    """The first day of a day's span: of the first span there is, the first day there is; infinite days are their own.

    Most days take the short way.
    """
    month = _MONTH_BY_BUCKET[bucket].format(day)
    return (
        f"(case when {day} between date '0001-01-01' and date '9999-12-31'"
        f" then date_trunc('{bucket}', {day}::timestamp)::date when not isfinite({day}) then {day}"
        f" when {day} < {_FIRST_WHOLE[bucket]} then {_FIRST_DAY}"
        f" else make_date(extract(year from {day})::int, {month}, 1) end)"
    )
