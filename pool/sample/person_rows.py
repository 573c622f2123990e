"""In charge of the rows of the tables person and household of the public security bureau.

Faults of real life: missing telephone numbers, full-width digits in addresses, padded names, households without a known
head. It refuses to know how people are made up.
"""

from collections.abc import Iterator
from random import Random

from pool.sample.calendar import DAYS, TODAY, day_of
from pool.sample.draws import one, stream
from pool.sample.lines import NULL, mobile, sloppy
from pool.sample.people import CHILD, HEAD, PARENT, SPOUSE, People
from pool.sample.places import Places

_FROM_FAR = ("01", "01", "01", "06", "12", "09", "15", "03", "08")
_HOME_PEOPLE = ("01",) * 120 + ("17", "15", "03", "05", "02")
_HAN_PROVINCES = "33"


def household_number(household: int) -> str:
    """The number of a household, 12 characters."""
    return f"3784{household:08d}"


def household_address(people: People, places: Places, household: int) -> str:
    """Where a household lives: a flat in a community, a house in a village."""
    village = places.villages[people.villages[household]]
    number = household * 7919
    if "社区" in village.name:
        return f"{village.address}{number % 90 + 1}幢{number % 4 + 1}单元{number % 18 + 1}0{number % 3 + 1}室"
    return f"{village.address}{number % 380 + 1}号"


def person_rows(people: People, places: Places) -> Iterator[str]:
    """The rows of the table person, in its order of columns."""
    random = stream("rows", "person")
    address, place = "", ""
    for person, citizen_id in enumerate(people.ids):
        household = people.households[person]
        if people.roles[person] == HEAD:
            village = places.villages[people.villages[household]]
            address = household_address(people, places, household)
            place = f"{village.code}\t{village.code[:9]}\t{household_number(household)}"
        sex = NULL if random.random() < 0.002 else "12"[int(citizen_id[16]) % 2 == 0]
        yield (
            f"{citizen_id}\t{_written(people.name(person), random)}\t{sex}\t"
            f"{citizen_id[6:10]}-{citizen_id[10:12]}-{citizen_id[12:14]}\t{_ethnicity(citizen_id, random)}\t"
            f"{_phone(people.age(person), random)}\t{sloppy(address, random)}\t{place}\t"
            f"{_marital_status(people, person, random)}\t{_registered_on(citizen_id, random)}\n"
        )


def household_rows(people: People, places: Places) -> Iterator[str]:
    """The rows of the table household, in its order of columns."""
    random = stream("rows", "household")
    for household, number in enumerate(people.villages):
        village = places.villages[number]
        head = NULL if random.random() < 0.003 else people.ids[people.starts[household]]
        address = sloppy(household_address(people, places, household), random)
        yield f"{household_number(household)}\t{head}\t{address}\t{village.code}\t{village.code[:9]}\n"


def _written(name: str, random: Random) -> str:
    """The name; some clerks pad a name of two characters to the width of three."""
    chance = random.random()
    if len(name) == 2 and chance < 0.03:
        return f"{name[0]}　{name[1]}"
    return f"{name} " if chance < 0.004 else name


def _ethnicity(citizen_id: str, random: Random) -> str:
    return one(random, _HOME_PEOPLE if citizen_id.startswith(_HAN_PROVINCES) else _FROM_FAR)


def _phone(age: int, random: Random) -> str:
    """Children have none, and of one adult in eight the number is unknown."""
    return NULL if age < 14 or random.random() < 0.125 else mobile(random)


def _marital_status(people: People, person: int, random: Random) -> str:
    role, age = people.roles[person], people.age(person)
    if age < 22:
        return "未婚"
    chance = random.random()
    if role == SPOUSE or (role == HEAD and _has_spouse(people, person)):
        return "已婚"
    if role == CHILD or age < 32:
        return "未婚" if chance < 0.85 else "离婚"
    if role == PARENT or age > 65:
        return "丧偶" if chance < 0.7 else "已婚"
    return "离婚" if chance < 0.4 else NULL if chance < 0.45 else "未婚"


def _has_spouse(people: People, head: int) -> bool:
    return head + 1 < len(people.roles) and people.roles[head + 1] == SPOUSE


def _registered_on(citizen_id: str, random: Random) -> str:
    """Births are registered within the month, those born before the register began on some later day."""
    if citizen_id[6:10] >= "1990":
        return f"{citizen_id[6:10]}-{citizen_id[10:12]}-{max(int(citizen_id[12:14]), 28)}"
    return DAYS[day_of(1990) + int(random.random() * TODAY * 0.8)]
