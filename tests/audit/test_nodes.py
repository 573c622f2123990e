"""The log as nodes of the graph: every column of the views, and nothing else, as kind `log`."""

import asyncpg
import pytest

from audit.nodes import LOG_NODES
from schema.graph import Node
from schema.scalars import scalar_of

_COLUMNS = """
select format('"%s"', attname) as name, format_type(atttypid, atttypmod) as type
  from pg_attribute where attrelid = $1::regclass and attnum > 0"""


@pytest.mark.parametrize("node", LOG_NODES, ids=lambda node: node.name)
async def test_a_node_has_a_field_for_each_column_of_its_view(connection: asyncpg.Connection, node: Node) -> None:
    await connection.execute(f"create temporary view shown as select * from {node.relation} as node")
    columns = {row["name"]: scalar_of(row["type"]) for row in await connection.fetch(_COLUMNS, "shown")}

    declared = {field.column: field.scalar for field in node.fields.values()}

    assert declared == columns
    assert {field.kind for field in node.fields.values()} == {"log"}
