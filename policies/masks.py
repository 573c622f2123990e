"""Masks: what remains of a value that is read masked, as SQL, so that a clear value never leaves the database.

A mask keeps the kind of its value (text stays text, a date a date, a number a number) and keeps null as null; it never
raises on any value of its type. What it cannot make sense of it hides whole. Refuses to know which mask applies to
whom.
"""

import math
import re
from collections.abc import Callable, Iterable

NULL_MASK = "null"

_TEXT = re.compile(r"text|bpchar|(character varying|varchar|character|char)(\([0-9]+\))?")
_INTEGER = re.compile(r"smallint|integer|bigint|int[248]?")
_NUMERIC = re.compile(r"(numeric|decimal)(\([0-9]+(, ?[0-9]+)?\))?")
_FLOAT = re.compile(r"real|double precision|float[48]")
_DATE = re.compile(r"date")
_TIMESTAMP = re.compile(r"timestamp(\([0-6]\))?( without time zone)?")
_TIMESTAMP_WITH_ZONE = re.compile(r"timestamp(\([0-6]\))? with time zone|timestamptz(\([0-6]\))?")
_ANY_TYPE = re.compile(r'[a-z"][a-z0-9_ "]*(\([0-9]+(, ?[0-9]+)?\))?( with(out)? time zone)?(\[\])*')
_KEEP = re.compile(r"keep:([0-9]{1,3}),([0-9]{1,3})")
_FIXED = re.compile(r"fixed:([^\x00]*)", re.DOTALL)
_BUCKET = re.compile(r"bucket:([1-9][0-9]{0,17})")

_ZONE = "Asia/Shanghai"
_COMPOUND_SURNAMES = (
    "欧阳|上官|司马|东方|独孤|南宫|闻人|夏侯|诸葛|尉迟|赫连|澹台|皇甫|宗政|濮阳|公冶|申屠|公孙|慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘"
    "|令狐|端木|轩辕|呼延|西门|拓跋"
)


def mask_sql(spec: str, column: str, sql_type: str) -> str:
    """The expression of a masked column; `column` is a quoted column reference, `sql_type` its PostgreSQL type.

    An unknown mask, or one that does not fit the type, is the null of that type.

    >>> mask_sql("phone", '"phone"', "integer")
    'null::integer'
    """
    for fits, mask in _MASKS_BY_TYPE:
        if fits.fullmatch(sql_type):
            masked = mask(spec, column, sql_type)
            if masked is not None:
                return masked
    return f"null::{sql_type}" if _ANY_TYPE.fullmatch(sql_type) else "null"


def strictest_of(masks: Iterable[str]) -> str:
    """The mask to apply when several do: it shows nothing that any of them hides.

    Masks form a lattice. At the bottom is `null`, above it `fixed`, above that the families (the other masks, each one
    a family), which cannot be compared with one another and so leave nothing together. Within `keep` the shorter ends
    hold, within `bucket` the least common multiple. No mask at all, or an unknown one, is `null`.

    >>> strictest_of(["keep:3,4", "keep:6,2"])
    'keep:3,2'
    """
    given = set(masks)
    fixed = {spec for spec in given if _FIXED.fullmatch(spec)}
    others = given - fixed
    if len({_family(spec) for spec in others}) > 1 or not given:
        return NULL_MASK
    if others and _family(next(iter(others))) == NULL_MASK:
        return NULL_MASK
    return min(fixed) if fixed else _combined(others)


def _family(spec: str) -> str:
    for family, pattern in (("keep", _KEEP), ("bucket", _BUCKET)):
        if pattern.fullmatch(spec):
            return family
    return spec if spec in _NAMED_TEXT_MASKS or spec == "year" else NULL_MASK


def _combined(masks: set[str]) -> str:
    keeps = [match.groups() for spec in masks if (match := _KEEP.fullmatch(spec))]
    if keeps:
        return f"keep:{min(int(first) for first, _ in keeps)},{min(int(last) for _, last in keeps)}"
    sizes = [int(match[1]) for spec in masks if (match := _BUCKET.fullmatch(spec))]
    if sizes:
        return f"bucket:{math.lcm(*sizes)}"
    return next(iter(masks))


def _text(spec: str, column: str, sql_type: str) -> str | None:
    masked = _masked_text(spec, column)
    return masked if masked is None or sql_type == "text" else f"cast({masked} as {sql_type})"


def _masked_text(spec: str, column: str) -> str | None:
    if spec in _NAMED_TEXT_MASKS:
        return _NAMED_TEXT_MASKS[spec](column)
    if keep := _KEEP.fullmatch(spec):
        return _kept_ends(column, int(keep[1]), int(keep[2]))
    if fixed := _FIXED.fullmatch(spec):
        literal = fixed[1].replace("'", "''")
        return f"case when {column} is not null then '{literal}' end"
    return None


def _integer(spec: str, column: str, sql_type: str) -> str | None:
    bucket = _BUCKET.fullmatch(spec)
    # Towards zero, so that the result is never further from zero than the value and fits its type.
    return f"cast({column} / {bucket[1]} * {bucket[1]} as {sql_type})" if bucket else None


def _numeric(spec: str, column: str, sql_type: str) -> str | None:
    bucket = _BUCKET.fullmatch(spec)
    return f"cast(div({column}, {bucket[1]}) * {bucket[1]} as {sql_type})" if bucket else None


def _float(spec: str, column: str, sql_type: str) -> str | None:
    bucket = _BUCKET.fullmatch(spec)
    if bucket is None:
        return None
    # PostgreSQL raises where a float under- or overflows.
    cut = f"when abs({column}) < 1e300 then trunc({column} / {bucket[1]}) * {bucket[1]}"
    return f"cast(case when abs({column}) < {bucket[1]} then 0 {cut} end as {sql_type})"


def _date(spec: str, column: str, sql_type: str) -> str | None:
    if spec != "year":
        return None
    return (
        f"case when {column} >= date '0001-01-01' then {column} - (cast(extract(doy from {column}) as integer) - 1) end"
    )


def _timestamp(spec: str, column: str, sql_type: str) -> str | None:
    return _year_start(f"date_trunc('year', {column})", column, sql_type) if spec == "year" else None


def _timestamp_with_zone(spec: str, column: str, sql_type: str) -> str | None:
    return _year_start(f"date_trunc('year', {column}, '{_ZONE}')", column, sql_type) if spec == "year" else None


def _year_start(start: str, column: str, sql_type: str) -> str:
    """Years before the first have none: the earliest begins before the earliest time PostgreSQL knows."""
    return f"case when {column} >= timestamp '0001-01-02' then cast({start} as {sql_type}) end"


def _stars(column: str) -> str:
    return f"repeat('*', length({column}))"


def _kept_ends(column: str, first: int, last: int) -> str:
    shown = f"left({column}, {first}) || repeat('*', length({column}) - {first + last}) || right({column}, {last})"
    return f"case when length({column}) > {first + last} then {shown} else {_stars(column)} end"


def _person_name(column: str) -> str:
    surname = f"coalesce(substring({column} from '^(?:{_COMPOUND_SURNAMES})(?=.)'), left({column}, 1))"
    return f"case when length({column}) > 1 then rpad({surname}, length({column}), '*') else {_stars(column)} end"


def _citizen_id(column: str) -> str:
    """First six and last four, of 18 or the 15 characters before 1999; anything else is no citizen id and all stars."""
    shape = r"^[0-9]{6}([0-9]{5}|[0-9]{8}|[*]{5}|[*]{8})[0-9]{3}[0-9Xx]$"
    shown = f"left({column}, 6) || repeat('*', length({column}) - 10) || right({column}, 4)"
    return f"case when {column} ~ '{shape}' then {shown} else {_stars(column)} end"


def _citizen_id_year(column: str) -> str:
    return (
        f"case when {column} ~ '^[0-9]{{17}}[0-9Xx]$' then '******' || substr({column}, 7, 4) || '********'"
        f" else {_stars(column)} end"
    )


def _phone(column: str) -> str:
    """First three and last four of eleven characters or more; shorter numbers would show too much of themselves."""
    return (
        f"case when length({column}) > 10 then left({column}, 3) || repeat('*', length({column}) - 7)"
        f" || right({column}, 4) else {_stars(column)} end"
    )


def _address_town(column: str) -> str:
    """Up to the town, unless a number comes before it: then the address is written the other way round."""
    return f"substring({column} from '^[^0-9０-９]*?(?:街道|镇|乡)')"


def _hash(column: str) -> str:
    """Equal values stay equal. Unkeyed: values that can be listed, such as citizen ids, can be found by trying."""
    return f"left(encode(sha256(convert_to({column}, 'UTF8')), 'hex'), 16)"


_NAMED_TEXT_MASKS: dict[str, Callable[[str], str]] = {
    "person-name": _person_name,
    "citizen-id": _citizen_id,
    "citizen-id-year": _citizen_id_year,
    "phone": _phone,
    "address-town": _address_town,
    "hash": _hash,
}
_MASKS_BY_TYPE: tuple[tuple[re.Pattern[str], Callable[[str, str, str], str | None]], ...] = (
    (_TEXT, _text),
    (_INTEGER, _integer),
    (_NUMERIC, _numeric),
    (_FLOAT, _float),
    (_DATE, _date),
    (_TIMESTAMP, _timestamp),
    (_TIMESTAMP_WITH_ZONE, _timestamp_with_zone),
)
