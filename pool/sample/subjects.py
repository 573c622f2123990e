"""In charge of whom the rows of a departmental table are about: people of some age, enterprises of some kind.

It refuses to know columns and rows.
"""

from collections.abc import Callable, Sequence
from random import Random

from pool.sample.draws import pick
from pool.sample.enterprises import COOPERATIVE, Enterprises
from pool.sample.industries import INDUSTRIES
from pool.sample.people import People
from pool.sample.scale import LAST_YEAR

_ADULTS = "18-90"
_TRIES = 400


def people_drawn(people: People, ages: str, count: int, town: int | None, random: Random) -> list[int]:
    """So many people of a town or of all; of other ages only where nobody is found."""
    youngest, oldest = (ages or _ADULTS).split("-")
    born = range(LAST_YEAR - int(oldest), LAST_YEAR - int(youngest) + 1)
    pool = range(len(people.ids)) if town is None else people.of_town(town)
    return _drawn(pool, count, random, lambda person: int(people.ids[person][6:10]) in born)


def enterprises_drawn(enterprises: Enterprises, which: str, count: int, town: int | None, random: Random) -> list[int]:
    """So many enterprises of a town or of all; of other kinds only where there are none."""
    if which == "industrial":
        return pick(random, enterprises.industrial, count)
    pool = range(len(enterprises.codes)) if town is None else enterprises.by_town[town]
    if not which:
        return pick(random, pool, count)
    if which == "bodies":
        return _drawn(pool, count, random, lambda number: enterprises.kinds[number] > COOPERATIVE)
    industries = {
        number
        for number, industry in enumerate(INDUSTRIES)
        if industry.code in which.split() or (which == "makers" and industry.is_industrial)
    }
    return _drawn(pool, count, random, lambda number: enterprises.industries[number] in industries)


def _drawn(pool: Sequence[int], count: int, random: Random, fits: Callable[[int], bool]) -> list[int]:
    """So many of the pool that fit, by trying."""
    drawn = []
    for _ in range(count):
        for _ in range(_TRIES):
            number = pool[int(random.random() * len(pool))]
            if fits(number):
                break
        drawn.append(number)
    return drawn
