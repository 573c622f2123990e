"""In charge of citizen identity numbers for made-up people: valid by GB 11643, never given twice.

Check characters are summed up from prepared parts, because a county has 700,000 of them; a test compares them with
`pool.standards.citizen_id`. It refuses to know who gets a number.
"""

from random import Random

HOME = "330784"

OUTSIDE = (
    "522630", "522635", "522422", "533023", "532128", "360732", "362324", "341226", "341522", "411524", "411727",
    "420325", "422823", "431228", "433130", "452724", "510921", "513022", "500234", "330723", "330783", "332522",
)  # fmt: skip
"""Where people who came to work here were registered first."""

_DAYS = tuple(
    f"{month:02d}{day:02d}"
    for month, length in enumerate((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), start=1)
    for day in range(1, length + 1)
)
_CHECKS = "10X98765432"
_WEIGHTS = tuple(pow(2, 17 - position, 11) for position in range(17))
_SEQUENCES = 500
_STEP = 37


def _part(digits: str, position: int) -> int:
    """What some digits that begin at a position add to the weighted sum."""
    return sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS[position:], strict=False))


class CitizenNumbers:
    """Gives out numbers: up to 500 men's and 500 women's for each division and day of birth."""

    def __init__(self) -> None:
        self._given_by_beginning: dict[tuple[str, int, int, bool], int] = {}
        self._divisions = {division: _part(division, 0) for division in (HOME, *OUTSIDE)}
        self._years = {year: _part(str(year), 6) for year in range(1850, 2100)}
        self._days = [_part(day, 10) for day in _DAYS]
        self._sequences = [_part(f"{sequence:03d}", 14) for sequence in range(1000)]

    def next(self, division: str, year: int, random: Random, *, is_man: bool) -> str:
        """A number nobody has yet, with a day of that year."""
        day = int(random.random() * len(_DAYS))
        beginning = (division, year, day, is_man)
        given = self._given_by_beginning.get(beginning, 0)
        self._given_by_beginning[beginning] = given + 1
        sequence = (given * _STEP + day * 13) % _SEQUENCES * 2 + is_man
        total = self._divisions[division] + self._years[year] + self._days[day] + self._sequences[sequence]
        return f"{division}{year}{_DAYS[day]}{sequence:03d}{_CHECKS[total % 11]}"
