"""In charge of unified social credit codes of GB 32100-2015: 18 characters, the last a check of modulus 31.

Position 1 names the registering authority, 2 the kind of body, 3 to 8 the division, 9 to 17 the body itself. All
authorities of the standard and of its later additions are accepted, A (military institutions), N (N1 to N3, rural
collectives) and Y among them. Positions 9 to 17 are not checked against GB 11714: other authorities number their
bodies in their own way. It refuses to know which divisions exist.
"""

import re

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
AUTHORITIES = "123456789ANY"
_VALUE_BY_CHARACTER = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))
_STEM = re.compile(rf"[{AUTHORITIES}][{ALPHABET}][0-9]{{6}}[{ALPHABET}]{{9}}")


def check_character(stem: str) -> str:
    """The eighteenth character to the first seventeen; ValueError if one of them is not of the standard's alphabet.

    >>> check_character("11330784307756603")
    '3'
    """
    if len(stem) != 17 or any(character not in _VALUE_BY_CHARACTER for character in stem):
        raise ValueError("a credit code begins with 17 digits or capital letters without I, O, S, V and Z")
    total = sum(_VALUE_BY_CHARACTER[character] * weight for character, weight in zip(stem, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def fault_of_credit_code(text: str) -> str | None:
    """What is wrong with a unified social credit code; None if nothing is."""
    if len(text) != 18:
        return f"it has {len(text)} characters, it should have 18"
    for position, character in enumerate(text, start=1):
        if character not in _VALUE_BY_CHARACTER:
            return f"position {position}: {character!r} is not a digit or capital letter without I, O, S, V and Z"
    if text[0] not in AUTHORITIES:
        return f"position 1: {text[0]!r} is no registering authority"
    if _STEM.fullmatch(text[:17]) is None:
        return "positions 3 to 8: a division code of six digits is expected"
    expected = check_character(text[:17])
    if text[17] != expected:
        return f"the check character is {text[17]}, it should be {expected}"
    return None


def is_valid_credit_code(text: str) -> bool:
    """Whether the text is a well-formed unified social credit code whose check character fits.

    >>> is_valid_credit_code("113307843077566033")
    True
    """
    return fault_of_credit_code(text) is None
