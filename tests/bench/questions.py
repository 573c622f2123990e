"""In charge of what is asked: the classes of questions, and variables that are new with every request.

Variables are drawn from the loaded enterprises in a shuffled order, so that no answer was seen before and every server
is asked the same. It knows nothing of servers and clients.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import orjson

MANY = 32
_DOCUMENTS = Path(__file__).with_name("documents")
_SEED = 330784
_LARGE_PAGE = 5_000
_COLD_DOCUMENTS = 20_000
_SEATS = """
select credit_code, town_code, status from pool_market_regulation.enterprise
 where town_code is not null and status is not null order by credit_code"""
_INDUSTRIAL = "select credit_code from pool_economy_information.industrial_output where year = $1 order by credit_code"
_ENTRY = "select code from catalog.entry where title = '法人和其他组织基本信息'"
_DEPARTMENTS = (
    "market-regulation", "taxation", "finance", "health", "agriculture", "governance", "natural-resources",
    "civil-affairs", "economy-information", "emergency", "education", "environment", "city-administration",
    "medical-insurance", "water", "commerce",
)  # fmt: skip
_YEAR = 2025
_LINES = 20_000
_HOT_KEYS = 10
_HOT_SHARE = 0.9
_TABLES = """
select r.graph_name, k.graph_name, array_agg(i.graph_name order by i.position)
  from catalog.resource r
  join catalog.item i on i.resource = r.id
  join catalog.item k on k.resource = r.id and k.name = r.key_columns[1] and k.sql_type = 'text'
 where r.provider = 'market-regulation' and cardinality(r.key_columns) = 1 and r.rows between 1 and 5000
 group by r.id, k.id order by r.id"""


@dataclass(frozen=True, slots=True)
class Seat:
    """An enterprise to ask about, or after which to begin a page."""

    code: str
    town: str
    status: str


@dataclass(frozen=True, slots=True)
class Table:
    """A small table of the department that asks: its field, its key and all its fields."""

    name: str
    key: str
    fields: Sequence[str]


@dataclass(frozen=True, slots=True)
class County:
    """What variables are drawn from; all lists are shuffled."""

    seats: Sequence[Seat]
    early: Sequence[Seat]  # at least a large page comes after each of them
    industrial: Sequence[str]
    entry: str
    tables: Sequence[Table]


@dataclass(frozen=True, slots=True)
class Question:
    """A class of questions.

    `parts` are the documents (or paths) it mixes; `draw` gives the variables of request after request, for the parts
    by turns. `connections` are those over which it is timed. Where a request brings its document itself, that stands in
    its variables' line. One that is extra is timed only if it is named. If several departments ask, each part is one's.
    """

    name: str
    title: str
    parts: tuple[str, ...]
    draw: Callable[[County], Sequence[bytes]]
    connections: tuple[int, ...] = (MANY,)
    brings_document: bool = False
    is_extra: bool = False
    departments: tuple[str, ...] = _DEPARTMENTS[:1]


def has_document(target: str, part: str) -> bool:
    """Whether the target can be asked this."""
    return _path(target, part).exists()


def read_document(target: str, part: str) -> str:
    """What the target is asked, on one line."""
    return " ".join(_path(target, part).read_text(encoding="utf-8").split())


def _path(target: str, part: str) -> Path:
    return _DOCUMENTS / target / f"{part}.graphql"


async def read_county(connection: asyncpg.Connection) -> County:
    """The loaded county, shuffled the same way every time."""
    seats = [Seat(*row) for row in await connection.fetch(_SEATS)]
    early = seats[: max(len(seats) - _LARGE_PAGE, 50)]
    industrial = [row[0] for row in await connection.fetch(_INDUSTRIAL, _YEAR)]
    shuffle = random.Random(_SEED).shuffle
    for each in (seats, early, industrial):
        shuffle(each)
    tables = [Table(*row) for row in await connection.fetch(_TABLES)]
    return County(seats, early, industrial, await connection.fetchval(_ENTRY), tables)


def write_lines(question: Question, county: County, folder: Path) -> Path:
    """The file of the question's variables: a line for each request, its part's number before a tab."""
    path = folder / f"{question.name}.txt"
    count = len(question.parts)
    lines = (b"%d\t%s\n" % (number % count, drawn) for number, drawn in enumerate(question.draw(county)))
    path.write_bytes(b"".join(lines))
    return path


def _json(variables: Mapping[str, object]) -> bytes:
    return orjson.dumps(variables)


def _by_key(county: County) -> list[bytes]:
    return [_json({"code": seat.code}) for seat in county.seats]


def _page(county: County) -> list[bytes]:
    return [_json({"town": seat.town, "status": seat.status, "after": seat.code}) for seat in county.seats]


def _linked(county: County) -> list[bytes]:
    return [_json({"town": seat.town, "after": seat.code}) for seat in county.seats]


def _many(county: County) -> list[bytes]:
    return [_json({"after": seat.code}) for seat in county.early]


def _nothing(_: County) -> list[bytes]:
    return [b"{}"]


def _across(county: County) -> list[bytes]:
    return [_json({"code": code, "year": _YEAR, "entry": county.entry}) for code in county.industrial]


def _again(county: County) -> list[bytes]:
    return _by_key(county)[:1]


def _mixed(county: County) -> list[bytes]:
    return [one for three in zip(_by_key(county), _page(county), _linked(county), strict=True) for one in three]


def _cold(county: County) -> list[bytes]:
    """Variables, and a document with an operation name that no other has."""
    variables = _linked(county)
    before, _, after = read_document("yishu", "Q3").partition("Q3")
    return [
        variables[number % len(variables)] + b',"query":' + orjson.dumps(f"{before}Q3_{number}{after}")
        for number in range(_COLD_DOCUMENTS)
    ]


def _after(county: County) -> list[bytes]:
    return [_json({"after": seat.code}) for seat in county.early]


def _after_row(_: County) -> list[bytes]:
    draw = random.Random(_SEED)
    return [_json({"after": f"{draw.randrange(10**8)}"}) for _ in range(_LINES)]


def _hot(county: County) -> list[bytes]:
    """Keys of which a few are asked for again and again."""
    draw = random.Random(_SEED)
    hot, others = _by_key(county)[:_HOT_KEYS], _by_key(county)[_HOT_KEYS:]
    return [draw.choice(hot if draw.random() < _HOT_SHARE else others) for _ in range(_LINES)]


def _of_tables(county: County) -> list[bytes]:
    """Variables and a document for one table after another; each document comes again, its variables do not."""
    lines = []
    for number in range(_LINES):
        table = county.tables[number % len(county.tables)]
        document = (
            f"query T1($not: String!) {{ pool {{ marketRegulation {{ {table.name}(first: 20, where: "
            f"{{{table.key}: {{ne: $not}}}}) {{ nodes {{ {' '.join(table.fields)} }} }} }} }} }}"
        )
        lines.append(_json({"not": str(number)}) + b',"query":' + orjson.dumps(document))
    return lines


QUESTIONS = (
    Question("Q1", "one enterprise by key, 8 fields", ("Q1",), _by_key, (1, MANY)),
    Question("Q2", "50 enterprises of a town and status, ordered, 10 fields", ("Q2",), _page, (1, MANY)),
    Question("Q3", "50 enterprises with licences, projects, town", ("Q3",), _linked, (1, MANY)),
    Question("Q4", "5,000 enterprises, 10 fields", ("Q4",), _many, (1, MANY)),
    Question("Q5", "count and sum by town over all enterprises", ("Q5",), _nothing),
    Question("Q6", "catalog, entity and view in one document", ("Q6",), _across),
    Question("Q7", "Q1, Q2 and Q3 by turns", ("Q1", "Q2", "Q3"), _mixed),
    Question("R1", "Q1 with the same key again and again", ("Q1",), _again),
    Question("C3", "Q3 as a document never seen before", ("Q3",), _cold, (1,), brings_document=True),
    Question("W1", "50 rows of 60 columns", ("W1",), _after_row, is_extra=True),
    Question("D1", "20 enterprises, five levels of links", ("D1",), _after, is_extra=True),
    Question("H1", "Q1, nine of ten for the same ten keys", ("Q1",), _hot, is_extra=True),
    Question(
        "T1", "20 rows of another small table each time", ("Q1",), _of_tables, brings_document=True, is_extra=True
    ),
    Question(
        "M1",
        "Q2 by 16 departments by turns",
        ("Q2",) * len(_DEPARTMENTS),
        _page,
        is_extra=True,
        departments=_DEPARTMENTS,
    ),
)
