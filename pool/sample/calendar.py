"""In charge of the sample's days, numbered from the first one on. Its today is fixed: the sample does not age.

It refuses to know the clock.
"""

from datetime import date

from pool.sample.draws import days
from pool.sample.scale import LAST_YEAR

FIRST_DAY = date(1990, 1, 1)
DAYS = days(FIRST_DAY, date(LAST_YEAR + 25, 12, 31))
"""ISO dates by their number."""

TODAY = (date(LAST_YEAR + 1, 1, 1) - FIRST_DAY).days
"""The number of the sample's day: the first of January after its last year."""

FIVE_YEARS = 1826
THREE_YEARS = 1096


def day_of(year: int, month: int = 1, day: int = 1) -> int:
    """The number of a day."""
    return (date(year, month, day) - FIRST_DAY).days
