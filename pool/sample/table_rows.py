"""In charge of the rows of a departmental table: its columns' values side by side.

It refuses to know how values come about.
"""

from collections.abc import Iterator

from pool.sample.columns import Column
from pool.sample.described_values import days_soon_after, values_of
from pool.sample.drawing import Drawing
from pool.sample.lines import NULL
from pool.sample.subject_values import DRAW_BY_COLUMN


def table_rows(drawing: Drawing) -> Iterator[str]:
    """The rows of a departmental table, in its order of columns."""
    columns: list[list[str]] = []
    days: list[str] = []
    for column in drawing.theme.columns:
        columns.append(days_soon_after(days, drawing) if column.sign == "@>" else _values(column, drawing))
        if column.sign in {"@", "@@"}:
            days = columns[-1]
    return (f"{line}\n" for line in map("\t".join, zip(*columns, strict=True)))


def _values(column: Column, drawing: Drawing) -> list[str]:
    if column.sign:
        return values_of(column, drawing)
    values = DRAW_BY_COLUMN[column.name](drawing)
    if not column.missing:
        return values
    number = drawing.random.random
    return [value if number() >= column.missing else NULL for value in values]
