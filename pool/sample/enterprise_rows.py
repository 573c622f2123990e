"""In charge of the rows of the table enterprise of the market regulation bureau.

Faults of real life: bodies without an industry, legal persons who are not registered here or not known at all, padded
names, full-width digits, missing telephone numbers and a few missing towns. It refuses to know who the enterprises are.
"""

from collections.abc import Iterator
from random import Random

from pool.sample.calendar import DAYS
from pool.sample.draws import lognormal, one, stream
from pool.sample.enterprises import COMPANY, COOPERATIVE, KINDS, STATUSES, STOCK, TRADER, Enterprises
from pool.sample.lines import NULL, mobile, sloppy
from pool.sample.people import People
from pool.sample.person_names import GIVEN, SURNAMES
from pool.sample.places import Places, Village
from pool.standards.citizen_id import check_character

_CAPITALS = {
    COMPANY: lognormal(120, 1.2),
    TRADER: lognormal(8, 0.9),
    STOCK: lognormal(3_000, 0.9),
    COOPERATIVE: lognormal(60, 0.8),
}
_OTHER_CAPITALS = lognormal(40, 1.0)
_INDUSTRIAL_CAPITAL_FACTOR = 6
_NEEDS_APPROVAL = "（依法须经批准的项目，经相关部门批准后方可开展经营活动）"
_STREETS = ("金山西路", "总部中心", "五金大道", "科技路", "长城东路", "夏溪路", "花城中路", "望春东路", "九铃东路")


def enterprise_rows(enterprises: Enterprises, people: People, places: Places) -> Iterator[str]:
    """The rows of the table enterprise, in its order of columns."""
    random = stream("rows", "enterprise")
    industrial = set(enterprises.industrial)
    for number, code in enumerate(enterprises.codes):
        kind = enterprises.kinds[number]
        village = places.villages[enterprises.villages[number]]
        is_industrial = number in industrial
        legal_person = _legal_person(enterprises.legal_persons[number], people, random)
        industry = NULL if _has_no_industry(kind, random) else enterprises.industry(number).code
        town = NULL if random.random() < 0.001 and not is_industrial else village.code[:9]
        yield (
            f"{code}\t{sloppy(enterprises.names[number], random)}\t{KINDS[kind]}\t{legal_person}\t{industry}\t"
            f"{_capital(kind, random, is_industrial=is_industrial)}\t{DAYS[enterprises.established[number]]}\t"
            f"{STATUSES[enterprises.statuses[number]]}\t{_address(village, places, number, random)}\t{town}\t"
            f"{_phone(random)}\t{_employees(enterprises, number, random)}\t{_scope(enterprises, number, random)}\n"
        )


def _legal_person(person: int, people: People, random: Random) -> str:
    """Id and name; somebody from elsewhere where the county does not know them, and sometimes only a name."""
    if person >= 0:
        return f"{people.ids[person]}\t{people.name(person)}"
    name = f"{one(random, SURNAMES)}{one(random, GIVEN)}"
    if random.random() < 0.25:
        return f"{NULL}\t{name}"
    stem = (
        f"33072419{60 + int(random.random() * 40)}{1 + int(random.random() * 9):02d}15{int(random.random() * 1000):03d}"
    )
    return f"{stem}{check_character(stem)}\t{name} "


def _has_no_industry(kind: int, random: Random) -> bool:
    return random.random() < (0.5 if kind > COOPERATIVE else 0.004)


def _capital(kind: int, random: Random, *, is_industrial: bool) -> str:
    """In ten thousands of yuan; bodies that are no businesses have none."""
    if kind > COOPERATIVE:
        return NULL
    amount = one(random, _CAPITALS.get(kind, _OTHER_CAPITALS)) * (_INDUSTRIAL_CAPITAL_FACTOR if is_industrial else 1)
    step = 1 if amount < 20 else 10 if amount < 500 else 100
    return f"{max(int(amount) // step * step, 1)}0000.00"


def _address(village: Village, places: Places, number: int, random: Random) -> str:
    if random.random() < 0.4:
        return f"浙江省永康市{places.towns[village.town].name}{one(random, _STREETS)}{number * 31 % 998 + 1}号"
    return sloppy(f"{village.address}工业区{number * 17 % 280 + 1}号", random)


def _phone(random: Random) -> str:
    chance = random.random()
    if chance < 0.09:
        return NULL
    if chance < 0.3:
        return f"0579-87{int(random.random() * 1_000_000):06d}"
    return mobile(random)


def _employees(enterprises: Enterprises, number: int, random: Random) -> str:
    return NULL if random.random() < 0.03 else str(enterprises.employees[number])


def _scope(enterprises: Enterprises, number: int, random: Random) -> str:
    scope = enterprises.industry(number).scope
    return scope + _NEEDS_APPROVAL if random.random() < 0.2 else scope
