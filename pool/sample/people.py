"""In charge of who lives in the county: made-up people in households, households in villages.

People stand in the order of their households, households in the order of villages, so the people of a town are one
range. It refuses to know how the tables about people look.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from pool.sample.citizen_numbers import HOME, OUTSIDE, CitizenNumbers
from pool.sample.draws import one, shares, shuffled, stream, weighted
from pool.sample.person_names import FEMALE, GIVEN, MALE, SURNAMES, WOMENS
from pool.sample.places import Places
from pool.sample.scale import LAST_YEAR

HEAD, SPOUSE, CHILD, PARENT = range(4)
"""What a person is in the household."""

HOUSEHOLD_SIZES = (1,) * 6 + (2,) * 11 + (3,) * 9 + (4,) * 6 + (5,) * 3 + (6,)
"""The households of every hundred people."""

_HEAD_AGES = weighted({age: 4 if age < 35 else 7 if age < 65 else 3 for age in range(24, 88)})
_INCOMERS = 0.07
_MARRIED = 0.8


@dataclass(frozen=True, slots=True)
class People:
    """The people by number. `starts` has one more than there are households: where the next one would begin."""

    ids: list[str]
    surnames: array[int]
    given: array[int]
    roles: bytearray
    households: array[int]
    starts: array[int]
    villages: array[int]
    town_starts: list[int]

    def name(self, person: int) -> str:
        """A person's name."""
        return SURNAMES[self.surnames[person]] + GIVEN[self.given[person]]

    def village(self, person: int) -> int:
        """The number of the village a person lives in."""
        return self.villages[self.households[person]]

    def age(self, person: int) -> int:
        """How old a person became in the sample's last year."""
        return LAST_YEAR - int(self.ids[person][6:10])

    def of_town(self, town: int) -> range:
        """The people of a town."""
        return range(self.town_starts[town], self.town_starts[town + 1])


@dataclass(frozen=True, slots=True)
class _Member:
    role: int
    born: int
    is_man: bool


def make_people(places: Places, count: int) -> People:
    """So many hundreds of people, the same ones every time."""
    random = stream("people")
    sizes = [size for _ in range(count // 100) for size in shuffled(random, HOUSEHOLD_SIZES)]
    villages = _villages(places, len(sizes), random)
    starts = array("I", accumulate(sizes, initial=0))
    people = People([], array("H"), array("H"), bytearray(), array("I"), starts, villages, [])
    numbers = CitizenNumbers()
    for household, size in enumerate(sizes):
        _settle(people, numbers, household, _members(size, random), random)
    town_by_village = [village.town for village in places.villages]
    first_households = [0] * len(places.towns)
    for household in range(len(sizes) - 1, -1, -1):
        first_households[town_by_village[villages[household]]] = household
    people.town_starts.extend([*(starts[household] for household in first_households), count])
    return people


def _villages(places: Places, households: int, random: Random) -> array[int]:
    """The village of every household, in the order of villages; every town gets some."""
    per_town = shares(households, [town.population_weight for town in places.towns])
    numbers = array("H")
    for town, settled in zip(places.towns, per_town, strict=True):
        parts = shares(settled, [0.4 + random.random() for _ in town.villages])
        for village, part in zip(town.villages, parts, strict=True):
            numbers.extend([village] * part)
    return numbers


def _settle(
    people: People, numbers: CitizenNumbers, household: int, members: Iterator[_Member], random: Random
) -> None:
    """Adds a household: children carry the head's surname, incomers' children were registered here."""
    home = one(random, OUTSIDE) if random.random() < _INCOMERS else HOME
    surname = int(random.random() * len(SURNAMES))
    for member in members:
        is_child = member.role == CHILD
        is_kin = member.role in {HEAD, CHILD} or (member.role == PARENT and member.is_man)
        own_surname = surname if is_kin else int(random.random() * len(SURNAMES))
        given = int(random.random() * len(MALE)) if member.is_man else WOMENS + int(random.random() * len(FEMALE))
        people.ids.append(numbers.next(HOME if is_child else home, member.born, random, is_man=member.is_man))
        people.surnames.append(own_surname)
        people.given.append(given)
        people.roles.append(member.role)
        people.households.append(household)


def _members(size: int, random: Random) -> Iterator[_Member]:
    """The head, perhaps a spouse, then children, and a parent in bigger households of younger heads."""
    number = random.random
    age = one(random, _HEAD_AGES)
    born = LAST_YEAR - age
    is_man = number() < 0.72
    yield _Member(HEAD, born, is_man)
    left = size - 1
    if left and number() < _MARRIED:
        yield _Member(SPOUSE, born + int(number() * 8) - 3, not is_man)
        left -= 1
    if left > 1 and age < 60:
        yield _Member(PARENT, born - 22 - int(number() * 10), number() < 0.4)
        left -= 1
    for _ in range(left):
        yield _Member(CHILD, min(born + 22 + int(number() * 14), LAST_YEAR), number() < 0.53)
