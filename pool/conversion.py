"""One value of a file as a value of a column's type: its PostgreSQL text form, or the reason why it is none.

What would be lost is refused, not rounded. Types that files have no form of their own for are left to PostgreSQL.
"""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import partial
from uuid import UUID

from pool.moments import iso_moment
from pool.types import numeric_shape

_WHOLE = re.compile(r"[+-]?[0-9]{1,1000}")
_BITS = {"smallint": 15, "integer": 31, "bigint": 63}
_TRUTH = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "是"), "true"),
    **dict.fromkeys(("false", "f", "no", "n", "0", "否"), "false"),
}
_LONGEST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class JsonText:
    """A list or object of a JSON document, as its text."""

    text: str


class Misfit(Exception):
    """The value is not one of the column's type; the message says why."""


Convert = Callable[[object], str | None]


def converter(sql_type: str, *, is_written: bool) -> Convert:
    """What turns a value into the text form of the type; it gives None for an empty value and raises Misfit.

    `is_written` says that text stands for any value, JSON included; otherwise text is text.
    """
    if is_written and sql_type in ("json", "jsonb"):
        return partial(_convert, _written_json)
    shape = numeric_shape(sql_type) if sql_type.startswith("numeric") else None
    if shape is not None:
        return partial(_convert, partial(_numeric_within, shape))
    return partial(_convert, _BY_TYPE.get(sql_type, _text))


def _convert(convert: Callable[[object], str], value: object) -> str | None:
    if value is None or value == "" or (isinstance(value, str) and convert is not _text and not value.strip()):
        return None
    text = convert(value)
    if "\0" in text:
        raise Misfit("holds the character U+0000, which PostgreSQL cannot keep")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise Misfit("holds bytes that are not in the file's encoding")
    return text


def written(value: object) -> str:
    """Any value of a file as text, the way a person would write it.

    >>> written(True), written(Decimal("1.50")), written(datetime(2024, 2, 29, 8))
    ('true', '1.50', '2024-02-29 08:00:00')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, JsonText):
        return value.text
    return str(value)


def _text(value: object) -> str:
    return written(value)


def _misfit(value: object, what: str) -> Misfit:
    shown = written(value)
    if len(shown) > _LONGEST_SHOWN:
        shown = shown[:_LONGEST_SHOWN] + "…"
    return Misfit(f"holds {shown!r}, which is not {what}")


def _whole(bits: int, value: object) -> str:
    text = written(value).strip()
    if isinstance(value, float) and value.is_integer():
        text = str(int(value))
    if not _WHOLE.fullmatch(text):
        raise _misfit(value, "a whole number")
    if not -(1 << bits) <= int(text) < 1 << bits:
        raise _misfit(value, f"a whole number of {bits + 1} bits")
    return text


def _numeric(value: object) -> str:
    text = written(value).strip()
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _misfit(value, "a number") from None
    if not number.is_finite() or abs(number.adjusted()) > 1000 or not text.isascii() or "_" in text:
        raise _misfit(value, "a number")
    return text


def _numeric_within(shape: tuple[int, int], value: object) -> str:
    text = _numeric(value)
    before, after = shape
    number = Decimal(text)
    if _decimals(number) > after:
        raise _misfit(value, f"a number of at most {after} decimals")
    if abs(number) >= 10**before:
        raise _misfit(value, f"a number of at most {before} digits before the point")
    return text


def _decimals(number: Decimal) -> int:
    """How many decimals the number needs; exact for any length, which rounding in a context is not."""
    _, digits, exponent = number.as_tuple()
    significant = "".join(map(str, digits)).rstrip("0")
    return max(0, -int(exponent) - (len(digits) - len(significant))) if significant else 0


def _floating(value: object) -> str:
    number = float(_numeric(value))
    if not math.isfinite(number):
        raise _misfit(value, "a number of 64 bits")
    return repr(number)


def _truth(value: object) -> str:
    truth = _TRUTH.get(written(value).strip().lower())
    if truth is None:
        raise _misfit(value, "true or false")
    return truth


def _moment(sql_type: str, what: str, value: object) -> str:
    text = value.isoformat() if isinstance(value, date | datetime) else written(value).strip()
    iso = iso_moment(text, sql_type)
    if iso is None:
        raise _misfit(value, what)
    return iso


def _time(value: object) -> str:
    try:
        return time.fromisoformat(written(value).strip()).isoformat()
    except ValueError:
        raise _misfit(value, "a time of day") from None


def _json(value: object) -> str:
    if isinstance(value, JsonText):
        return value.text
    if not isinstance(value, str):
        return written(value)
    return json.dumps(value, ensure_ascii=False)


def _written_json(value: object) -> str:
    text = written(value)
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise _misfit(value, "JSON") from None
    return text


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _uuid(value: object) -> str:
    try:
        return str(UUID(written(value).strip()))
    except ValueError:
        raise _misfit(value, "a UUID") from None


_BY_TYPE: dict[str, Callable[[object], str]] = {
    **{name: partial(_whole, bits) for name, bits in _BITS.items()},
    "numeric": _numeric,
    "real": _floating,
    "double precision": _floating,
    "boolean": _truth,
    "date": partial(_moment, "date", "a day such as 2026-01-31"),
    "timestamp": partial(_moment, "timestamp", "a time such as 2026-01-31 08:00:00"),
    "timestamptz": partial(_moment, "timestamptz", "a time with its zone such as 2026-01-31T08:00:00Z"),
    "time": _time,
    "json": _json,
    "jsonb": _json,
    "uuid": _uuid,
}
