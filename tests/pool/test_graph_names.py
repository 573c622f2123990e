"""Names chosen here never meet the names that the graph derives from them, whatever a department calls its tables."""

import asyncpg
from graphql import GraphQLObjectType

from pool.batch import Collection, collect
from pool.names import table_name, type_name
from pool.progress import SilentProgress
from pool.sources.source import SourceColumn, SourceTable
from schema.access import computed_schema
from schema.build import build_whole_schema
from schema.pool import DEPARTMENT_QUERY, Declarations, make_graph
from schema.tables import CATALOG_QUERY
from tests.pool.memory import MemorySource

KINDS = (
    "text",
    "integer",
    "bigint",
    "numeric",
    "double precision",
    "boolean",
    "date",
    "timestamptz",
    "timestamp",
    "jsonb",
)


async def test_no_table_takes_a_name_that_the_graph_derives(connection: asyncpg.Connection) -> None:
    columns = tuple(SourceColumn(f"c{number}", kind) for number, kind in enumerate(KINDS))
    source = MemorySource({SourceTable("wells", columns, ("c0",)): []})
    await collect(connection, Collection("water", source), SilentProgress())
    departments = [dict(row) for row in await connection.fetch(DEPARTMENT_QUERY)]
    resources = [dict(row) for row in await connection.fetch(CATALOG_QUERY)]
    graph = make_graph(Declarations((), (), (), ()), departments, resources)

    schema = build_whole_schema(graph, computed_schema())

    derived = {name for name in schema.type_map if name.startswith("WaterWells")} - {"WaterWells"}
    assert "WaterWellsConnection" in derived
    for name in derived:
        table = table_name(name.removeprefix("Water"), ())
        assert type_name("water", table, {"WaterWells"}) not in derived
    space = schema.type_map["PoolWater"]
    assert isinstance(space, GraphQLObjectType)
    for field in space.fields.keys() - {"wells"}:
        assert table_name(field, ()) != field
