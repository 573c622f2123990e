"""In charge of what the values of one departmental table are drawn from: its rows' subjects, towns and days.

It refuses to know columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from pool.sample.county import County
from pool.sample.draws import pick, stream, weighted
from pool.sample.people import People
from pool.sample.scale import LAST_YEAR
from pool.sample.themes import Theme

_TRIES = 400


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
        subjects = _people(county.people, theme.ages, count, town, random)
        towns: Sequence[int] = [county.places.villages[county.people.village(person)].town for person in subjects]
    elif theme.subject == "enterprises":
        pool = range(len(county.enterprises.codes)) if town is None else county.enterprises.by_town[town]
        subjects = pick(random, pool, count)
        towns = [county.enterprises.towns[enterprise] for enterprise in subjects]
    elif town is None:
        weights = {number: place.population_weight for number, place in enumerate(county.places.towns)}
        towns = pick(random, weighted(weights), count)
    else:
        towns = [town] * count
    return Drawing(f"{theme.department}/{name}", theme, county, random, count, period, subjects, towns)


def _people(people: People, ages: range, count: int, town: int | None, random: Random) -> list[int]:
    """So many people of these ages; somebody older or younger where nobody is found."""
    pool = range(len(people.ids)) if town is None else people.of_town(town)
    born = range(LAST_YEAR - ages[-1], LAST_YEAR - ages[0] + 1)
    drawn = []
    for _ in range(count):
        for _ in range(_TRIES):
            person = pool[int(random.random() * len(pool))]
            if int(people.ids[person][6:10]) in born:
                break
        drawn.append(person)
    return drawn
