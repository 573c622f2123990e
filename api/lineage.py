"""In charge of writing down in the catalog what the code's derived coordinates are made from.

It runs whenever the platform is brought up; it writes, as one small batch, only when something has changed.
"""

from collections.abc import Iterator

import asyncpg

from schema.graph import Graph

_WRITTEN = "select coordinate, derives_from from catalog.lineage"
_DELETE = """
delete from catalog.lineage where (coordinate, derives_from) in (select * from unnest($1::text[], $2::text[]))"""
_INSERT = "insert into catalog.lineage (coordinate, derives_from) select * from unnest($1::text[], $2::text[])"


async def publish_lineage(connection: asyncpg.Connection, graph: Graph) -> int:
    """How many edges of lineage were added or removed; durable on return. Any number may call it at once."""
    declared = set(_edges(graph))
    if declared == await _written(connection):
        return 0
    async with connection.transaction():
        await connection.execute("select platform.begin_batch()")
        written = await _written(connection)
        gone, new = sorted(written - declared), sorted(declared - written)
        if gone:
            await connection.execute(_DELETE, [edge[0] for edge in gone], [edge[1] for edge in gone])
        if new:
            await connection.execute(_INSERT, [edge[0] for edge in new], [edge[1] for edge in new])
        await connection.execute("select platform.end_batch('graph', null, 'lineage')")
    return len(gone) + len(new)


async def _written(connection: asyncpg.Connection) -> set[tuple[str, str]]:
    return {(row["coordinate"], row["derives_from"]) for row in await connection.fetch(_WRITTEN)}


def _edges(graph: Graph) -> Iterator[tuple[str, str]]:
    for node in graph.nodes.values():
        for field in node.fields.values():
            yield from ((field.coordinate, each.coordinate) for each in field.inputs)
