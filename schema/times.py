"""Days and moments as PostgreSQL has them, of more years than Python: 4714 BC to 5874897, and two that are infinite.

Read from the texts in which they are shown; years 1 to 9999 are Python's own. The driver is told all of them as the
numbers PostgreSQL keeps: its own way takes the last of Python's days for infinity. Knows nothing of scalars.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

_SHOWN = re.compile(
    r"(?P<year>[0-9]{4,7})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"(?:T(?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)(?P<zone>Z?))?(?P<bc> BC)?"
)
_EPOCH = date(2000, 1, 1)
_EPOCH_LOCAL = datetime(2000, 1, 1)  # noqa: DTZ001  # a local time has no zone
_EPOCH_UTC = _EPOCH_LOCAL.replace(tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = 86_400_000_000
# Years after which days and weekdays come again, and the days they have.
_CYCLE, _DAYS_OF_CYCLE = 400, 146_097
_FIRST, _LAST = -2_451_545, 2_145_031_948
_LAST_WITH_TIME = 106_751_982
_INFINITE_DAYS, _INFINITE_MICROSECONDS = (1 << 31) - 1, (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Beyond:
    """A day or a moment that Python has not: days or microseconds since the beginning of 2000."""

    number: int


Day = date | Beyond
Moment = datetime | Beyond


def day_shown(text: str) -> Day:
    """The day of such a text as `0044-03-15 BC` or `infinity`. Raises ValueError for any other."""
    if text.removeprefix("-") == "infinity":
        return Beyond(_INFINITE_DAYS if text == "infinity" else -_INFINITE_DAYS - 1)
    parts = _parts(text)
    if parts["time"] is not None:
        raise ValueError("not a day")
    days = _days(parts)
    if not _FIRST <= days <= _LAST:
        raise ValueError("no such day")
    return Beyond(days)


def moment_shown(text: str, *, has_zone: bool) -> Moment:
    """The moment of such a text as `0044-03-15T12:00:00Z BC` or `infinity`. Raises ValueError for any other."""
    if text.removeprefix("-") == "infinity":
        return Beyond(_INFINITE_MICROSECONDS if text == "infinity" else -_INFINITE_MICROSECONDS - 1)
    parts = _parts(text)
    if parts["time"] is None or bool(parts["zone"]) is not has_zone:
        raise ValueError("not such a moment")
    days, at = _days(parts), time.fromisoformat(parts["time"])
    if not _FIRST <= days <= _LAST_WITH_TIME:
        raise ValueError("no such moment")
    seconds = at.hour * 3_600 + at.minute * 60 + at.second
    return Beyond(days * _DAY + seconds * 1_000_000 + at.microsecond)


def _parts(text: str) -> dict[str, str | None]:
    match = _SHOWN.fullmatch(text)
    if match is None:
        raise ValueError("not written as it is shown")
    return match.groupdict()


def _days(parts: dict[str, str | None]) -> int:
    """Days since the epoch, by the year of Python's that has the same days."""
    written = int(str(parts["year"]))
    if written == 0:
        raise ValueError("no such year")
    year = 1 - written if parts["bc"] else written
    alike = date(2000 + year % _CYCLE, int(str(parts["month"])), int(str(parts["day"])))
    return (alike - _EPOCH).days + (year - alike.year) // _CYCLE * _DAYS_OF_CYCLE


def told_day(day: Day) -> tuple[int]:
    """The day as the driver tells it."""
    return (day.number if isinstance(day, Beyond) else (day - _EPOCH).days,)


def told_moment(moment: Moment) -> tuple[int]:
    """The moment with a time zone, or the local one, as the driver tells it."""
    if isinstance(moment, Beyond):
        return (moment.number,)
    return ((moment - (_EPOCH_LOCAL if moment.tzinfo is None else _EPOCH_UTC)) // _MICROSECOND,)


def read_day(told: tuple[int]) -> Day:
    """The day that the driver was told."""
    try:
        return _EPOCH + timedelta(days=told[0])
    except OverflowError:
        return Beyond(told[0])


def read_moment(told: tuple[int]) -> Moment:
    """The moment in UTC that the driver was told."""
    found = read_local_moment(told)
    return found.replace(tzinfo=UTC) if isinstance(found, datetime) else found


def read_local_moment(told: tuple[int]) -> Moment:
    """The local moment that the driver was told."""
    try:
        return _EPOCH_LOCAL + timedelta(microseconds=told[0])
    except OverflowError:
        return Beyond(told[0])
