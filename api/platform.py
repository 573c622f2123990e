"""In charge of what this worker holds of the platform: its state, and graph, law and schema made for that state.

Every answer is checked against the platform's state when its record is written; when the state has moved, the worker
catches up here and asks anew. It knows nothing of questions.
"""

import asyncio
from dataclasses import dataclass

import asyncpg

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
from schema.pool import CATALOG_QUERY, DEPARTMENT_QUERY, Declarations, make_graph
from schema.sdl import restrict

_STATE_QUERY = "select policy_version, graph_version, data_epoch from platform.state"
_ALL = Declarations(
    DECLARATIONS.entities,
    DECLARATIONS.views,
    (*DECLARATIONS.metadata, *LOG_NODES),
    (*DECLARATIONS.spaces, LOG_SPACE),
)


@dataclass(frozen=True, slots=True)
class View:
    """The platform as it was at one state: a preparer for departments, one for the public."""

    state: State
    departments: Preparer
    public: Preparer

    def preparer(self, principal: Principal) -> Preparer:
        """The preparer whose schema holds what the principal may know of."""
        return self.departments if principal.department else self.public


class Platform:
    """Keeps the view of the newest state this worker has met. One per worker."""

    def __init__(self, pool: asyncpg.Pool, seal: Seal, limits: Limits) -> None:
        self._pool = pool
        self._seal = seal
        self._limits = limits
        self._view: View | None = None
        self._catching_up = asyncio.Lock()

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
            return View(state, known.departments, known.public)
        graph, schema = None, None
        if known is not None and known.state.graph_version == state.graph_version:
            graph, schema = known.departments.setting.graph, known.departments.setting.schema
        version, text = await load_current(connection)
        law = Law.from_rules(version, text)
        if graph is None or schema is None:
            departments = [dict(row) for row in await connection.fetch(DEPARTMENT_QUERY)]
            graph = make_graph(_ALL, departments, [dict(row) for row in await connection.fetch(CATALOG_QUERY)])
            schema = build_schema(graph, computed_schema())
        opened = restrict(graph, readable(law, PUBLIC))
        public = Setting(opened, build_schema(opened, computed_schema()), law, self._seal, self._limits)
        return View(state, Preparer(Setting(graph, schema, law, self._seal, self._limits)), Preparer(public))


def _only_data_moved(known: State, state: State) -> bool:
    return (known.policy_version, known.graph_version) == (state.policy_version, state.graph_version)
