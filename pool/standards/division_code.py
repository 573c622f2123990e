"""In charge of the structure of division codes: GB/T 2260 to the county, GB/T 10114 and statistical rules below.

A code grows by its level: 2 digits a province, 4 a city, 6 a county, 9 a town or street, 12 a village or community.
Long forms with trailing zeros are another notation and not accepted. It refuses to know which divisions exist.
"""

import re
from enum import StrEnum

_DIGITS = re.compile(r"[1-9][0-9]*")
_SHORTER = {2: 0, 4: 2, 6: 4, 9: 6, 12: 9}


class Level(StrEnum):
    """The levels of division, as the code list `division-level` names them."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"


_LEVEL_BY_LENGTH = {2: Level.PROVINCE, 4: Level.CITY, 6: Level.COUNTY, 9: Level.TOWN, 12: Level.VILLAGE}


def fault_of_division_code(text: str) -> str | None:
    """What is wrong with the structure of a division code; None if nothing is."""
    if _DIGITS.fullmatch(text) is None:
        return "digits are expected, the first not zero"
    if len(text) not in _LEVEL_BY_LENGTH:
        return f"it has {len(text)} digits, it should have 2, 4, 6, 9 or 12"
    own_digits = text[_SHORTER[len(text)] :]
    if not own_digits.strip("0"):
        return f"its last {len(own_digits)} digits are zeros, which names no division of its level"
    return None


def is_valid_division_code(text: str) -> bool:
    """Whether the text has the structure of a division code.

    >>> is_valid_division_code("330784105"), is_valid_division_code("330784000")
    (True, False)
    """
    return fault_of_division_code(text) is None


def level_of(text: str) -> Level:
    """The level of a valid division code; ValueError for any other text."""
    fault = fault_of_division_code(text)
    if fault is not None:
        raise ValueError(fault)
    return _LEVEL_BY_LENGTH[len(text)]


def parent_of(text: str) -> str | None:
    """The code of the division one level up, None for a province; ValueError if the text is no division code."""
    level_of(text)
    return text[: _SHORTER[len(text)]] or None
