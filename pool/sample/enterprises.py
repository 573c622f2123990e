"""In charge of which enterprises and other bodies there are, where, what they do, and who stands for them.

It refuses to know how the tables about enterprises look.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from random import Random

from pool.sample.calendar import DAYS, TODAY
from pool.sample.credit_codes import credit_code
from pool.sample.draws import lognormal, one, shuffled, stream, weighted
from pool.sample.industries import FIRST_CHARACTERS, INDUSTRIES, SECOND_CHARACTERS, Industry
from pool.sample.people import People
from pool.sample.places import Places
from pool.sample.scale import Scale

COMPANY, SOLE, TRADER, STOCK, PARTNERSHIP, COOPERATIVE, VILLAGE_BODY, TOWN_BODY, GROUP_BODY = range(9)
ASSOCIATION, NONPROFIT, INSTITUTION, MILITARY_BODY, OTHER_BODY = range(9, 14)

KINDS = (
    "有限责任公司", "个人独资企业", "个体工商户", "股份有限公司", "合伙企业", "农民专业合作社", "村经济合作社",
    "乡镇集体经济组织", "组级集体经济组织", "社会团体", "民办非企业单位", "事业单位", "军队事业单位", "其他组织",
)  # fmt: skip
_PREFIXES = ("91", "91", "92", "91", "91", "93", "N2", "N3", "N1", "51", "52", "12", "A1", "Y1")
_BUSINESS_ENDINGS = {COMPANY: "有限公司", SOLE: "厂", STOCK: "股份有限公司", PARTNERSHIP: "商行（有限合伙）"}
_BODY_ENDINGS = {
    COOPERATIVE: "农产品专业合作社", TOWN_BODY: "经济联合总社", GROUP_BODY: "经济合作社分社", ASSOCIATION: "行业协会",
    NONPROFIT: "公益服务中心", INSTITUTION: "服务中心", MILITARY_BODY: "服务站", OTHER_BODY: "联络处",
}  # fmt: skip
_KINDS_OF_HUNDRED = weighted(
    {
        COMPANY: 720, SOLE: 100, TRADER: 1090, STOCK: 8, PARTNERSHIP: 20, COOPERATIVE: 24, VILLAGE_BODY: 8,
        TOWN_BODY: 1, GROUP_BODY: 2, ASSOCIATION: 7, NONPROFIT: 10, INSTITUTION: 8, MILITARY_BODY: 1, OTHER_BODY: 1,
    }
)  # fmt: skip
_INDUSTRIAL_KINDS = weighted({COMPANY: 17, STOCK: 1, SOLE: 2})
_BEGINNINGS = ("永康市", "浙江", "永康", "金华", "浙江永康")
_EMPLOYEES = lognormal(2.4, 0.9)
_INDUSTRIAL_EMPLOYEES = lognormal(90, 0.8)
_LISTED_DAYS = 1_100
_TRIES = 30
_UNKNOWN_LEGAL_PERSON = 0.015

ACTIVE, SUSPENDED, REVOKED, DEREGISTERED = range(4)
STATUSES = ("active", "suspended", "revoked", "deregistered")
_STATUSES_OF_HUNDRED = weighted({ACTIVE: 86, SUSPENDED: 3, REVOKED: 2, DEREGISTERED: 9})
_INDUSTRIAL_STATUSES = weighted({ACTIVE: 48, SUSPENDED: 1, DEREGISTERED: 1})


@dataclass(frozen=True, slots=True)
class Enterprises:
    """The enterprises by number. A legal person of -1 is nobody of the county's people; established are days."""

    codes: list[str]
    names: list[str]
    kinds: bytearray
    industries: bytearray
    villages: array[int]
    towns: bytearray
    legal_persons: array[int]
    statuses: bytearray
    established: array[int]
    employees: array[int]
    industrial: list[int]
    by_town: list[list[int]]

    def industry(self, enterprise: int) -> Industry:
        """What an enterprise does."""
        return INDUSTRIES[self.industries[enterprise]]


def make_enterprises(places: Places, people: People, scale: Scale) -> Enterprises:
    """As many enterprises as the scale says, the same ones every time."""
    made = Enterprises(
        [],
        [],
        bytearray(),
        bytearray(),
        array("H"),
        bytearray(),
        array("i"),
        bytearray(),
        array("H"),
        array("H"),
        [],
        [],
    )
    made.by_town.extend([] for _ in places.towns)
    random = stream("enterprises")
    flags = [number < scale.industrial_per_hundred for number in range(100)]
    any_industry = weighted({number: industry.weight for number, industry in enumerate(INDUSTRIES)})
    making = [number for number in any_industry if INDUSTRIES[number].is_industrial]
    towns = weighted({number: town.enterprise_weight for number, town in enumerate(places.towns)})
    for _ in range(scale.enterprises // 100):
        for is_industrial in shuffled(random, flags):
            if is_industrial:
                made.industrial.append(len(made.kinds))
            made.kinds.append(one(random, _INDUSTRIAL_KINDS if is_industrial else _KINDS_OF_HUNDRED))
            made.industries.append(one(random, making if is_industrial else any_industry))
            _locate(made, places, one(random, towns), random)
            _age(made, random, is_industrial=is_industrial)
            _name(made, places, people, random)
    for enterprise in made.industrial:
        made.employees[enterprise] = 20 + int(one(random, _INDUSTRIAL_EMPLOYEES))
    return made


def _locate(made: Enterprises, places: Places, town: int, random: Random) -> None:
    made.by_town[town].append(len(made.towns))
    made.towns.append(town)
    made.villages.append(one(random, places.towns[town].villages))


def _age(made: Enterprises, random: Random, *, is_industrial: bool) -> None:
    """Since when it is there, how it stands and how many work there. Small ones are younger."""
    chance = random.random()
    youngest, years = (_LISTED_DAYS, chance) if is_industrial else (30, chance * chance)
    made.established.append(TODAY - youngest - int(years * (TODAY - youngest - 400)))
    made.statuses.append(one(random, _INDUSTRIAL_STATUSES if is_industrial else _STATUSES_OF_HUNDRED))
    made.employees.append(1 + int(one(random, _EMPLOYEES)))


def _name(made: Enterprises, places: Places, people: People, random: Random) -> None:
    """Gives the newest enterprise its code, its legal person (mostly a head of a household) and its name."""
    number = len(made.codes)
    kind = made.kinds[number]
    made.codes.append(credit_code(_PREFIXES[kind], number))
    head = _founder(people, made.established[number], random)
    made.legal_persons.append(-1 if random.random() < _UNKNOWN_LEGAL_PERSON else head)
    trade = one(random, made.industry(number).trades)
    if kind == TRADER:
        made.names.append(f"永康市{people.name(head)}{trade}{'店' if number % 3 else '经营部'}")
    elif kind == VILLAGE_BODY:
        made.names.append(f"{places.villages[made.villages[number]].address.removeprefix('浙江省')}股份经济合作社")
    elif kind in _BUSINESS_ENDINGS:
        made.names.append(f"{_brand(number)}{trade}{_BUSINESS_ENDINGS[kind]}")
    else:
        made.names.append(f"{_brand(number)}{_BODY_ENDINGS[kind]}")


def _founder(people: People, established: int, random: Random) -> int:
    """A head of a household who was of age when the enterprise was established, mostly."""
    latest = int(DAYS[established][:4]) - 20
    for _ in range(_TRIES):
        head = people.starts[int(random.random() * len(people.villages))]
        if int(people.ids[head][6:10]) <= latest:
            break
    return head


def _brand(number: int) -> str:
    """Where from and a brand of two characters; the same brand comes back only under another beginning."""
    brands = len(FIRST_CHARACTERS) * len(SECOND_CHARACTERS)
    cycle, place = divmod(number * 7_919 % (brands * len(_BEGINNINGS)), brands)
    first, second = divmod(place, len(SECOND_CHARACTERS))
    return f"{_BEGINNINGS[cycle]}{FIRST_CHARACTERS[first]}{SECOND_CHARACTERS[second]}"
