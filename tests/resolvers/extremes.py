"""In charge of a table of the pool with a column of every type, whose rows hold the extremes of each."""

from collections.abc import Mapping, Sequence

import asyncpg

from api.cluster import Cluster
from tests.resolvers.county import create_county
from tests.resolvers.tables import Table, catalogue

_DAYS = ("4714-11-24 BC", "0044-03-15 BC", "0001-01-01", "9999-12-31", "10000-02-29", "5874897-12-31", "infinity",
         "-infinity", "4714-12-31 BC", "2024-02-29")  # fmt: skip
_MOMENTS = ("4714-11-24 00:00:00 BC", "0044-03-15 12:30:00.5 BC", "0001-01-01", "9999-12-31 23:59:59.999999",
            "294276-12-31 23:59:59.999999", "infinity", "-infinity", "0001-12-31 23:59:59.999999 BC",
            "10000-01-01 00:00:00")  # fmt: skip
_RANGES: Mapping[str, Sequence[str]] = {
    "int4range": ("empty", "(,)", "[-2147483648,2147483647)"),
    "int8range": ("empty", "(,)", "[-9223372036854775808,9223372036854775807)"),
    "numrange": ("[1.0,1.00]", "[1,1]", "[NaN,NaN]", "(-Infinity,1e1000)"),
    "daterange": ("[-infinity,infinity]", "(,)", "[4714-11-24 BC,5874897-12-31)"),
    "tsrange": ("[-infinity,infinity]", "empty", '["4714-11-24 BC",294276-12-31]'),
    "tstzrange": ("[-infinity,infinity]", "empty", '["4714-11-24 00:00+00 BC",294276-12-31]'),
}
VALUES: Mapping[str, Sequence[str]] = {
    "smallint": ("-32768", "32767", "0"),
    "integer": ("-2147483648", "2147483647", "0"),
    "bigint": ("-9223372036854775808", "9223372036854775807", "0", "9223372036854775807"),
    "numeric": ("9e131071", "1e-16383", "NaN", "Infinity", "-Infinity", "9e131071", "1.00", "1", "-1e131071", "0.0"),
    "numeric(12,3)": ("-999999999.999", "999999999.999", "NaN", "0"),
    "real": ("3.4028235e38", "-3.4028235e38", "1e-45", "NaN", "Infinity", "-Infinity", "-0", "0", "3.4028235e38"),
    "double precision": ("1.7976931348623157e308", "5e-324", "NaN", "Infinity", "-Infinity", "-0", "0",
                         "1.7976931348623157e308", "-1.7976931348623157e308", "-5e-324"),
    "boolean": ("true", "false"),
    'text collate "C"': ("", "\x01", "\U0010ffff", "x" * 10_000, " ", "\\", "'"),
    "character varying(10)": ("", "0123456789", "%", "a", "A"),
    "character(4)": ("", "a", "a   ", "🔧🔩"),
    "date": _DAYS,
    "timestamp": _MOMENTS,
    "timestamptz": tuple(each if each.endswith("infinity") else each.replace(" BC", "+00 BC") for each in _MOMENTS),
    "time": ("00:00", "24:00", "23:59:59.999999"),
    "timetz": ("00:00+15:59:59", "24:00-15:59:59", "12:00+00"),
    "interval": ("1 day", "24:00:00", "178000000 years", "-178000000 years", "0", "2147483647 days"),
    "bytea": ("", "\\x00ff"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    "json": ("null", '{"a": 1e300, "a": "\\u0000"}', "[]"),
    "jsonb": ("null", '{"a": 1.0}', '{"a": 1.00}', "1e300"),
    "inet": ("10.0.0.1", "10.0.0.1/8", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"),
    "cidr": ("0.0.0.0/0", "10.0.0.0/8", "::/0"),
    "macaddr": ("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"),
    "macaddr8": ("00:00:00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff:ff:ff"),
    "bit varying": ("", "1", "01"),
    "tsvector": ("", "'a b':1A,2 '\\'':3"),
    "tsquery": ("", "!'a b' & c:*AB"),
    "point": ("(-1.7976931348623157e308,1.7976931348623157e308)", "(NaN,Infinity)"),
    "line": ("{1,-1,0}",),
    "lseg": ("[(0,0),(1e308,1)]",),
    "box": ("(1,1),(0,0)", "(2,0.5),(0,0)"),
    "path": ("((0,0),(1,1))", "[(0,0),(1,1)]"),
    "polygon": ("((0,0),(1,1),(1,0))",),
    "circle": ("<(0,0),1e308>",),
    **_RANGES,
    **{name.replace("range", "multirange"): tuple(f"{{{each.replace('empty', '')}}}" for each in values)
       for name, values in _RANGES.items()},
    "numeric[]": ("{1.0}", "{1.00}", "{1,NULL,NaN}", "{}", "{{1},{2}}"),
    "double precision[]": ("{0,-0}", "{-0,0}", "{NaN,Infinity}"),
    "date[]": ("{infinity,5874897-12-31}", "[5:6]={0044-03-15 BC,-infinity}"),
    "text[]": ("{}", '{NULL,"NULL","a,b","\\""}'),
}  # fmt: skip
FIELDS: Mapping[str, str] = {f"c{number}": kind for number, kind in enumerate(VALUES)}
ROWS = max(map(len, VALUES.values())) + 1
_TABLE = Table(
    "extremes", "extremes", "EducationExtremes", ("id",),
    (("id", "number", "integer", "closed"),
     *((name, name, kind.partition(" collate")[0], "closed") for name, kind in FIELDS.items())),
)  # fmt: skip
# Sums of these differ with the order in which doubles are added; equal numbers are written in several ways.
_NUMBERS = (
    (1e308, 0.1, "1.0"), (1e308, 1e10, "1.000"), (1.0, 0.2, "1.00"), (None, None, None), (-1e308, -1e10, "1"),
    (0.1, 0.3, "2.50"), (0.2, 3.4028234e38, "2.5"), (0.3, 3.4028234e38, "NaN"), (-0.0, -0.0, "0.00"),
    (0.0, 0.0, "0"),
)  # fmt: skip
NUMBERS = ("onward", "backward")
_NUMBERS_ITEMS = (
    ("id", "number", "integer", "closed"), ("double", "double", "double precision", "closed"),
    ("single", "single", "real", "closed"), ("any", "any", "numeric", "closed"), ("kind", "kind", "integer", "closed"),
)  # fmt: skip
_DAYS_OF_ENTERPRISES = """
update pool_market_regulation.enterprise e set established_on = d.day::date
  from unnest($1::text[]) with ordinality as d(day, place) where e.credit_code = 'E' || to_char(d.place, 'fm00')"""


async def create_extremes(cluster: Cluster, name: str) -> str:
    """The address of a new county that has the table, and enterprises established on every extreme day."""
    url = await create_county(cluster, name)
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        await connection.execute("select platform.begin_batch()")
        columns = ", ".join(f"{field} {kind}" for field, kind in FIELDS.items())
        await connection.execute(f"create table pool_education.extremes (id integer primary key, {columns})")
        await catalogue(connection, _TABLE, 40)
        casts = ", ".join(f"${place}::text::{kind}" for place, kind in enumerate(FIELDS.values(), 2))
        statement = f"insert into pool_education.extremes values ($1, {casts})"
        await connection.executemany(statement, [_row(number) for number in range(ROWS)])
        await connection.execute(_DAYS_OF_ENTERPRISES, list(_DAYS))
        for number, (each, way) in enumerate(zip(NUMBERS, (1, -1), strict=True), 41):
            await _create_numbers(connection, each, number, way)
        await connection.execute("select platform.end_batch('collection', graph_moved => true)")
    await connection.close()
    return url


async def _create_numbers(connection: asyncpg.Connection, name: str, number: int, way: int) -> None:
    """A table of numbers, its rows stored from the first to the last or the other way round."""
    await connection.execute(
        f"create table pool_education.{name} (id integer primary key, double double precision, single real,"
        ' "any" numeric, kind integer)'
    )
    await catalogue(connection, Table(name, name, f"Education{name.title()}", ("id",), _NUMBERS_ITEMS), number)
    rows = [(place, double, single, text, place % 2) for place, (double, single, text) in enumerate(_NUMBERS)]
    await connection.executemany(
        f"insert into pool_education.{name} values ($1, $2, $3, $4::text::numeric, $5)", rows[::way]
    )


def _row(number: int) -> tuple[object, ...]:
    """The values of one row: the last one has none, and who has few values has nulls after them."""
    return number, *(values[number] if number < len(values) else None for values in VALUES.values())
