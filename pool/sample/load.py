"""In charge of bringing the sample into the pool: one batch for each department, through the ordinary collection.

A load that was broken off goes on with the departments that are missing. It refuses to know how rows are made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import asyncpg

from pool.batch import Collection, collect
from pool.errors import CollectionError
from pool.progress import Progress
from pool.relations import pool_schema
from pool.sample.county import County, make_county
from pool.sample.places import read_places
from pool.sample.plan import Plan, PlannedDepartment, make_plan
from pool.sample.scale import COUNTY, SCALES, SMALL, Scale
from pool.sample.source import SampleSource, source_label
from pool.sample.specs import table_spec
from pool.sample.themes import read_departments
from pool.sql import relation

_LOADED = "select provider from platform.batch where kind = 'collection' and source = $1"


@dataclass(frozen=True, slots=True)
class SampleReport:
    """What is in the pool now; `loaded` are the departments this load brought, none if all were there already."""

    scale: str
    departments: int
    entries: int
    tables: int
    records: int
    loaded: tuple[str, ...]
    elapsed_s: float

    @property
    def was_loaded(self) -> bool:
        """Whether there was nothing to do."""
        return not self.loaded


async def load_sample(connection: asyncpg.Connection, scale: str, progress: Progress) -> SampleReport:
    """Loads the sample, or what is missing of it; the small one may grow to the county, not the other way round.

    Every department is durable as soon as its batch is. CollectionError for an unknown scale and for a shrinking one.
    """
    begun = monotonic()
    wanted = _scale(scale)
    if wanted is SMALL and await _departments(connection, COUNTY):
        raise CollectionError(
            "the sample is loaded at scale county, which does not shrink", "load the small one into another database"
        )
    plan = make_plan(wanted, read_places())
    there = await _departments(connection, wanted)
    missing = [department for department in plan.departments if department.code not in there]
    if missing:
        await load_departments(connection, make_county(wanted), missing, progress)
    return _report(plan, tuple(department.code for department in missing), monotonic() - begun)


async def is_loaded(connection: asyncpg.Connection, scale: str = SMALL.name) -> bool:
    """Whether the sample is there at this scale or a bigger one, all departments of it."""
    wanted = _scale(scale)
    enough = [each for each in SCALES.values() if each.records >= wanted.records]
    departments = {department.code for department in read_departments()}
    return any([departments <= await _departments(connection, each) for each in enough])


async def load_departments(
    connection: asyncpg.Connection, county: County, departments: Sequence[PlannedDepartment], progress: Progress
) -> None:
    """Loads these departments, each as a batch of its own, and brings the planner's statistics up to date."""
    titles = {department.code: department.title for department in read_departments()}
    for department in departments:
        specs = {table.name: table_spec(table, titles[department.code]) for table in department.tables}
        source = SampleSource(county, department)
        await collect(connection, Collection(department.code, source, specs=specs), progress)
    await _settle(connection, departments)


async def _settle(connection: asyncpg.Connection, departments: Sequence[PlannedDepartment]) -> None:
    """Statistics for the planner; base libraries, which were not made by their own COPY, get visibility maps too."""
    names = [
        relation(pool_schema(department.code), base.table.name)
        for department in departments
        for base in department.base
    ]
    if names and not connection.is_in_transaction():
        await connection.execute(f"vacuum (freeze, analyze) {', '.join(names)}")
    await connection.execute("analyze")


async def _departments(connection: asyncpg.Connection, scale: Scale) -> set[str]:
    return {row["provider"] for row in await connection.fetch(_LOADED, source_label(scale))}


def _scale(name: str) -> Scale:
    if name not in SCALES:
        raise CollectionError(f"there is no sample of scale {name}", f"scales: {', '.join(SCALES)}")
    return SCALES[name]


def _report(plan: Plan, loaded: tuple[str, ...], elapsed_s: float) -> SampleReport:
    scale = plan.scale
    return SampleReport(
        scale.name, len(plan.departments), scale.entries, scale.tables, scale.records, loaded, elapsed_s
    )
