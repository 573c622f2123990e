"""In charge of how big a sample is. Every figure is exact: tests and the plan hold the generator to it."""

from dataclasses import dataclass

FIRST_YEAR = 2023
LAST_YEAR = 2025
"""The years of the yearly base tables; the sample's day is the first of January after them."""

YEARS = tuple(range(FIRST_YEAR, LAST_YEAR + 1))


@dataclass(frozen=True, slots=True)
class Scale:
    """The size of a sample county.

    People and enterprises come in hundreds. Of every hundred enterprises so many are industrial above scale and so
    many pay taxes that are listed. `themes` is how many themes of departmental tables each department has, `instances`
    how many tables of one theme at most. `tables`, `entries` and `records` are the totals, base libraries included.
    """

    name: str
    people: int
    enterprises: int
    industrial_per_hundred: int
    taxpayers_per_hundred: int
    licences_per_hundred: int
    projects_per_hundred: int
    credit_records_per_hundred: int
    themes: int
    instances: int | None
    entries: int
    tables: int
    records: int

    @property
    def industrial(self) -> int:
        """How many enterprises are industrial above scale."""
        return self.enterprises // 100 * self.industrial_per_hundred


SMALL = Scale(
    name="small",
    people=3_500,
    enterprises=1_000,
    industrial_per_hundred=8,
    taxpayers_per_hundred=20,
    licences_per_hundred=300,
    projects_per_hundred=25,
    credit_records_per_hundred=75,
    themes=2,
    instances=2,
    entries=70,
    tables=100,
    records=28_000,
)

COUNTY = Scale(
    name="county",
    people=700_000,
    enterprises=200_000,
    industrial_per_hundred=3,
    taxpayers_per_hundred=30,
    licences_per_hundred=300,
    projects_per_hundred=25,
    credit_records_per_hundred=75,
    themes=13,
    instances=None,
    entries=389,
    tables=3_899,
    records=6_970_000,
)

SCALES = {scale.name: scale for scale in (SMALL, COUNTY)}
