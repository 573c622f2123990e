"""In charge of the values of the columns that a theme describes by a sign (`pool.sample.columns` lists the signs).

It refuses to know whom a row is about.
"""

from collections.abc import Callable, Mapping
from functools import cache

from pool.sample.calendar import DAYS, FIVE_YEARS, TODAY
from pool.sample.columns import Column
from pool.sample.drawing import Drawing
from pool.sample.draws import lognormal, pick
from pool.sample.lines import NULL

Draw = Callable[[Drawing, str], list[str]]

_SPREAD = 0.7
_READING_SPREAD = 0.22
_PIECES = 256
_FLAGS = ("t", "t", "t", "f")
_HOURS = 24


def values_of(column: Column, drawing: Drawing) -> list[str]:
    """The values of a described column, as COPY writes them; one in fifty of the plain ones is missing."""
    values = _DRAW_BY_SIGN[column.sign](drawing, column.needs)
    if column.is_key or column.sign not in _MAY_BE_MISSING:
        return values
    number = drawing.random.random
    return [value if number() > 0.02 else NULL for value in values]


def _texts(drawing: Drawing, needs: str) -> list[str]:
    return pick(drawing.random, needs.split("|"), drawing.count)


@cache
def _numbers(median: str, spread: float, pattern: str) -> list[str]:
    """A pool of numbers as text: whole for `d`, else with the pattern's decimals."""
    numbers = lognormal(float(median), spread, _PIECES)
    return [str(int(number + 0.5)) if pattern == "d" else f"{number:{pattern}}" for number in numbers]


def _whole(drawing: Drawing, needs: str) -> list[str]:
    return pick(drawing.random, _numbers(needs, _SPREAD, "d"), drawing.count)


def _money(drawing: Drawing, needs: str) -> list[str]:
    number = drawing.random.random
    pool = _numbers(needs, _SPREAD, "d")
    return [f"{amount}.{int(number() * 4) * 25:02d}" for amount in pick(drawing.random, pool, drawing.count)]


def _readings(drawing: Drawing, needs: str) -> list[str]:
    return pick(drawing.random, _numbers(needs, _READING_SPREAD, ".3f"), drawing.count)


def _percentages(drawing: Drawing, _: str) -> list[str]:
    number = drawing.random.random
    return [f"{100 * (1 - number() * number()):.2f}" for _ in range(drawing.count)]


def _flags(drawing: Drawing, _: str) -> list[str]:
    return pick(drawing.random, _FLAGS, drawing.count)


def _days(drawing: Drawing, _: str) -> list[str]:
    return pick(drawing.random, DAYS[drawing.period.first_day : drawing.period.last_day + 1], drawing.count)


def _later_days(drawing: Drawing, _: str) -> list[str]:
    after = drawing.period.last_day + 1
    return pick(drawing.random, DAYS[after : after + FIVE_YEARS], drawing.count)


def days_soon_after(earlier: list[str], drawing: Drawing) -> list[str]:
    """For each day or moment a day within the next month; what would lie in the future is missing, and some more."""
    number = drawing.random.random
    days = _day_numbers()
    later = [days[text[:10]] + 1 + int(number() * 30) for text in earlier]
    return [DAYS[day] if day < TODAY and number() > 0.05 else NULL for day in later]


@cache
def _day_numbers() -> dict[str, int]:
    return {day: number for number, day in enumerate(DAYS)}


def _moments(drawing: Drawing, _: str) -> list[str]:
    number = drawing.random.random
    return [
        f"{day} {8 + int(number() * 11):02d}:{int(number() * 60):02d}:{int(number() * 60):02d}+08"
        for day in _days(drawing, "")
    ]


def _running(drawing: Drawing, needs: str) -> list[str]:
    beginning = f"{needs}{drawing.period.label}"
    return [f"{beginning}{number:06d}" for number in range(1, drawing.count + 1)]


def _steps(drawing: Drawing) -> int:
    """How many members a series of one station has: its hours where it is by moments, else its days."""
    days = drawing.period.last_day - drawing.period.first_day + 1
    return days * _HOURS if any(column.sign == "&@@" for column in drawing.theme.columns) else days


def _series_codes(drawing: Drawing, needs: str) -> list[str]:
    steps = _steps(drawing)
    return [f"{needs}{number // steps + 1:03d}" for number in range(drawing.count)]


def _series_days(drawing: Drawing, _: str) -> list[str]:
    steps, first = _steps(drawing), drawing.period.first_day
    return [DAYS[first + number % steps] for number in range(drawing.count)]


def _series_moments(drawing: Drawing, _: str) -> list[str]:
    steps, first = _steps(drawing), drawing.period.first_day
    hours = [f"{hour:02d}:00:00+08" for hour in range(_HOURS)]
    return [
        f"{DAYS[first + number % steps // _HOURS]} {hours[number % steps % _HOURS]}" for number in range(drawing.count)
    ]


_DRAW_BY_SIGN: Mapping[str, Draw] = {
    "=": _texts,
    "#": _whole,
    "$": _money,
    "~": _readings,
    "%": _percentages,
    "?": _flags,
    "@": _days,
    "@+": _later_days,
    "@@": _moments,
    "^": _running,
    "&": _series_codes,
    "&@": _series_days,
    "&@@": _series_moments,
}
_MAY_BE_MISSING = frozenset("=#$~")
