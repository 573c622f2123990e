"""In charge of the rows of the table project: what enterprises invest in. Industrial ones have a project at least.

Faults of real life: missing telephone numbers and a few projects whose owner was never entered.
"""

from collections.abc import Iterator
from random import Random

from pool.sample.calendar import DAYS, TODAY
from pool.sample.draws import lognormal, one, stream
from pool.sample.enterprises import Enterprises
from pool.sample.lines import NULL, mobile, sloppy
from pool.sample.places import Places
from pool.sample.scale import Scale

_INVESTMENTS = lognormal(900, 1.4)
_MAKING = ("年产{n}万套{t}生产线技术改造项目", "新建{t}智能车间项目", "年产{n}万台{t}建设项目", "{t}数字化工厂项目")
_SERVING = ("{t}用房装修项目", "{t}综合楼建设项目", "{t}仓储物流项目", "{t}营业场所改造项目")
_LONGEST_DAYS = 3_600
_SERIALS = 1_000_000
_SERIAL_STEP = 314_159


def project_rows(enterprises: Enterprises, places: Places, scale: Scale) -> Iterator[str]:
    """The rows of the table project, in its order of columns: so many for every hundred enterprises."""
    random = stream("rows", "project")
    for number, owner in enumerate(_owners(enterprises, scale, random)):
        industry = enterprises.industry(owner)
        begun = max(TODAY - int(random.random() * _LONGEST_DAYS), enterprises.established[owner])
        duration = 200 + int(random.random() * 900)
        owner_code = NULL if random.random() < 0.002 else enterprises.codes[owner]
        yield (
            f"{_code(number, DAYS[begun])}\t{sloppy(_name(enterprises, owner, random), random)}\t{owner_code}\t"
            f"{industry.code}\t{int(one(random, _INVESTMENTS)) + 10}0000.00\t{_stage(begun, duration, random)}\t"
            f"{DAYS[begun + duration]}\t{places.towns[enterprises.towns[owner]].code}\t"
            f"{NULL if random.random() < 0.06 else mobile(random)}\n"
        )


def _owners(enterprises: Enterprises, scale: Scale, random: Random) -> Iterator[int]:
    """The owner of every project: each industrial enterprise once, the others by chance, of every hundred so many."""
    industrial = set(enterprises.industrial)
    for first in range(0, scale.enterprises, 100):
        makers = [number for number in range(first, first + 100) if number in industrial]
        yield from makers
        for _ in range(scale.projects_per_hundred - len(makers)):
            yield first + int(random.random() * 100)


def _code(number: int, day: str) -> str:
    """The project code of the investment platform: year and month, division, kind of review, kind, serial."""
    serial = (number * _SERIAL_STEP + 100_003) % _SERIALS
    return f"{day[2:4]}{day[5:7]}-330784-04-0{(1, 2, 5)[number % 3]}-{serial:06d}"


def _name(enterprises: Enterprises, owner: int, random: Random) -> str:
    industry = enterprises.industry(owner)
    pattern = one(random, _MAKING if industry.is_industrial else _SERVING)
    return enterprises.names[owner] + pattern.format(
        n=5 * (1 + int(random.random() * 60)), t=one(random, industry.trades)
    )


def _stage(begun: int, duration: int, random: Random) -> str:
    """The stage and the day of approval; what is only planned has none."""
    if TODAY - begun < 240 and random.random() < 0.5:
        return f"planned\t{NULL}"
    if begun + duration < TODAY:
        stage = "completed" if random.random() < 0.93 else "construction"
    else:
        stage = "construction" if TODAY - begun > 150 else "approved"
    return f"{stage}\t{DAYS[begun]}"
