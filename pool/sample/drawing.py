"""In charge of what the values of one departmental table are drawn from: its rows' subjects, towns and days.

It refuses to know columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from pool.sample.county import County
from pool.sample.draws import pick, stream, weighted
from pool.sample.subjects import enterprises_drawn, people_drawn
from pool.sample.themes import Theme


@dataclass(frozen=True, slots=True)
class Period:
    """The days a table is about, by number, and what its running numbers carry: `202503`."""

    first_day: int
    last_day: int
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """One table about to be made up. `subjects` are numbers of people or enterprises, empty if it is about neither."""

    name: str
    theme: Theme
    county: County
    random: Random
    count: int
    period: Period
    subjects: Sequence[int]
    towns: Sequence[int]

    def stream(self, purpose: str) -> Random:
        """The table's own chance for one purpose, the same however often it is asked for."""
        return stream(self.name, purpose)


def begin_drawing(county: County, theme: Theme, name: str, count: int, where: tuple[Period, int | None]) -> Drawing:
    """Draws the subjects of a theme's table; `where` is its period and, for a table of one town, the town's number."""
    period, town = where
    random = stream("table", theme.department, name)
    subjects: Sequence[int] = ()
    if theme.subject == "people":
        subjects = people_drawn(county.people, theme.whom, count, town, random)
        towns: Sequence[int] = [county.places.villages[county.people.village(person)].town for person in subjects]
    elif theme.subject == "enterprises":
        subjects = enterprises_drawn(county.enterprises, theme.whom, count, town, random)
        towns = [county.enterprises.towns[enterprise] for enterprise in subjects]
    elif town is None:
        weights = {number: place.population_weight for number, place in enumerate(county.places.towns)}
        towns = pick(random, weighted(weights), count)
    else:
        towns = [town] * count
    return Drawing(f"{theme.department}/{name}", theme, county, random, count, period, subjects, towns)
