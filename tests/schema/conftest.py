"""In charge of the graph the tests of the schema look at: of a freshly migrated catalog."""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
import pytest

from audit.nodes import LOG_NODES, LOG_SPACE
from schema.declared import DECLARATIONS
from schema.graph import Graph
from schema.pool import DEPARTMENT_QUERY, Declarations, make_graph
from schema.tables import CATALOG_QUERY

Rows = list[dict[str, object]]
WHOLE = Declarations(
    DECLARATIONS.entities,
    DECLARATIONS.views,
    (*DECLARATIONS.metadata, *LOG_NODES),
    (*DECLARATIONS.spaces, LOG_SPACE),
)


@dataclass(frozen=True, slots=True)
class Catalog:
    """The catalog as the graph reads it."""

    departments: list[Mapping[str, str]]
    rows: Rows

    def graph(self) -> Graph:
        """The graph of these rows and all declarations."""
        return make_graph(WHOLE, self.departments, self.rows)


@pytest.fixture
async def catalog(connection: asyncpg.Connection) -> Catalog:
    """The catalog after the migrations."""
    departments: list[Mapping[str, str]] = [dict(row) for row in await connection.fetch(DEPARTMENT_QUERY)]
    return Catalog(departments, [dict(row) for row in await connection.fetch(CATALOG_QUERY)])
