"""In charge of citizen identity numbers of GB 11643-1999: division, birth date, sequence, ISO 7064 MOD 11-2 check.

The division is that of the first registration. Whether it existed on the birth date is not asked: people born in the
old Yongkang county carry its successor's 330784 when they were registered after 1992. Only the province is checked
(GB/T 2260). It refuses to know the clock and whether a person with this number exists.
"""

import re
from datetime import date

_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
_WEIGHTS = tuple(pow(2, 17 - position, 11) for position in range(17))
_CHECKS = "10X98765432"
_STEM = re.compile(r"[0-9]{17}")
_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
_EARLIEST_YEAR = 1850


def check_character(stem: str) -> str:
    """The eighteenth character to the first seventeen; ValueError if they are not digits.

    >>> check_character("11010519491231002")
    'X'
    """
    if _STEM.fullmatch(stem) is None:
        raise ValueError("a citizen id begins with 17 digits")
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(stem, _WEIGHTS, strict=True)) % 11]


def birth_date_of(text: str) -> date | None:
    """The birth date in positions 7 to 14, None if there is no such day."""
    if _NUMBER.fullmatch(text) is None:
        return None
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return None
    return born if born.year >= _EARLIEST_YEAR else None


def fault_of_citizen_id(text: str) -> str | None:
    """What is wrong with a citizen identity number; None if nothing is."""
    if len(text) != 18:
        return f"it has {len(text)} characters, it should have 18"
    if _NUMBER.fullmatch(text) is None:
        return "17 digits and a digit or a capital X are expected"
    if _PROVINCE.match(text) is None:
        return f"positions 1 and 2: {text[:2]} is no province"
    if birth_date_of(text) is None:
        return f"positions 7 to 14: {text[6:14]} is no date of birth"
    expected = check_character(text[:17])
    if text[17] != expected:
        return f"the check character is {text[17]}, it should be {expected}"
    return None


def is_valid_citizen_id(text: str) -> bool:
    """Whether the text is a citizen identity number with a real date and a fitting check character.

    >>> is_valid_citizen_id("11010519491231002X")
    True
    """
    return fault_of_citizen_id(text) is None
