"""In charge of the platform as commands use it: the graph and the law of now, without a server.

It answers no questions: those go through the server, which records them.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from api.commands.command import CommandError
from api.config import Settings
from api.connections import open_pool
from api.database import available_database
from api.departments import DepartmentDirectory
from api.platform import Platform
from api.preparing import fit_database
from api.secrets import cursor_secret
from policies.vocabulary import Known
from resolvers.limits import Limits
from resolvers.seal import Seal
from schema.graph import Graph

_DEPARTMENTS = "select code from catalog.department"
_ROLES = frozenset({"auditor"})


@dataclass(frozen=True, slots=True)
class OpenedPlatform:
    """The platform and its connections, open; one of them for the command alone."""

    platform: Platform
    pool: asyncpg.Pool
    connection: asyncpg.Connection

    async def check_department(self, department: str) -> None:
        """Raises CommandError if there is no such department or town's office."""
        if not await DepartmentDirectory(self.pool).knows(department):
            raise CommandError(f"there is no department {department}")

    async def graph(self) -> Graph:
        """The whole graph, as departments know it."""
        return (await self.platform.view()).departments.setting.graph

    async def known(self) -> Known:
        """The names a policy may use."""
        departments = frozenset(row["code"] for row in await self.pool.fetch(_DEPARTMENTS))
        nodes = (await self.graph()).nodes.values()
        coordinates = frozenset(field.coordinate for node in nodes for field in node.fields.values())
        return Known(departments, _ROLES, coordinates)


@asynccontextmanager
async def opened_platform(settings: Settings) -> AsyncIterator[OpenedPlatform]:
    """The platform over a database that is fit to serve from."""
    async with fit_database(settings) as connection, available_database(settings) as url:
        pool = await open_pool(url, settings)
        try:
            yield OpenedPlatform(Platform(pool, Seal(cursor_secret(settings)), Limits()), pool, connection)
        finally:
            await pool.close()
