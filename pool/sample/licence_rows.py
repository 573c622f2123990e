"""In charge of the rows of the table licence: every enterprise's business licence and what else it needs to hold.

A fault of real life: some enterprises that were struck off still hold licences that say they are valid.
"""

from collections.abc import Iterator
from random import Random

from pool.sample.calendar import DAYS, FIVE_YEARS, THREE_YEARS, TODAY
from pool.sample.draws import one, shares, shuffled, stream
from pool.sample.enterprises import ACTIVE, DEREGISTERED, Enterprises
from pool.sample.lines import NULL
from pool.sample.places import Places
from pool.sample.scale import Scale

_MARKET = "永康市市场监督管理局"
_TITLE_AND_ISSUER = {
    "business": ("营业执照", _MARKET),
    "food": ("食品经营许可证", _MARKET),
    "production": ("全国工业产品生产许可证", "浙江省市场监督管理局"),
    "safety": ("安全生产许可证", "永康市应急管理局"),
    "discharge": ("排污许可证", "金华市生态环境局永康分局"),
    "construction": ("建筑工程施工许可证", "永康市住房和城乡建设局"),
    "transport": ("道路运输经营许可证", "永康市交通运输局"),
}
_INDUSTRIAL = ("business", "discharge", "production", "safety")
_MAKERS = ("production", "safety", "discharge", "transport", "construction", "food")
_SELLERS = ("food", "food", "food", "transport", "business")
_EXTRAS = (0.2, 2.0, 1.0, 3.0, 1.5, 4.0, 1.0, 5.0)


def licence_rows(enterprises: Enterprises, places: Places, scale: Scale) -> Iterator[str]:
    """The rows of the table licence, in its order of columns: so many for every hundred enterprises."""
    random = stream("rows", "licence")
    industrial = set(enterprises.industrial)
    serial = 0
    for enterprise, count in enumerate(_counts(industrial, scale, random)):
        code = enterprises.codes[enterprise]
        town = places.towns[enterprises.towns[enterprise]].code
        begun = enterprises.established[enterprise]
        kinds = _INDUSTRIAL if enterprise in industrial else _kinds(enterprises, enterprise, count, random)
        for place, kind in enumerate(kinds):
            serial += 1
            issued = begun if place == 0 else TODAY - 1 - int(random.random() * min(TODAY - begun, 3000))
            until = _until(kind, issued, random)
            title, issuer = _TITLE_AND_ISSUER[kind]
            number = discharge_permit(code, place) if kind == "discharge" else _number(kind, serial, DAYS[issued])
            yield (
                f"{number}\t{kind}\t{title}\t{code}\t{issuer}\t{DAYS[issued]}\t{DAYS[until] if until else NULL}\t"
                f"{_status(enterprises.statuses[enterprise], until, random)}\t{town}\n"
            )


def discharge_permit(code: str, place: int = 1) -> str:
    """The number of a discharge permit: credit code, then its place among the licences; 1 at industrial enterprises."""
    return f"{code}{place:03d}P"


def _counts(industrial: set[int], scale: Scale, random: Random) -> list[int]:
    """How many licences each enterprise holds: industrial ones their four, the others one and some more."""
    others = 100 - scale.industrial_per_hundred
    extra = scale.licences_per_hundred - len(_INDUSTRIAL) * scale.industrial_per_hundred - others
    extras = shares(extra, [_EXTRAS[place % len(_EXTRAS)] for place in range(others)])
    counts: list[int] = []
    for first in range(0, scale.enterprises, 100):
        waiting = iter(shuffled(random, extras))
        counts.extend(
            len(_INDUSTRIAL) if number in industrial else 1 + next(waiting) for number in range(first, first + 100)
        )
    return counts


def _kinds(enterprises: Enterprises, enterprise: int, count: int, random: Random) -> list[str]:
    pool = _MAKERS if enterprises.industry(enterprise).is_industrial else _SELLERS
    return ["business", *(one(random, pool) for _ in range(count - 1))]


def _until(kind: str, issued: int, random: Random) -> int:
    """The last day of validity; 0 for the business licences without one."""
    if kind == "business":
        return issued + 4 * FIVE_YEARS if random.random() < 0.15 else 0
    return issued + (THREE_YEARS if kind == "safety" else FIVE_YEARS)


def _number(kind: str, serial: int, day: str) -> str:
    match kind:
        case "business":
            return f"33078400{serial:07d}"
        case "food":
            return f"JY1330784{serial:07d}"
        case "production":
            return f"浙XK16-{serial % 1000:03d}-{serial:06d}"
        case "safety":
            return f"(浙)WH安许证字〔{day[:4]}〕-{serial:06d}"
        case "construction":
            return f"330784{day[:4]}{day[5:7]}{day[8:]}{serial:06d}"
    return f"浙交运管许可金字330784{serial:07d}号"


def _status(enterprise_status: int, until: int, random: Random) -> str:
    if enterprise_status == DEREGISTERED and random.random() < 0.85:
        return "注销"
    if enterprise_status not in {ACTIVE, DEREGISTERED} and random.random() < 0.3:
        return "吊销"
    return "过期" if 0 < until < TODAY else "有效"
