"""In charge of organization codes of GB 11714-1997: eight characters and a check character, modulus 11.

Refuses to know who was given which code. Such a code is positions 9 to 17 of a unified social credit code.
"""

import re

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUE_BY_CHARACTER = {character: value for value, character in enumerate(_ALPHABET)}
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "0123456789X"
_STEM = re.compile(r"[0-9A-Z]{8}")
_CODE = re.compile(r"([0-9A-Z]{8})-?([0-9X])")


def check_character(stem: str) -> str:
    """The ninth character to the first eight; ValueError if they are not digits and capital letters.

    >>> check_character("30775660")
    '3'
    """
    if _STEM.fullmatch(stem) is None:
        raise ValueError("an organization code begins with eight digits or capital letters")
    total = sum(_VALUE_BY_CHARACTER[character] * weight for character, weight in zip(stem, _WEIGHTS, strict=True))
    return _CHECKS[-total % 11]


def fault_of_organization_code(text: str) -> str | None:
    """What is wrong with an organization code, with or without its hyphen; None if nothing is."""
    parts = _CODE.fullmatch(text)
    if parts is None:
        return "eight digits or capital letters, perhaps a hyphen, and a digit or X are expected"
    expected = check_character(parts[1])
    if parts[2] != expected:
        return f"the check character is {parts[2]}, it should be {expected}"
    return None


def is_valid_organization_code(text: str) -> bool:
    """Whether the text is an organization code whose check character fits.

    >>> is_valid_organization_code("30775660-3")
    True
    """
    return fault_of_organization_code(text) is None
