"""In charge of one department's share of the sample as a source of the pool, like a file or a database.

It refuses to know batches and the catalog.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace

from pool.sample.base_tables import BaseTable
from pool.sample.county import County
from pool.sample.drawing import begin_drawing
from pool.sample.lines import chunks
from pool.sample.plan import PlannedDepartment, PlannedTable
from pool.sample.scale import Scale
from pool.sample.table_rows import table_rows
from pool.sources.source import SourceColumn, SourceTable


def source_label(scale: Scale) -> str:
    """What batches of this sample say they came from; a sample that is there already is known by it."""
    return f"sample county ({scale.name})"


class SampleSource:
    """The tables of one department, base libraries first; rows are made up while they are read."""

    def __init__(self, county: County, department: PlannedDepartment) -> None:
        self._county = county
        self._base_by_name = {base.table.name: base for base in department.base}
        self._planned_by_name = {planned.name: planned for planned in department.tables}

    @property
    def label(self) -> str:
        """The sample and its scale."""
        return source_label(self._county.scale)

    async def tables(self) -> Sequence[SourceTable]:
        """The department's tables in the order of the plan."""
        base = [_of_base(base, self._county.scale) for base in self._base_by_name.values()]
        return [*base, *(_of_theme(planned) for planned in self._planned_by_name.values())]

    async def rows(self, table: SourceTable) -> AsyncIterator[bytes]:
        """The rows of a table, the same bytes every time."""
        for chunk in rows_of(self._county, self._base_by_name.get(table.name) or self._planned_by_name[table.name]):
            yield chunk


def rows_of(county: County, table: BaseTable | PlannedTable) -> Iterator[bytes]:
    """The rows of a table as COPY text."""
    if isinstance(table, BaseTable):
        return chunks(table.rows(county))
    drawing = begin_drawing(county, table.theme, table.name, table.rows, (table.period, table.town))
    return chunks(table_rows(drawing))


def _of_base(base: BaseTable, scale: Scale) -> SourceTable:
    return replace(base.table, expected_rows=base.count(scale))


def _of_theme(planned: PlannedTable) -> SourceTable:
    columns = tuple(
        SourceColumn(column.name, column.sql_type, column.is_key, column.title) for column in planned.theme.columns
    )
    return SourceTable(planned.name, columns, planned.theme.key, planned.title, planned.rows)
