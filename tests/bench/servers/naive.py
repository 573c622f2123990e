"""The naive stack: the same libraries used the way their manuals show, with the same guarantees.

Strawberry resolves every field of every object; before each, Casbin's enforcer is asked under the platform's own
model and policy; links are read by aiodataloader; every field shown is one row of a log, durable before the answer.
"""

import os
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Protocol
from uuid import uuid4

import asyncpg
import casbin
import strawberry
from aiodataloader import DataLoader
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import FieldExtension, SchemaExtension

from tests.bench.load import ROOT
from tests.bench.servers.asgi import Receive, Scope, Send, lifespan

_DEPARTMENT = "market-regulation"
_PROVIDER_BY_TYPE = {
    "Enterprise": _DEPARTMENT,
    "Licence": _DEPARTMENT,
    "Project": "development-reform",
    "Place": "civil-affairs",
}
_LOG = """
create schema if not exists naive;
create table if not exists naive.resolved_field (
    operation uuid not null, at timestamptz not null, department text not null, coordinate text not null,
    key text not null, effect text not null)"""
_LOG_COLUMNS = ["operation", "at", "department", "coordinate", "key", "effect"]
_CLASSES = """
select r.type_name || '.' || i.graph_name, 'sharing:' || i.sharing || '/grade:' || greatest(i.grade, e.grade)
  from catalog.item i join catalog.resource r on r.id = i.resource join catalog.entry e on e.code = r.entry
 where r.type_name = any($1)"""
_POLICY = "select text from policy.version order by version desc limit 1"
_ENTERPRISES = """
select * from pool_market_regulation.enterprise
 where ($1::text is null or town_code = $1) and ($2::text is null or status = $2) and credit_code > $3
 order by credit_code limit $4"""


@dataclass(slots=True)
class Asking:
    """What resolvers get of one request: the pool, the law, loaders of its own, and the fields shown so far."""

    pool: asyncpg.Pool
    enforcer: casbin.Enforcer
    loader_by_sql: dict[str, "DataLoader[str, list[asyncpg.Record]]"] = field(default_factory=dict)
    shown: list[tuple[str, str]] = field(default_factory=list)

    def loader(self, sql: str) -> "DataLoader[str, list[asyncpg.Record]]":
        """The loader of a statement that reads rows by a list of keys, its first column the key."""
        if sql not in self.loader_by_sql:
            self.loader_by_sql[sql] = DataLoader(partial(self._load, sql))
        return self.loader_by_sql[sql]

    async def _load(self, sql: str, keys: Sequence[str]) -> list[list[asyncpg.Record]]:
        rows_by_key: dict[str, list[asyncpg.Record]] = {key: [] for key in keys}
        for row in await self.pool.fetch(sql, list(keys)):
            rows_by_key[row[0]].append(row)
        return [rows_by_key[key] for key in keys]


Info = strawberry.Info[Asking, None]


class Keyed(Protocol):
    """An object of ours: the log names it by its key."""

    key: str


class Governed(FieldExtension):
    """Asks the enforcer before a field of an object is resolved, and notes that it was shown."""

    def resolve(self, next_: Callable[..., object], source: Keyed, info: Info, **kwargs: object) -> object:
        """The field's value. Raises PermissionError."""
        type_name = info.path.typename or ""
        coordinate = f"{type_name}.{info.field_name}"
        asking = info.context
        asked = (f"department:{_DEPARTMENT}", _DEPARTMENT, coordinate, _PROVIDER_BY_TYPE[type_name], "read")
        if not asking.enforcer.enforce(*asked):
            raise PermissionError(coordinate)
        asking.shown.append((coordinate, source.key))
        return next_(source, info, **kwargs)


class Recorded(SchemaExtension):
    """Writes one row for each field shown, durable before the answer leaves."""

    async def on_operation(self) -> AsyncIterator[None]:
        """Around one operation."""
        yield
        asking: Asking = self.execution_context.context
        operation, at = uuid4(), datetime.now(UTC)
        rows = [(operation, at, _DEPARTMENT, coordinate, key, "clear") for coordinate, key in asking.shown]
        await asking.pool.copy_records_to_table(
            "resolved_field", schema_name="naive", columns=_LOG_COLUMNS, records=rows
        )


def governed() -> Any:  # what strawberry.field returns stands for a value of the field's type
    """A field that is decided and recorded."""
    return strawberry.field(extensions=[Governed()])


@strawberry.type
class Place:
    key: strawberry.Private[str]
    code: str = governed()
    name: str = governed()


@strawberry.type
class Licence:
    key: strawberry.Private[str]
    number: str = governed()
    kind: str = governed()
    title: str | None = governed()
    valid_until: date | None = governed()


@strawberry.type
class Project:
    key: strawberry.Private[str]
    code: str = governed()
    name: str = governed()
    stage: str | None = governed()
    investment: Decimal | None = governed()


@strawberry.type
class Licences:
    nodes: list[Licence]


@strawberry.type
class Projects:
    nodes: list[Project]


_TOWNS = "select code as key, code, name from pool_civil_affairs.division where code = any($1)"
_LICENCES = """
select holder_code as holder, number, kind, title, valid_until from pool_market_regulation.licence
 where holder_code = any($1) order by number"""
_PROJECTS = """
select owner_code as holder, code, name, stage, investment from pool_development_reform.project
 where owner_code = any($1) order by code"""


def _without_holder(row: asyncpg.Record) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "holder"}


@strawberry.type
class Enterprise:
    key: strawberry.Private[str]
    credit_code: str = governed()
    name: str = governed()
    kind: str | None = governed()
    industry_code: str | None = governed()
    registered_capital: Decimal | None = governed()
    established_on: date | None = governed()
    status: str | None = governed()
    town_code: str | None = governed()
    address: str | None = governed()
    employees: int | None = governed()

    @strawberry.field
    async def town(self, info: Info) -> Place | None:
        """Where it is."""
        if self.town_code is None:
            return None
        rows = await info.context.loader(_TOWNS).load(self.town_code)
        return Place(**rows[0]) if rows else None

    @strawberry.field
    async def licences(self, info: Info) -> Licences:
        """What it holds."""
        rows = await info.context.loader(_LICENCES).load(self.key)
        return Licences(nodes=[Licence(key=row["number"], **_without_holder(row)) for row in rows])

    @strawberry.field
    async def projects(self, info: Info) -> Projects:
        """What it invests in."""
        rows = await info.context.loader(_PROJECTS).load(self.key)
        return Projects(nodes=[Project(key=row["code"], **_without_holder(row)) for row in rows])


@strawberry.type
class Enterprises:
    nodes: list[Enterprise]


_SHOWN = (
    "credit_code", "name", "kind", "industry_code", "registered_capital", "established_on", "status", "town_code",
    "address", "employees",
)  # fmt: skip


def _enterprise(row: asyncpg.Record) -> Enterprise:
    return Enterprise(key=row["credit_code"], **{name: row[name] for name in _SHOWN})


@strawberry.type
class Query:
    @strawberry.field
    async def enterprise(self, info: Info, credit_code: str) -> Enterprise | None:
        """By key."""
        sql = "select * from pool_market_regulation.enterprise where credit_code = $1"
        row = await info.context.pool.fetchrow(sql, credit_code)
        return None if row is None else _enterprise(row)

    @strawberry.field
    async def enterprises(
        self, info: Info, after: str, first: int, town: str | None = None, status: str | None = None
    ) -> Enterprises:
        """After a credit code, in their order."""
        rows = await info.context.pool.fetch(_ENTERPRISES, town, status, after, first)
        return Enterprises(nodes=[_enterprise(row) for row in rows])


class Naive(GraphQL):
    """The application, with the pool and the enforcer every request shares."""

    def __init__(self) -> None:
        super().__init__(strawberry.Schema(query=Query, extensions=[Recorded]), graphql_ide=None)
        self._opened: tuple[asyncpg.Pool, casbin.Enforcer] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or opening and closing with the server."""
        if scope["type"] == "lifespan":
            await lifespan(receive, send, self._open, self._close)
        else:
            await super().__call__(scope, receive, send)

    async def get_context(  # type: ignore[override]  # the class is generic in it by default only
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Asking:
        """What resolvers get of one request."""
        assert self._opened is not None  # the server asks nothing before it is open
        return Asking(*self._opened)

    async def _open(self) -> None:
        pool = await asyncpg.create_pool(os.environ["BENCH_DATABASE_URL"], min_size=8, max_size=8)
        await pool.execute(_LOG)
        classes = await pool.fetch(_CLASSES, list(_PROVIDER_BY_TYPE))
        lines = [f"g2, {coordinate}, {name}" for coordinate, name in classes]
        policy = "\n".join([await pool.fetchval(_POLICY), *lines])
        model = str(ROOT / "policies" / "model.conf")
        enforcer = casbin.Enforcer(model, casbin.StringAdapter(policy))
        enforcer.add_named_matching_func("g", casbin.util.key_match)
        self._opened = (pool, enforcer)

    async def _close(self) -> None:
        if self._opened is not None:
            await self._opened[0].close()


app = Naive()
