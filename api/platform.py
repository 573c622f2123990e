"""In charge of what this worker holds of the platform: its state, and graph, law and schema made for that state.

Every answer is checked against the platform's state when its record is written; when the state has moved, the worker
catches up here and asks anew. It knows nothing of questions.
"""

import asyncio
from dataclasses import dataclass, replace

import asyncpg
from graphql import GraphQLSchema

from api.schema_texts import readable
from audit.nodes import LOG_NODES, LOG_SPACE
from audit.record import State
from policies.law import Law
from policies.principal import PUBLIC, Principal
from policies.store import load_current
from resolvers.keep import Preparer
from resolvers.limits import Limits
from resolvers.plan import Setting
from resolvers.run import Connection
from resolvers.seal import Seal
from schema.access import computed_schema
from schema.build import build_schema
from schema.declared import DECLARATIONS
from schema.graph import Graph
from schema.pool import DEPARTMENT_QUERY, Declarations, GraphMaker
from schema.sdl import Restriction
from schema.tables import NO_TABLES, TABLES_QUERY, VERSIONS_QUERY, Tables, caught_up, moved

_STATE_QUERY = "select policy_version, graph_version, data_epoch from platform.state"
_ALL = Declarations(
    DECLARATIONS.entities,
    DECLARATIONS.views,
    (*DECLARATIONS.metadata, *LOG_NODES),
    (*DECLARATIONS.spaces, LOG_SPACE),
)


class Opened:
    """What is open to the public of a graph. It is found when the public asks first: no department waits for it."""

    def __init__(self, whole: Setting, restriction: Restriction) -> None:
        self.restriction = restriction
        self._whole = whole
        self._preparer: Preparer | None = None

    def preparer(self) -> Preparer:
        """The public's preparer. With thousands of tables the first call under a new policy costs 0.2 s."""
        if self._preparer is None:
            graph = self.restriction.of(self._whole.graph)
            self._preparer = Preparer(replace(self._whole, graph=graph, schema=build_schema(graph, computed_schema())))
        return self._preparer


@dataclass(frozen=True, slots=True)
class View:
    """The platform as it was at one state: a preparer for departments, one for the public.

    `tables` are the pool's; they and the restriction to what is open serve to make the next view.
    """

    state: State
    departments: Preparer
    opened: Opened
    tables: Tables

    @property
    def public(self) -> Preparer:
        """The preparer for the public."""
        return self.opened.preparer()

    def preparer(self, principal: Principal) -> Preparer:
        """The preparer whose schema holds what the principal may know of."""
        return self.departments if principal.department else self.public


class Platform:
    """Keeps the view of the newest state this worker has met. One per worker."""

    def __init__(self, pool: asyncpg.Pool, seal: Seal, limits: Limits) -> None:
        self._pool = pool
        self._seal = seal
        self._limits = limits
        self._maker = GraphMaker(_ALL)
        self._view: View | None = None
        self._catching_up = asyncio.Lock()

    @property
    def known(self) -> View | None:
        """The view, if there is one yet."""
        return self._view

    async def view(self) -> View:
        """The view as far as this worker knows; the record's commit tells whether it is still true."""
        return self._view or await self.catch_up(None)

    async def not_before(self, epoch: int) -> None:
        """Makes sure that the view is of a state at or after an epoch that was committed."""
        while self._view is None or self._view.state.data_epoch < epoch:
            await self.catch_up(self._view)

    async def catch_up(self, behind: View | None) -> View:
        """A view newer than the one found to be behind. Callers that wait for the same one share the work."""
        async with self._catching_up:
            if self._view is None or self._view is behind:
                async with self._pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
                    self._view = await self.read(connection)
            return self._view

    async def read(self, connection: Connection) -> View:
        """The view of the state that the connection's transaction sees; parts that have not moved are kept."""
        row = await connection.fetchrow(_STATE_QUERY)
        assert row is not None  # the migration puts it there and nobody may delete it
        state = State(*row)
        known = self._view
        if known is not None and known.state == state:
            return known
        if known is not None and _only_data_moved(known.state, state):
            return replace(known, state=state)
        law, restriction = await _law(connection, known, state)
        tables, graph, schema = await self._whole(connection, known, state)
        whole = Setting(graph, schema, law, self._seal, self._limits)
        return View(state, Preparer(whole), Opened(whole, restriction), tables)

    async def _whole(
        self, connection: Connection, known: View | None, state: State
    ) -> tuple[Tables, Graph, GraphQLSchema]:
        """The tables, and graph and schema of them and of all that is declared; read and made anew is what moved."""
        if known is not None and known.state.graph_version == state.graph_version:
            return known.tables, known.departments.setting.graph, known.departments.setting.schema
        before = NO_TABLES if known is None else known.tables
        versions = await _rows(connection, VERSIONS_QUERY)
        tables = caught_up(before, versions, await _rows(connection, TABLES_QUERY, moved(before, versions)))
        graph = self._maker.make(await _rows(connection, DEPARTMENT_QUERY), tables)
        return tables, graph, build_schema(graph, computed_schema())


async def _law(connection: Connection, known: View | None, state: State) -> tuple[Law, Restriction]:
    """The law, and the restriction to what it opens to the public."""
    if known is not None and known.state.policy_version == state.policy_version:
        return known.departments.setting.law, known.opened.restriction
    law = Law.from_rules(*await load_current(connection))
    return law, Restriction(readable(law, PUBLIC))


async def _rows(connection: Connection, query: str, *arguments: object) -> list[dict[str, object]]:
    return [dict(row) for row in await connection.fetch(query, *arguments)]


def _only_data_moved(known: State, state: State) -> bool:
    return (known.policy_version, known.graph_version) == (state.policy_version, state.graph_version)
