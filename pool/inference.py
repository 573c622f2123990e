"""What type a column of written values has: the narrowest that keeps every one of them as it was written.

Codes are not numbers: leading zeros, identity numbers, telephone numbers and division codes of this county stay text
(GB 11643, GB/T 2260). It reads nothing; values come to it in blocks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pool.moments import DATE, TIMESTAMP, TIMESTAMPTZ, recognise_moment
from pool.names import split_words

BOOLEAN, INTEGER, DECIMAL, TIME, JSON, TEXT = "boolean", "integer", "numeric", "time", "jsonb", "text"
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+([eE][+-]?[0-9]{1,3})?|[eE][+-][0-9]{1,3})")
_LONGEST_NUMBER = 1000
_LONGEST_WHOLE = 40
_CITIZEN_ID_LENGTH = 18
_CITIZEN_ID = re.compile(r"[1-9][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{4}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_SHORTEST_IDENTITY = 15
_CITY = "3307"
_DIVISION_LENGTHS = {2, 4, 6, 9, 12}
_CODE_WORDS = {"code", "phone", "mobile", "tel", "telephone", "fax", "zip", "zipcode", "postcode", "idcard"}
_CODE_ENDINGS = ("代码", "编码", "编号", "号码", "证号", "账号", "电话", "手机", "手机号", "邮编", "身份证", "区划")


@dataclass(slots=True)
class Evidence:
    """What the values of one column have shown so far."""

    kinds: set[str] = field(default_factory=set)
    smallest: int = 0
    largest: int = 0
    shortest: int = 1 << 30
    lengths: set[int] = field(default_factory=set)
    looks_like_code: bool = False
    all_mobile: bool = True
    all_in_city: bool = True


def observe(evidence: Evidence, values: Sequence[str]) -> None:
    """Takes account of written values, none of them empty. Costs nothing once the column is known to be text."""
    if TEXT in evidence.kinds or not values:
        return
    if _are_plain_integers(values):
        _observe_integers(evidence, values)
        return
    integers = []
    for value in values:
        kind = recognise(value)
        evidence.kinds.add(kind)
        if kind == INTEGER:
            integers.append(value.strip())
        elif kind == TEXT:
            return
    _observe_integers(evidence, integers)


def _are_plain_integers(values: Sequence[str]) -> bool:
    """Whether all are digits without leading zeros, which is quickly told of all at once."""
    joined = "".join(values)
    is_digits = joined.isascii() and joined.isdigit() and len(joined) < len(values) * _LONGEST_WHOLE
    return is_digits and not any(value[0] == "0" and len(value) > 1 for value in values)


def _observe_integers(evidence: Evidence, values: Sequence[str]) -> None:
    if not values:
        return
    numbers = list(map(int, values))
    lengths = set(map(len, values))
    evidence.kinds.add(INTEGER)
    evidence.smallest = min(evidence.smallest, *numbers)
    evidence.largest = max(evidence.largest, *numbers)
    evidence.shortest = min(evidence.shortest, *lengths)
    evidence.lengths |= lengths
    if _CITIZEN_ID_LENGTH in lengths:
        evidence.looks_like_code |= any(map(_CITIZEN_ID.fullmatch, values))
    evidence.all_mobile = evidence.all_mobile and all(map(_MOBILE.fullmatch, values))
    evidence.all_in_city = evidence.all_in_city and all(
        value.startswith(_CITY) or _CITY.startswith(value) for value in values
    )


def recognise(value: str) -> str:
    """The kind of one written value.

    >>> [recognise(value) for value in ("12", "012", "1.50", "2024-2-29", "2023-02-29")]
    ['integer', 'text', 'numeric', 'date', 'text']
    """
    value = value.strip()
    if not value or len(value) > _LONGEST_NUMBER:
        return TEXT
    if not (value[0].isdigit() or value[0] == "-"):
        return BOOLEAN if value.lower() in ("true", "false") else TEXT
    if _INTEGER.fullmatch(value):
        return INTEGER
    if _DECIMAL.fullmatch(value):
        return DECIMAL
    return recognise_moment(value) or TEXT


def inferred_type(name: str, evidence: Evidence, *, written: bool) -> str:
    """The SQL type of a column. `written` says that numbers came as text, where a code looks just like a number."""
    kinds = evidence.kinds
    if JSON in kinds:
        return JSON
    if kinds == {INTEGER}:
        return TEXT if written and _is_code(name, evidence) else _integer_type(evidence)
    if kinds and kinds <= {INTEGER, DECIMAL}:
        return DECIMAL
    if kinds == {DATE, TIMESTAMP}:
        return TIMESTAMP
    return kinds.copy().pop() if kinds in ({BOOLEAN}, {DATE}, {TIMESTAMP}, {TIMESTAMPTZ}, {TIME}) else TEXT


def _integer_type(evidence: Evidence) -> str:
    if evidence.smallest >= -(1 << 31) and evidence.largest < 1 << 31:
        return INTEGER
    return "bigint" if evidence.smallest >= -(1 << 63) and evidence.largest < 1 << 63 else DECIMAL


def _is_code(name: str, evidence: Evidence) -> bool:
    """Whether whole numbers are codes: by the column's name, or because every value has a code's shape."""
    if evidence.smallest < 0:
        return False
    is_division = evidence.all_in_city and evidence.lengths <= _DIVISION_LENGTHS and max(evidence.lengths) > len(_CITY)
    is_identity = evidence.looks_like_code or evidence.shortest >= _SHORTEST_IDENTITY
    return is_identity or is_division or evidence.all_mobile or _is_code_name(name)


def _is_code_name(name: str) -> bool:
    words = split_words(name)
    return name.strip().endswith(_CODE_ENDINGS) or (bool(words) and words[-1] in _CODE_WORDS)


def observe_value(evidence: Evidence, value: object) -> None:
    """Takes account of a value that came with a type of its own (a cell, a JSON value); None counts for nothing."""
    if value is None or value == "" or (TEXT in evidence.kinds and JSON in evidence.kinds):
        return
    if isinstance(value, str):
        evidence.kinds.add(recognise_moment(value.strip()) or TEXT)
    elif isinstance(value, bool):
        evidence.kinds.add(BOOLEAN)
    elif isinstance(value, int):
        evidence.kinds.add(INTEGER)
        evidence.smallest = min(evidence.smallest, value)
        evidence.largest = max(evidence.largest, value)
    elif isinstance(value, datetime):
        evidence.kinds.add(DATE if value.time() == datetime.min.time() and value.tzinfo is None else TIMESTAMP)
    else:
        evidence.kinds.add(_KIND_BY_CLASS.get(type(value).__name__, TEXT))


_KIND_BY_CLASS = {"Decimal": DECIMAL, "float": DECIMAL, "date": DATE, "time": TIME, "JsonText": JSON}
