"""Pages are read by their keys where those tell rows apart, and an index has them where it can."""

from dataclasses import replace

import asyncpg
import pytest

from policies.principal import Principal
from resolvers.by_key import is_found_by_key
from resolvers.sql import Parameter, part_of
from resolvers.values import Operand
from schema.graph import Node
from tests.resolvers.asking import Engine

_MARKET = Principal("market-regulation", ())


def test_what_is_quoted_is_no_placeholder() -> None:
    parameters = tuple(Parameter(Operand(constant=each)) for each in "abc")

    part = part_of("""select 'it''s $7::text', "a$8::b" from t where x = $3::text and y = $1::text""", parameters)

    assert part.sql == """select 'it''s $7::text', "a$8::b" from t where x = $1::text and y = $2::text"""
    assert part.parameters == (parameters[2], parameters[0])


def test_lists_are_no_keys_to_find_rows_by() -> None:
    node = Node(
        "Odd", "pool_education.odd", "", ("key",), {}, key_columns=("key",), key_types=("text",), has_unique_key=True
    )

    assert is_found_by_key(node)
    assert not is_found_by_key(replace(node, key_types=("text[]",)))
    assert not is_found_by_key(replace(node, has_unique_key=False))


@pytest.mark.parametrize(
    "where",
    [
        '{ townCode: { eq: "330784105" }, status: { eq: "active" } }',
        '{ status: { eq: "active" }, industryCode: { eq: "C33" } }',
        '{ industryCode: { eq: "C33" }, townCode: { eq: "330784105" }, creditCode: { gt: "E05" } }',
    ],
)
async def test_an_index_has_the_keys_of_a_page_by_itself(
    engine: Engine, county_url: str, changing: asyncpg.Connection, where: str
) -> None:
    await _vacuum(county_url)
    document = f"{{ enterprises(where: {where}, orderBy: [{{ creditCode: ASC }}]) {{ nodes {{ name }} }} }}"
    prepared = await engine.prepare(_MARKET, document)
    by_key = prepared.plan.statements[0].by_key
    assert by_key is not None
    # On a county this small other ways cost less. Switching index scans off would count against an index by itself too.
    await changing.execute("set local enable_seqscan = off; set local enable_bitmapscan = off")
    await changing.execute("set local enable_sort = off")

    plan = await changing.fetch(f"explain {by_key.keys.sql}", *by_key.keys.bind(prepared.variables))

    assert any("Index Only Scan using enterprise_by_" in line[0] for line in plan), plan


async def _vacuum(url: str) -> None:
    """Lets an index by itself cost less than one that needs the table, which is only known of pages all can see."""
    connection = await asyncpg.connect(url)
    await connection.execute("vacuum analyze pool_market_regulation.enterprise")
    await connection.close()
