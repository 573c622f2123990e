"""Pages of rows that are known are to the byte those that are read as a whole, and so are their records."""

import itertools
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.principal import Principal
from tests.resolvers.alike import check_alike
from tests.resolvers.asking import Engine, engine_on
from tests.resolvers.comparing import PRINCIPALS
from tests.resolvers.counted_rows import ALWAYS, LATER, CountedRows
from tests.resolvers.drawn_written import PATIENT, connections, documents, node_at, within

_MARKET = Principal("market-regulation", ())
_SELECTIONS = (
    "nodes { creditCode name employees }",
    "nodes { id creditCode town { id name } licences(first: 2) { nodes { id number } } projects { nodes { code } } }",
    "edges { cursor node { name town { parent { code } } } } pageInfo { hasNextPage startCursor endCursor }",
    "totalCount pageInfo { hasNextPage hasPreviousPage } nodes { legalPersonName phone town { name } }",
)
_PAGE = """
query ($after: String!, $first: Int) {
  enterprises(where: { creditCode: { gt: $after } }, first: $first, orderBy: [{ %s }]) { %s }
}"""
_CODES = [f"E{number:02}" for number in range(0, 41, 4)]


@pytest.fixture(scope="session", params=[ALWAYS, LATER], ids=["known", "learned"])
def known(request: pytest.FixtureRequest) -> CountedRows:
    """Rows all of which are worth knowing, from the first on or after they were seen."""
    return CountedRows(worth=request.param)


@pytest.fixture(scope="session")
async def knowing(plain_url: str, known: CountedRows) -> AsyncIterator[Engine]:
    """An engine that knows those."""
    async with engine_on(plain_url, known=known) as opened:
        yield opened


@pytest.mark.slow
@settings(suppress_health_check=PATIENT)
@given(data=st.data())
async def test_any_page_by_keys_is_the_whole_one(knowing: Engine, whole: Engine, data: st.DataObject) -> None:
    principal = data.draw(st.sampled_from(PRINCIPALS))
    view = await knowing.view()
    document = data.draw(documents(view.preparer(principal).setting.graph))

    for _ in range(2):
        await check_alike(knowing, whole, principal, document)


@pytest.mark.parametrize("selection", _SELECTIONS)
@pytest.mark.parametrize("order", ["creditCode: ASC", "town: { name: DESC }", "status: ASC }, { name: ASC"])
async def test_pages_that_overlap_are_whole_for_everybody(
    knowing: Engine, whole: Engine, known: CountedRows, selection: str, order: str
) -> None:
    document, pages = _PAGE % (order, selection), known.pages

    for principal, code, first in itertools.product((_MARKET, *PRINCIPALS[1:]), _CODES, (0, 1, 15)):
        await check_alike(knowing, whole, principal, document, {"after": code, "first": first})
    assert known.pages > pages + 100


async def test_the_rows_of_every_table_are_found_by_their_keys(
    knowing: Engine, whole: Engine, known: CountedRows
) -> None:
    graph = (await knowing.view()).preparer(_MARKET).setting.graph
    widths = set()
    for *spaces, name in connections(dict(graph.roots), graph):
        node = node_at(graph, (*spaces, name))
        document = within(spaces, f"{name}(first: 7) {{ nodes {{ id }} pageInfo {{ endCursor }} }}")
        if node.table is None or not (await knowing.prepare(_MARKET, document)).plan.statements:
            continue
        pages = known.pages
        for _ in range(2):
            await check_alike(knowing, whole, _MARKET, document)
        assert known.pages > pages, document
        widths.add(len(node.key_columns))
    assert widths == {1, 2}
