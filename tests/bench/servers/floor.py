"""The floor: hand-written SQL under the server's own HTTP stack. No GraphQL, nothing governed, nothing recorded.

Each path is one class of question; the body is its variables. What measured fastest is used: values leave PostgreSQL as
text, rows become dict literals, links are arrays of arrays in one statement (one `= any(…)` for each link costs the two
processes 15 % more, `array(select row(…))` 25 %), a connection is not reset on its way back, and the collector looks
rarely.
"""

import gc
import os
from collections.abc import Awaitable, Callable, Sequence

import asyncpg
import orjson

from tests.bench.servers.asgi import Receive, Scope, Send, answer, lifespan, read_body

_CONNECTIONS = 8

_FIELDS_8 = """
       credit_code, name, kind, industry_code, registered_capital::text, established_on::text, status, town_code"""
_ENTERPRISE = f"select {_FIELDS_8} from pool_market_regulation.enterprise where credit_code = $1"
_PAGE = f"""
select {_FIELDS_8}, address, employees from pool_market_regulation.enterprise
 where town_code = $1 and status = $2 and credit_code > $3 order by credit_code limit 50"""
_MANY = f"""
select {_FIELDS_8}, address, employees from pool_market_regulation.enterprise
 where credit_code > $1 order by credit_code limit 5000"""
_LINKED = """
select e.credit_code, e.name, e.status, t.code, t.name,
       array(select array[l.number, l.kind, l.title, l.valid_until::text]
               from pool_market_regulation.licence l where l.holder_code = e.credit_code order by l.number),
       array(select array[p.code, p.name, p.stage, p.investment::text]
               from pool_development_reform.project p where p.owner_code = e.credit_code order by p.code)
  from pool_market_regulation.enterprise e left join pool_civil_affairs.division t on t.code = e.town_code
 where e.town_code = $1 and e.credit_code > $2 order by e.credit_code limit 50"""
_BY_TOWN = """
select town_code, count(*), sum(registered_capital)::text from pool_market_regulation.enterprise
 group by town_code order by town_code"""
_WIDE = f"""
select code, {", ".join(f"c{number:02}{'::text' if number % 4 > 1 else ''}" for number in range(1, 60))}
  from pool_market_regulation.bench_wide where code > $1 order by code limit 50"""
_DEEP = """
select e.credit_code,
       array(select array[l.number, h.name, t.name, p.name]
               from pool_market_regulation.licence l
               left join pool_market_regulation.enterprise h on h.credit_code = l.holder_code
               left join pool_civil_affairs.division t on t.code = h.town_code
               left join pool_civil_affairs.division p on p.code = t.parent_code
              where l.holder_code = e.credit_code order by l.number limit 3)
  from pool_market_regulation.enterprise e where e.credit_code > $1 order by e.credit_code limit 20"""

Variables = dict[str, str]
Rows = Sequence[asyncpg.Record]


class Floor:
    """The application; keeps its connections for as long as it runs."""

    def __init__(self) -> None:
        self._pool: asyncpg.Pool | None = None
        self._route_by_path: dict[str, Callable[[Variables], Awaitable[object]]] = {
            "/": self._nothing,
            "/Q1": self._one,
            "/Q2": self._page,
            "/Q3": self._linked,
            "/Q4": self._many,
            "/Q5": self._by_town,
            "/W1": self._wide,
            "/D1": self._deep,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or opens and closes with the server."""
        if scope["type"] == "lifespan":
            await lifespan(receive, send, self.open, self.close)
            return
        data = await self.data(scope["path"], orjson.loads(await read_body(receive) or b"{}"))
        await answer(send, orjson.dumps({"data": data}))

    @property
    def paths(self) -> Sequence[str]:
        """One for each class of question."""
        return tuple(self._route_by_path)

    async def data(self, path: str, variables: Variables) -> object:
        """The data that is asked for at a path."""
        return await self._route_by_path[path](variables)

    async def open(self) -> None:
        """Connects to the database."""
        self._pool = await asyncpg.create_pool(
            os.environ["BENCH_DATABASE_URL"],
            min_size=_CONNECTIONS,
            max_size=_CONNECTIONS,
            max_inactive_connection_lifetime=0,
            max_cached_statement_lifetime=0,
            reset=_leave_as_is,
            server_settings={"timezone": "UTC", "jit": "off"},
        )
        gc.freeze()
        gc.set_threshold(100_000, 50, 100)

    async def close(self) -> None:
        """Lets the connections go."""
        if self._pool is not None:
            await self._pool.close()

    async def _rows(self, sql: str, *arguments: str) -> Rows:
        assert self._pool is not None  # the server asks nothing before it is open
        async with self._pool.acquire() as connection:
            return await connection.fetch(sql, *arguments)

    async def _nothing(self, variables: Variables) -> object:
        return {}

    async def _one(self, variables: Variables) -> object:
        rows = await self._rows(_ENTERPRISE, variables["code"])
        return {"enterprise": _eight(rows[0]) if rows else None}

    async def _page(self, variables: Variables) -> object:
        rows = await self._rows(_PAGE, variables["town"], variables["status"], variables["after"])
        return {"enterprises": {"nodes": _ten(rows)}}

    async def _many(self, variables: Variables) -> object:
        return {"enterprises": {"nodes": _ten(await self._rows(_MANY, variables["after"]))}}

    async def _linked(self, variables: Variables) -> object:
        return {"enterprises": {"nodes": _with_links(await self._rows(_LINKED, variables["town"], variables["after"]))}}

    async def _wide(self, variables: Variables) -> object:
        rows = [dict(row) for row in await self._rows(_WIDE, variables["after"])]
        return {"pool": {"marketRegulation": {"benchWide": {"nodes": rows}}}}

    async def _deep(self, variables: Variables) -> object:
        return {"enterprises": {"nodes": _with_depth(await self._rows(_DEEP, variables["after"]))}}

    async def _by_town(self, variables: Variables) -> object:
        rows = await self._rows(_BY_TOWN)
        return {
            "enterprisesAggregate": [
                {"key": {"townCode": town}, "count": count, "sum": {"registeredCapital": total}}
                for town, count, total in rows
            ]
        }


def _eight(row: asyncpg.Record) -> dict[str, object]:
    code, name, kind, industry, capital, established, status, town = row
    return {
        "creditCode": code,
        "name": name,
        "kind": kind,
        "industryCode": industry,
        "registeredCapital": capital,
        "establishedOn": established,
        "status": status,
        "townCode": town,
    }


def _ten(rows: Rows) -> list[dict[str, object]]:
    return [
        {
            "creditCode": code,
            "name": name,
            "kind": kind,
            "industryCode": industry,
            "registeredCapital": capital,
            "establishedOn": established,
            "status": status,
            "townCode": town,
            "address": address,
            "employees": employees,
        }
        for code, name, kind, industry, capital, established, status, town, address, employees in rows
    ]


def _with_links(rows: Rows) -> list[dict[str, object]]:
    return [
        {
            "creditCode": code,
            "name": name,
            "status": status,
            "town": None if town is None else {"code": town, "name": called},
            "licences": {
                "nodes": [
                    {"number": number, "kind": kind, "title": title, "validUntil": until}
                    for number, kind, title, until in licences
                ]
            },
            "projects": {
                "nodes": [
                    {"code": project, "name": project_name, "stage": stage, "investment": investment}
                    for project, project_name, stage, investment in projects
                ]
            },
        }
        for code, name, status, town, called, licences, projects in rows
    ]


def _with_depth(rows: Rows) -> list[dict[str, object]]:
    return [
        {
            "creditCode": code,
            "licences": {
                "nodes": [
                    {
                        "number": number,
                        "holder": {
                            "name": name,
                            "town": None if town is None else {"name": town, "parent": {"name": parent}},
                        },
                    }
                    for number, name, town, parent in licences
                ]
            },
        }
        for code, licences in rows
    ]


async def _leave_as_is(connection: asyncpg.Connection) -> None:
    """Nothing to undo: a reset would cost a round trip a request."""


app = Floor()
