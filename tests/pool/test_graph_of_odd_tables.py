"""Whatever tables come in, the schema made of them stays valid, so that every client can read all of it."""

import asyncpg
from graphql import build_schema, validate_schema

from pool.batch import Collection, collect
from pool.progress import SilentProgress
from pool.sources.source import SourceColumn, SourceTable
from schema.access import computed_schema
from schema.build import build_whole_schema
from schema.pool import DEPARTMENT_QUERY, Declarations, make_graph
from schema.sdl import print_sdl
from schema.tables import CATALOG_QUERY
from tests.pool.memory import MemorySource

ODD_TABLES = (
    SourceTable("no columns", (), ()),
    SourceTable("documents", (SourceColumn("document", "jsonb"),), ()),
    SourceTable("Where", (SourceColumn("and", "text"), SourceColumn("__typename", "text")), ()),
    SourceTable("query", (SourceColumn("1st", "text[]"), SourceColumn("nodes", "int4range")), ("1st",)),
)


async def test_odd_tables_leave_the_schema_valid(connection: asyncpg.Connection) -> None:
    source = MemorySource({table: [] for table in ODD_TABLES})
    await collect(connection, Collection("water", source), SilentProgress())
    departments = [dict(row) for row in await connection.fetch(DEPARTMENT_QUERY)]
    resources = [dict(row) for row in await connection.fetch(CATALOG_QUERY)]

    graph = make_graph(Declarations((), (), (), ()), departments, resources)

    made = [name for name in graph.nodes if name.startswith("Water")]
    assert len(made) == len(ODD_TABLES) - 1  # a table without columns has nothing to ask for
    schema = build_schema(print_sdl(build_whole_schema(graph, computed_schema())))
    assert validate_schema(schema) == []
