"""In charge of the made-up county as a whole: its places, people, enterprises and industry, which all tables draw on.

It refuses to know tables and departments.
"""

from dataclasses import dataclass

from pool.sample.enterprises import Enterprises, make_enterprises
from pool.sample.industry import IndustrialEnterprise, make_industry
from pool.sample.people import People, make_people
from pool.sample.places import Places, read_places
from pool.sample.scale import Scale


@dataclass(frozen=True, slots=True)
class County:
    """Everything there is, in memory: about 150 MB at full scale."""

    scale: Scale
    places: Places
    people: People
    enterprises: Enterprises
    industry: list[IndustrialEnterprise]


def make_county(scale: Scale) -> County:
    """The county at this scale, the same one every time; full scale takes some seconds."""
    places = read_places()
    people = make_people(places, scale.people)
    enterprises = make_enterprises(places, people, scale)
    return County(scale, places, people, enterprises, make_industry(enterprises))
