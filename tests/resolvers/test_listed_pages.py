"""Pages that are cut from lists of keys that are known: those that the database cuts, whoever asks for what."""

import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest

from policies.principal import Principal
from tests.resolvers.alike import check_alike
from tests.resolvers.asking import Engine, engine_on
from tests.resolvers.comparing import PRINCIPALS
from tests.resolvers.counted_rows import ALWAYS, CountedRows

_MARKET, _EDUCATION = PRINCIPALS[0], PRINCIPALS[1]
_ENOUGH = 14  # pages after which a list is known as a whole
_CODES = [f"E{number:02}" for number in range(0, 41, 3)]
_LISTS = (
    "nodes { creditCode name }",
    "nodes { id town { name } licences(first: 2) { nodes { number } } }",
    "edges { cursor node { name } } pageInfo { hasNextPage startCursor endCursor }",
    "pageInfo { endCursor } nodes { phone }",
)


@pytest.fixture(scope="session")
def known() -> CountedRows:
    """Rows all of which are worth knowing."""
    return CountedRows(worth=ALWAYS)


@pytest.fixture(scope="session")
async def knowing(plain_url: str, known: CountedRows) -> AsyncIterator[Engine]:
    """An engine that knows those."""
    async with engine_on(plain_url, known=known) as opened:
        yield opened


async def _know(engine: Engine, principal: Principal, document: str, variables: Sequence[Mapping[str, object]]) -> None:
    """Asks until what can be known of the lists is known, for pages of other sizes: so no answer is kept."""
    for number, each in enumerate(itertools.islice(itertools.cycle(variables), _ENOUGH)):
        await engine.ask(principal, document, {**each, "first": 6 + number})
        await engine.service.read_ahead.settled()


def _document(where: str, rest: str) -> str:
    return (
        f"query ($after: String, $first: Int = 5) {{ enterprises(first: $first,"
        f" where: {{ creditCode: {{ gt: $after }} {where} }})"
        f" {{ {rest} }} }}"
    )


@pytest.mark.parametrize("shown", _LISTS)
@pytest.mark.parametrize("where", ["", 'status: { ne: "revoked" }', 'or: [{ name: { ne: "x" } }, { phone: {} }]'])
async def test_pages_after_a_key_are_those_of_the_database(
    knowing: Engine, whole: Engine, known: CountedRows, where: str, shown: str
) -> None:
    document = _document(where, shown)
    pages = [{"after": code} for code in _CODES]
    for principal in PRINCIPALS:
        await _know(knowing, principal, document, pages)

    cut = known.cut
    for principal, page in itertools.product(PRINCIPALS, pages):
        await check_alike(knowing, whole, principal, document, page)

    assert known.cut > cut + 8


@pytest.mark.parametrize("selection", ["edges { node { name } cursor }", "nodes { creditCode } pageInfo { endCursor }"])
@pytest.mark.parametrize("where", ["", 'where: { status: { in: $statuses }, creditCode: { gt: "E01" } }'])
async def test_pages_after_a_cursor_are_those_of_the_database(
    knowing: Engine, whole: Engine, known: CountedRows, where: str, selection: str
) -> None:
    declared = ", $statuses: [String!]" if where else ""
    page_info = "" if "pageInfo" in selection else "pageInfo { endCursor hasNextPage }"
    document = (
        f"query ($after: String, $first: Int = 3{declared}) {{ enterprises(first: $first, after: $after, {where})"
        f" {{ {selection} {page_info} }} }}"
    )
    for statuses in (["active", "revoked"], ["active"]) if where else ([],):
        given: dict[str, object] = {"statuses": statuses} if where else {}
        cut = known.cut
        for principal in (_MARKET, _EDUCATION):
            cursors = await _cursors(knowing, principal, document, given)
            assert len(cursors) > 3
            await _know(knowing, principal, document, [{**given, "after": cursor} for cursor in cursors])
            for cursor in cursors:
                await check_alike(knowing, whole, principal, document, {**given, "after": cursor})
        assert known.cut > cut + 6


async def _cursors(
    engine: Engine, principal: Principal, document: str, given: Mapping[str, object]
) -> Sequence[str | None]:
    cursors: list[str | None] = []
    after: Any = None
    while len(cursors) < 20:
        told = await engine.ask(principal, document, {**given, "after": after})
        assert isinstance(told.data, dict)
        after = told.data["enterprises"]["pageInfo"]["endCursor"]
        if after is None:
            break
        cursors.append(after)
    return cursors


async def test_lists_differ_by_all_that_is_given(knowing: Engine, whole: Engine, known: CountedRows) -> None:
    """Also by variables that are called like what a list is read with."""
    document = (
        "query ($after: String, $size: Int, $keys: [String!], $first: Int = 4) {"
        " enterprises(first: $first, where: { creditCode: { gt: $after }, employees: { gt: $size },"
        " status: { in: $keys } }) { nodes { creditCode employees } } }"
    )
    lists = [
        {"size": size, "keys": keys}
        for size, keys in itertools.product((0, 1, 30, -5), (["active"], ["active", "revoked"], []))
    ]
    pages = [{**each, "after": code} for each in lists for code in _CODES]
    for each in lists:
        await _know(knowing, _MARKET, document, [{**each, "after": code} for code in _CODES])

    cut = known.cut
    for page in pages:
        await check_alike(knowing, whole, _MARKET, document, page)

    assert known.cut > cut + len(_CODES)


@pytest.mark.parametrize(
    "asked",
    [
        "where: { creditCode: { gt: $after } }, orderBy: [{ creditCode: DESC }]",
        "where: { creditCode: { gt: $after } }, orderBy: [{ name: ASC }]",
        "where: { creditCode: { gte: $after } }",
        "where: { creditCode: { lt: $after } }",
        "where: { not: { creditCode: { gt: $after } } }",
        "where: { or: [{ creditCode: { gt: $after } }] }",
        'where: { creditCode: { gt: $after }, or: [{ creditCode: { gt: $after } }, { name: { ne: "" } }] }',
        "where: { creditCode: { gt: $after }, name: { ne: $after } }",
        "where: { creditCode: { gt: $after, ne: $after } }",
        "where: { name: { gt: $after } }",
    ],
)
async def test_what_is_no_list_from_a_key_on_is_read(
    knowing: Engine, whole: Engine, known: CountedRows, asked: str
) -> None:
    document = (
        f"query ($after: String, $first: Int = 5) {{ enterprises({asked}, first: $first)"
        " { nodes { creditCode name } } }"
    )
    pages = [{"after": code} for code in _CODES]
    await _know(knowing, _MARKET, document, pages)

    cut = known.cut
    for page in pages:
        await check_alike(knowing, whole, _MARKET, document, page)

    assert known.cut == cut


async def test_what_is_refused_is_refused_for_the_same(knowing: Engine, whole: Engine, known: CountedRows) -> None:
    document = (
        "query ($after: String, $status: String, $first: Int = 5) { enterprises(first: $first, after: $after,"
        " where: { status: { ne: $status } }) { nodes { name } pageInfo { endCursor } } }"
    )
    cursors = await _cursors(knowing, _MARKET, document, {"status": "x"})
    await _know(knowing, _MARKET, document, [{"after": cursor, "status": "x"} for cursor in cursors])

    for after, status in itertools.product((cursors[0], "0.bad"), ("x", "a\0")):
        await check_alike(knowing, whole, _MARKET, document, {"after": after, "status": status})


@pytest.mark.parametrize("values", [["active"] * 51, ["x" * 990]])
async def test_lists_that_are_told_apart_by_much_are_read(
    knowing: Engine, whole: Engine, known: CountedRows, values: list[str]
) -> None:
    document = _document("status: { in: $statuses }", "nodes { name }").replace(
        "query (", "query ($statuses: [String!], "
    )
    pages = [{"after": code, "statuses": [*values, "active"]} for code in _CODES]
    await _know(knowing, _MARKET, document, pages)

    cut = known.cut
    for page in pages:
        await check_alike(knowing, whole, _MARKET, document, page)

    assert known.cut == cut


@pytest.mark.parametrize(("size", "cut"), [(250, 2), (251, 0)])
async def test_an_answer_of_more_rows_waits_for_its_turn(
    knowing: Engine, whole: Engine, known: CountedRows, size: int, cut: int
) -> None:
    page = "enterprises(first: $first, where: { creditCode: { gt: $after } }) { nodes { creditCode } }"
    document = f"query ($after: String, $first: Int) {{ a: {page} b: {page} }}"
    await _know(knowing, _MARKET, document, [{"after": code} for code in _CODES])

    before = known.cut
    await check_alike(knowing, whole, _MARKET, document, {"after": f"E{size - 245:02}", "first": size})

    assert known.cut == before + cut


async def test_a_key_that_is_not_in_the_list_is_asked_for(knowing: Engine, whole: Engine, known: CountedRows) -> None:
    document = _document("", "nodes { creditCode }")
    await _know(knowing, _MARKET, document, [{"after": code} for code in _CODES])

    cut = known.cut
    for after in ("", "E", "E045", "e05", "~", "企业", None):
        await check_alike(knowing, whole, _MARKET, document, {"after": after})
    assert known.cut == cut

    last = await knowing.pool.fetchval("select max(credit_code) from pool_market_regulation.enterprise")
    told = await check_alike(knowing, whole, _MARKET, document, {"after": last})
    assert told.data == {"enterprises": {"nodes": []}}
    assert known.cut == cut + 1
