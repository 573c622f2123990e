"""The floor: hand-written SQL under the server's own HTTP stack. No GraphQL, nothing governed, nothing recorded.

Each path is one class of question; the body is its variables. What measured fastest is used: values leave PostgreSQL as
text, rows become dict literals, links are read by one `= any(…)` each over one connection (`array(select row(…))` costs
the two processes 6 % more), a connection is not reset when it goes back, and the collector looks rarely.
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
_OF_TOWN = """
select credit_code, name, status, town_code from pool_market_regulation.enterprise
 where town_code = $1 and credit_code > $2 order by credit_code limit 50"""
_TOWNS = "select code, name from pool_civil_affairs.division where code = any($1)"
_LICENCES = """
select holder_code, number, kind, title, valid_until::text from pool_market_regulation.licence
 where holder_code = any($1) order by number"""
_PROJECTS = """
select owner_code, code, name, stage, investment::text from pool_development_reform.project
 where owner_code = any($1) order by code"""
_BY_TOWN = """
select town_code, count(*), sum(registered_capital)::text from pool_market_regulation.enterprise
 group by town_code order by town_code"""

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
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or opens and closes with the server."""
        if scope["type"] == "lifespan":
            await lifespan(receive, send, self._open, self._close)
            return
        data = await self._route_by_path[scope["path"]](orjson.loads(await read_body(receive) or b"{}"))
        await answer(send, orjson.dumps({"data": data}))

    async def _open(self) -> None:
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

    async def _close(self) -> None:
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
        assert self._pool is not None  # the server asks nothing before it is open
        async with self._pool.acquire() as connection:
            enterprises = await connection.fetch(_OF_TOWN, variables["town"], variables["after"])
            codes = [row[0] for row in enterprises]
            towns = await connection.fetch(_TOWNS, list({row[3] for row in enterprises}))
            licences = await connection.fetch(_LICENCES, codes)
            projects = await connection.fetch(_PROJECTS, codes)
        return {"enterprises": {"nodes": _with_links(enterprises, towns, licences, projects)}}

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


def _with_links(enterprises: Rows, towns: Rows, licences: Rows, projects: Rows) -> list[dict[str, object]]:
    town_by_code = {code: {"code": code, "name": name} for code, name in towns}
    licences_by_holder: dict[str, list[object]] = {row[0]: [] for row in enterprises}
    for holder, number, kind, title, until in licences:
        licences_by_holder[holder].append({"number": number, "kind": kind, "title": title, "validUntil": until})
    projects_by_owner: dict[str, list[object]] = {row[0]: [] for row in enterprises}
    for owner, code, name, stage, investment in projects:
        projects_by_owner[owner].append({"code": code, "name": name, "stage": stage, "investment": investment})
    return [
        {
            "creditCode": code,
            "name": name,
            "status": status,
            "town": town_by_code.get(town),
            "licences": {"nodes": licences_by_holder[code]},
            "projects": {"nodes": projects_by_owner[code]},
        }
        for code, name, status, town in enterprises
    ]


async def _leave_as_is(connection: asyncpg.Connection) -> None:
    """Nothing to undo: a reset would cost a round trip a request."""


app = Floor()
