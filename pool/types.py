"""SQL types of the pool: which there are, which holds another, and the catalog's letter for each.

A type of another name or with a modifier that the pool does not keep becomes its plain built-in equivalent; what has
none becomes text. Letters follow the compilation guide of 2017, element 8. It knows no values.
"""

import re
from dataclasses import dataclass

_MOMENTS = {
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
    "time with time zone": "timetz",
    "time without time zone": "time",
}
_ALIASES = {
    "int": "integer", "int2": "smallint", "int4": "integer", "int8": "bigint", "float": "double precision",
    "float4": "real", "float8": "double precision", "bool": "boolean", "decimal": "numeric", "varbit": "bit varying",
    "bit": "bit varying", "oid": "bigint",
    **_MOMENTS,
}  # fmt: skip
_RANGES = ("int4range", "int8range", "numrange", "daterange", "tsrange", "tstzrange")
_PLAIN = frozenset((
    "smallint", "integer", "bigint", "numeric", "real", "double precision", "boolean", "text", "date", "time", "timetz",
    "timestamp", "timestamptz", "interval", "bytea", "uuid", "json", "jsonb", "inet", "cidr", "macaddr", "macaddr8",
    "bit varying", "tsvector", "tsquery", "point", "line", "lseg", "box", "path", "polygon", "circle",
    *_RANGES, *(name.replace("range", "multirange") for name in _RANGES),
))  # fmt: skip
_WITHOUT_ORDER = frozenset(("json", "point", "line", "lseg", "box", "path", "polygon", "circle"))
_LETTERS = {
    "smallint": "I", "integer": "I", "bigint": "I", "numeric": "N", "real": "F", "double precision": "F",
    "boolean": "L", "date": "D", "timestamp": "T", "timestamptz": "T", "time": "T", "timetz": "T", "bytea": "B",
    "json": "M", "jsonb": "M",
}  # fmt: skip
_DIGITS = {"smallint": 5, "integer": 10, "bigint": 19}
_HOLDS = {
    "timestamp": ("date",), "timestamptz": ("date",), "double precision": ("real", "smallint", "integer"),
    "real": ("smallint",), "jsonb": ("json",), "json": ("jsonb",), "inet": ("cidr",),
}  # fmt: skip
_MODIFIED = re.compile(r"(?P<name>[a-z0-9 ]+?) ?\((?P<modifier>[0-9, -]+)\)(?P<rest>[a-z ]*)")


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A type of the pool and, for text, the length its source allowed."""

    name: str
    length: int | None = None


def pool_type(sql_type: str) -> ColumnType:
    """The type under which the pool keeps a column of a PostgreSQL type.

    >>> pool_type("character varying(20)"), pool_type("timestamp(3) with time zone").name, pool_type("geometry").name
    (ColumnType(name='text', length=20), 'timestamptz', 'text')
    """
    written = sql_type.strip().lower()
    if written.endswith("[]"):
        return ColumnType(pool_type(written.rstrip("[]")).name + "[]")
    match = _MODIFIED.fullmatch(written)
    name = match["name"] + match["rest"] if match else written
    modifier = match["modifier"].replace(" ", "") if match else ""
    if name in ("character varying", "varchar", "character", "char"):
        return ColumnType("text", int(modifier) if modifier else None)
    name = "interval" if name.startswith("interval") else _ALIASES.get(name, name)
    if name == "numeric" and modifier:
        precision, _, scale = modifier.partition(",")
        return ColumnType(f"numeric({modifier})" if 0 <= int(scale or 0) <= int(precision) else "numeric")
    return ColumnType(name if name in _PLAIN else "text")


def column_definition(sql_type: str) -> str:
    """The type as it stands in a table of the pool: text is compared by its characters, not by a language's rules."""
    return 'text collate "C"' if sql_type == "text" else sql_type


def data_type(sql_type: str) -> str:
    """The catalog's letter.

    >>> data_type("numeric(18,2)"), data_type("text"), data_type("integer[]")
    ('N', 'C', 'M')
    """
    return "M" if sql_type.endswith("[]") else _LETTERS.get(sql_type.partition("(")[0], "C")


def can_be_key(sql_type: str) -> bool:
    """Whether values of the type have an order that a primary key can rest on."""
    return sql_type.removesuffix("[]") not in _WITHOUT_ORDER


def numeric_shape(sql_type: str) -> tuple[int, int] | None:
    """Digits before and after the point that a numeric type allows, None where it allows any.

    >>> numeric_shape("numeric(18,2)")
    (16, 2)
    """
    _, bracket, modifier = sql_type.partition("(")
    if not bracket:
        return None
    precision, _, scale = modifier.rstrip(")").partition(",")
    return int(precision) - int(scale or 0), int(scale or 0)


def widest(kept: str, incoming: str) -> str | None:
    """The type that holds what a column keeps and what a source brings; None if only losing something would.

    Text may turn out to be anything, which the values decide when they arrive.

    >>> widest("integer", "bigint"), widest("numeric(18,2)", "numeric(12,4)"), widest("date", "integer")
    ('bigint', 'numeric(20,4)', None)
    """
    if incoming in (kept, "text") or kept == "text" or incoming in _HOLDS.get(kept, ()):
        return kept
    if kept == "real" and incoming == "double precision":
        return incoming
    if not (_is_exact(kept) and _is_exact(incoming)):
        return None
    if kept in _DIGITS and incoming in _DIGITS:
        return max(kept, incoming, key=_DIGITS.__getitem__)
    return _wider_numeric(kept, incoming)


def _is_exact(sql_type: str) -> bool:
    return sql_type in _DIGITS or (sql_type.startswith("numeric") and not sql_type.endswith("[]"))


def _wider_numeric(kept: str, incoming: str) -> str:
    shapes = [(_DIGITS[name], 0) if name in _DIGITS else numeric_shape(name) for name in (kept, incoming)]
    if shapes[0] is None or shapes[1] is None:
        return "numeric"
    before, after = (max(sizes) for sizes in zip(shapes[0], shapes[1], strict=True))
    return f"numeric({before + after},{after})"
