"""In charge of unified social credit codes for made-up bodies: valid by GB 32100 and GB 11714, never given twice.

It refuses to know who gets a code.
"""

from pool.standards.credit_code import ALPHABET
from pool.standards.credit_code import check_character as credit_check
from pool.standards.organization_code import check_character as organization_check

_DIGITS = 10_000_000
_DIGIT_STEP = 3_141_593
_LETTERS = len(ALPHABET) ** 5
_LETTER_STEP = 9_999_991


def credit_code(prefix: str, number: int, division: str = "330784") -> str:
    """The code of the body with this number; equal prefix and division and different numbers, different codes.

    Codes of two numbers out of five are old organization codes, the others are of the kind given out since 2015.
    """
    body = _old_body(number) if number % 5 < 2 else _new_body(number)
    check = organization_check(body)
    stem = f"{prefix}{division}{body}{check}"
    return stem + credit_check(stem)


def _old_body(number: int) -> str:
    return f"7{(number * _DIGIT_STEP + 46_204) % _DIGITS:07d}"


def _new_body(number: int) -> str:
    left = (number * _LETTER_STEP + 1_234_567) % _LETTERS
    letters = ""
    for _ in range(5):
        left, digit = divmod(left, len(ALPHABET))
        letters += ALPHABET[digit]
    return f"MA2{letters}"
