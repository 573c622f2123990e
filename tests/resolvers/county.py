"""In charge of a very small county for tests of the engine: few rows, many ties, nulls and awkward texts, one seed."""

import random
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import asyncpg

from api.cluster import Cluster
from migrations.runner import migrate
from policies.store import ensure_default
from tests.resolvers.tables import create_tables

COUNTY = "330784"
TOWNS = ("330784105", "330784001", "330784106")
VILLAGES = tuple(f"{town}20{number}" for town in TOWNS for number in range(2))
AWKWARD = (
    "", " ", "五金厂", "五金_厂", "50%", "a\\b", "back\\", "O'Brien", 'say "hi"', "{row}", "$1", "🔧五金🔩",
    "\u202eabc", "e\u0301", "line\nbreak", "--;/*", "永康市五金城", "ＡＢ\u3000ab五金（永康）",
)  # fmt: skip
_QUALITY = """
insert into catalog.quality (item, resource, rows, missing, measured_at)
select id, resource, 9, position % 3, '2026-01-01 00:00:00+08' from catalog.item
 where id % 2 = 0 or sharing = 'not_shared'"""
_SURNAMES = ("张", "欧阳", "王", "李", "胡")
_GIVEN = ("三", "丰", "小明", "建国", "")


def _maybe(draw: random.Random, value: object, null_share: float = 0.25) -> object:
    return None if draw.random() < null_share else value


def _name(draw: random.Random) -> str:
    return draw.choice(_SURNAMES) + draw.choice(_GIVEN)


def _phone(draw: random.Random) -> str:
    return draw.choice(("13812345678", "0579-87654321", "110", "15900001111"))


def _address(draw: random.Random) -> str:
    return draw.choice(("浙江省永康市东城街道五金路1号", "古山镇前街2号", "无名路", "乡镇街道"))


def _day(draw: random.Random) -> date:
    return date(draw.choice((1990, 2001, 2020)), draw.randint(1, 12), draw.choice((1, 28)))


def _money(draw: random.Random) -> Decimal:
    return draw.choice((Decimal("0.00"), Decimal("1000.50"), Decimal("-3.10"), Decimal("99999999999.99")))


def _town(draw: random.Random) -> object:
    return _maybe(draw, draw.choice(TOWNS), 0.1)


def _places() -> list[tuple[object, ...]]:
    upper = [("33", "浙江省", "province", None), ("3307", "金华市", "city", "33"), (COUNTY, "永康市", "county", "3307")]
    towns = [(town, f"{town[-3:]}镇", "town", COUNTY) for town in TOWNS]
    return [*upper, *towns, *((code, f"{code[-3:]}村", "village", code[:9]) for code in VILLAGES)]


def _citizen_ids(count: int) -> list[str]:
    return [f"3307221990010{number:05d}" if number % 7 else f"dirty {number}" for number in range(count)]


def _people(draw: random.Random, ids: Sequence[str]) -> list[tuple[object, ...]]:
    return [
        (
            each, _name(draw), _maybe(draw, draw.choice("129")), _maybe(draw, _day(draw)), _maybe(draw, "01"),
            _maybe(draw, _phone(draw)), _maybe(draw, _address(draw)), _maybe(draw, draw.choice(VILLAGES)), _town(draw),
            _maybe(draw, f"H{draw.randint(0, 9)}"), _maybe(draw, "未婚"), _maybe(draw, _day(draw)),
        )
        for each in ids
    ]  # fmt: skip


def _households(draw: random.Random, ids: Sequence[str]) -> list[tuple[object, ...]]:
    return [
        (f"H{number}", _maybe(draw, draw.choice(ids)), _address(draw), draw.choice(VILLAGES), _town(draw))
        for number in range(8)
    ]


def _enterprises(draw: random.Random, codes: Sequence[str], ids: Sequence[str]) -> list[tuple[object, ...]]:
    return [
        (
            code, draw.choice(AWKWARD), _maybe(draw, draw.choice(("company", "个体工商户"))),
            _maybe(draw, draw.choice(ids)), _maybe(draw, _name(draw)), _maybe(draw, draw.choice(("3322", "3465"))),
            _maybe(draw, _money(draw)), _maybe(draw, _day(draw)), _maybe(draw, draw.choice(("active", "revoked"))),
            _maybe(draw, draw.choice(AWKWARD)), _town(draw), _maybe(draw, _phone(draw)),
            _maybe(draw, draw.choice((0, 5, 5, -1, 2_147_483_647))), _maybe(draw, draw.choice(AWKWARD)),
        )
        for code in codes
    ]  # fmt: skip


def _licences(draw: random.Random, codes: Sequence[str]) -> list[tuple[object, ...]]:
    return [
        (
            f"L{number:02d}", draw.choice(("food", "business")), _maybe(draw, draw.choice(AWKWARD)),
            _maybe(draw, draw.choice(codes)), _maybe(draw, "局"), _maybe(draw, _day(draw)), _maybe(draw, _day(draw)),
            _maybe(draw, "valid"), _town(draw),
        )
        for number in range(60)
    ]  # fmt: skip


def _projects(draw: random.Random, codes: Sequence[str]) -> list[tuple[object, ...]]:
    return [
        (
            f"P{number:02d}", draw.choice(AWKWARD), _maybe(draw, draw.choice(codes)), _maybe(draw, "3322"),
            _maybe(draw, _money(draw)), _maybe(draw, draw.choice(("planned", "approved"))), _maybe(draw, _day(draw)),
            _maybe(draw, _day(draw)), _town(draw), _maybe(draw, _phone(draw)),
        )
        for number in range(15)
    ]  # fmt: skip


def _credit_records(draw: random.Random, codes: Sequence[str]) -> list[tuple[object, ...]]:
    return [
        (
            f"C{number:02d}", _maybe(draw, draw.choice(codes)), _maybe(draw, "penalty"),
            _maybe(draw, draw.choice(AWKWARD)), _maybe(draw, "局"), _maybe(draw, _day(draw)), _maybe(draw, _day(draw)),
            _maybe(draw, draw.randint(-2, 2)), _town(draw),
        )
        for number in range(20)
    ]  # fmt: skip


def _yearly(draw: random.Random, codes: Sequence[str], columns: int) -> list[tuple[object, ...]]:
    """Rows of an enterprise's year: code, year, so many amounts, town."""
    return [
        (code, year, *(_maybe(draw, Decimal(draw.randint(1, 900)), 0.1) for _ in range(columns)), _town(draw))
        for code in codes
        for year in (2024, 2025)
    ]


async def create_county(cluster: Cluster, name: str) -> str:
    """The address of a new database of this name, migrated and filled."""
    server = await asyncpg.connect(cluster.url("postgres"))
    try:
        await server.execute(f"create database {name} template template0 encoding 'UTF8' locale 'C'")
    finally:
        await server.close()
    connection = await asyncpg.connect(cluster.url(name))
    try:
        await migrate(connection)
        await load_county(connection)
    finally:
        await connection.close()
    return cluster.url(name)


async def load_county(connection: asyncpg.Connection) -> None:
    """Fills a migrated database as one batch, with tables of its own beside the base libraries."""
    draw = random.Random(330784)
    ids = _citizen_ids(25)
    codes = [f"E{number:02d}" for number in range(30)]
    rows_by_table: dict[str, list[tuple[object, ...]]] = {
        "pool_civil_affairs.division(code, name, level, parent_code)": _places(),
        "pool_public_security.person": _people(draw, ids),
        "pool_public_security.household": _households(draw, ids),
        "pool_market_regulation.enterprise": _enterprises(draw, codes, ids),
        "pool_market_regulation.licence": _licences(draw, codes),
        "pool_development_reform.project": _projects(draw, codes),
        "pool_development_reform.credit_record": _credit_records(draw, codes),
        "pool_economy_information.industrial_output(credit_code, year, output_value, added_value, revenue, "
        "research_expense, town_code)": _yearly(draw, codes[:10], 4),
        "pool_economy_information.energy_use": _yearly(draw, codes[:10], 3),
        "pool_taxation.tax_payment": _yearly(draw, codes[:10], 3),
        "pool_natural_resources.land_use": [
            (f"Z{n}", draw.choice(codes[:10]), Decimal(draw.randint(1, 90)), None, _day(draw), _town(draw))
            for n in range(12)
        ],
        "pool_environment.emission(credit_code, year, equivalents, town_code)": _yearly(draw, codes[:10], 1),
    }
    await ensure_default(connection)
    async with connection.transaction():
        await connection.execute("select platform.begin_batch()")
        await create_tables(connection)
        for table, rows in rows_by_table.items():
            places = ", ".join(f"${number}" for number in range(1, len(rows[0]) + 1))
            await connection.executemany(f"insert into {table} values ({places})", rows)
        await connection.execute(_QUALITY)
        await connection.execute("select platform.end_batch('collection', graph_moved => true)")
