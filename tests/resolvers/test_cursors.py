"""Cursors: sealed, good for one principal, node and order alone, and true to their row while others come and go."""

import base64

import asyncpg
import pytest

from policies.principal import PUBLIC, Principal
from resolvers.refusal import Refusal
from tests.resolvers.asking import Engine

_EDUCATION = Principal("education", ())
_TAXATION = Principal("taxation", ())
_WALK = """
query Walk($after: String, $before: String, $first: Int, $last: Int) {
  enterprises(orderBy: [{name: ASC}], first: $first, last: $last, after: $after, before: $before) {
    edges { cursor node { creditCode } } pageInfo { hasNextPage hasPreviousPage }
  }
}"""


async def _page(engine: Engine, principal: Principal = _EDUCATION, **variables: object) -> list[dict[str, object]]:
    shown = await engine.show(principal, _WALK, variables)
    assert isinstance(shown.data, dict)
    edges = shown.data["enterprises"]["edges"]
    assert isinstance(edges, list)
    return edges


def _codes(edges: list[dict[str, object]]) -> list[object]:
    return [edge["node"]["creditCode"] for edge in edges if isinstance(edge["node"], dict)]


async def _cursor(engine: Engine, principal: Principal = _EDUCATION) -> str:
    return str((await _page(engine, principal, first=1))[0]["cursor"])


async def test_a_cursor_shows_nothing_of_its_row(engine: Engine) -> None:
    edges = await _page(engine, first=30)

    for edge in edges:
        pattern, _, sealed = str(edge["cursor"]).partition(".")
        opened = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        assert pattern == "00"
        assert str(_codes([edge])[0]).encode() not in opened


async def test_the_cursor_of_a_row_is_the_same_in_every_answer(engine: Engine) -> None:
    assert await _cursor(engine) == await _cursor(engine)


@pytest.mark.parametrize("other", [_TAXATION, PUBLIC, Principal("education", ("auditor",))])
async def test_a_cursor_is_good_for_its_principal_alone(engine: Engine, other: Principal) -> None:
    cursor = await _cursor(engine)

    assert cursor != await _cursor(engine, other)
    with pytest.raises(Refusal) as refused:
        await _page(engine, other, first=1, after=cursor)
    assert refused.value.code == "BAD_REQUEST"


async def test_a_cursor_is_good_for_any_user_of_its_department(engine: Engine) -> None:
    cursor = await _cursor(engine)

    assert await _page(engine, Principal("education", (), "li", "desk"), first=1, after=cursor)


@pytest.mark.parametrize(
    "document",
    [
        "{ enterprises(after: %s) { totalCount nodes { name } } }",
        "{ enterprises(orderBy: [{name: DESC}], after: %s) { nodes { name } } }",
        "{ enterprises(orderBy: [{status: ASC}], after: %s) { nodes { name } } }",
        "{ enterprises(orderBy: [{name: ASC}, {status: ASC}], after: %s) { nodes { name } } }",
        "{ projects(orderBy: [{name: ASC}], after: %s) { nodes { name } } }",
        "{ pool { education { keyless(orderBy: [{name: ASC}], after: %s) { nodes { name } } } } }",
    ],
)
async def test_a_cursor_is_good_for_its_node_and_order_alone(engine: Engine, document: str) -> None:
    cursor = await _cursor(engine)

    with pytest.raises(Refusal):
        await engine.show(_EDUCATION, document % f'"{cursor}"')


@pytest.mark.parametrize(
    ("where", "variables"),
    [
        ("{town: {code: {eq: $code}}}", {"code": "330784001"}),
        ("{town: {code: {eq: $code}}, name: {isNull: false}}", {"code": "330784105"}),
        ("{town: {code: {ne: $code}}}", {"code": "330784105"}),
        ('{town: {code: {eq: "330784001"}}}', {"code": "330784105"}),
        ("{}", {"code": "330784105"}),
        ("null", {"code": "330784105"}),
    ],
)
async def test_a_cursor_is_good_for_its_condition_alone(
    engine: Engine, where: str, variables: dict[str, object]
) -> None:
    def walk(where: str) -> str:
        declared = "$code: String, " if "$code" in where else ""
        return (
            f"query Walk({declared}$after: String) {{"
            f" enterprises(where: {where}, first: 1, after: $after)"
            " { edges { cursor } pageInfo { endCursor } } }"
        )

    first = await engine.show(_EDUCATION, walk("{town: {code: {eq: $code}}}"), {"code": "330784105"})
    assert isinstance(first.data, dict)
    connection = first.data["enterprises"]
    cursor = connection["pageInfo"]["endCursor"]
    assert cursor == connection["edges"][0]["cursor"]

    await engine.show(_EDUCATION, walk('{town: {code: {eq: "330784105"}}}'), {"after": cursor})
    with pytest.raises(Refusal) as refused:
        await engine.show(_EDUCATION, walk(where), {**variables, "after": cursor})
    assert refused.value.code == "BAD_REQUEST"


async def test_a_cursor_is_good_for_its_field_alone(engine: Engine) -> None:
    document = (
        "query($after: String) {"
        " places(where: {enterprises: {some: {}}}, first: 1) { nodes { enterprises(first: 1, after: $after) {"
        " pageInfo { endCursor } } } } }"
    )
    shown = await engine.show(_EDUCATION, document)
    assert isinstance(shown.data, dict)
    cursor = shown.data["places"]["nodes"][0]["enterprises"]["pageInfo"]["endCursor"]

    await engine.show(_EDUCATION, document, {"after": cursor})
    with pytest.raises(Refusal):
        await engine.show(
            _EDUCATION, "query($after: String) { enterprises(after: $after) { totalCount } }", {"after": cursor}
        )


async def test_a_cursor_altered_in_any_place_is_refused(engine: Engine) -> None:
    cursor = await _cursor(engine)
    pattern, _, sealed = cursor.partition(".")

    altered = [f"{pattern}.{sealed[:place]}{'A' if sealed[place] != 'A' else 'B'}{sealed[place + 1:]}"
               for place in range(len(sealed) - 1)]  # fmt: skip
    for each in [*altered, cursor[:-4], cursor + "AAAA", pattern, f"{pattern}.", f".{sealed}", f"000.{sealed}"]:
        with pytest.raises(Refusal):
            await _page(engine, first=1, after=each)


async def test_both_ways_meet(engine: Engine) -> None:
    whole = await _page(engine, first=30)
    cursor = whole[10]["cursor"]

    after = await _page(engine, first=30, after=cursor)
    before = await _page(engine, last=30, before=cursor)
    between = await _page(engine, first=30, after=whole[3]["cursor"], before=whole[7]["cursor"])

    assert _codes(before) + _codes([whole[10]]) + _codes(after) == _codes(whole)
    assert _codes(between) == _codes(whole[4:7])


async def test_pages_go_on_where_they_were_while_rows_come_and_go(engine: Engine, changing: asyncpg.Connection) -> None:
    whole = _codes(await _page(engine, first=30))
    edges = await _page(engine, first=10)
    cursor = edges[-1]["cursor"]
    name = await changing.fetchval(
        "select name from pool_market_regulation.enterprise where credit_code = $1", whole[9]
    )

    await changing.execute("delete from pool_market_regulation.enterprise where credit_code = any($1)", whole[5:10])
    await changing.execute(
        "insert into pool_market_regulation.enterprise (credit_code, name) values ('A-before', ''), ('zz-after', $1)",
        name,
    )
    preparer = (await engine.view()).preparer(_EDUCATION)
    prepared = preparer.prepare_unwritten(_WALK, None, {"first": 30, "after": cursor}, _EDUCATION)
    statement = prepared.plan.statements[0]
    rows = await changing.fetch(statement.sql, *statement.bind(prepared.variables))

    found = [str(value) for row in rows for value in row if str(value).startswith(("E", "A-", "zz"))]
    assert [code for code in dict.fromkeys(found) if code != "zz-after"] == whole[10:]
    assert "zz-after" in found


_INFO = """
query Info($after: String, $before: String, $first: Int, $last: Int) {
  enterprises(orderBy: [{industryCode: %s}], first: $first, last: $last, after: $after, before: $before) {
    edges { cursor } pageInfo { hasNextPage hasPreviousPage }
  }
}"""


@pytest.mark.parametrize("direction", ["ASC", "DESC", "ASC_NULLS_FIRST", "DESC_NULLS_LAST"])
async def test_a_page_knows_exactly_whether_there_are_others_either_way(engine: Engine, direction: str) -> None:
    async def page(**variables: object) -> tuple[list[str], object]:
        shown = await engine.show(_EDUCATION, _INFO % direction, variables)
        assert isinstance(shown.data, dict)
        connection = shown.data["enterprises"]
        info = connection["pageInfo"]
        return [edge["cursor"] for edge in connection["edges"]], (info["hasPreviousPage"], info["hasNextPage"])

    whole, info = await page(first=50)
    assert info == (False, False)

    assert (await page(first=3, after=None))[1] == (False, True)
    assert (await page(first=3, after=whole[0]))[1] == (True, True)
    assert (await page(first=50, after=whole[-1])) == ([], (True, False))
    assert (await page(first=0, after=whole[4]))[1] == (True, True)
    assert (await page(last=3))[1] == (True, False)
    assert (await page(last=50, before=whole[0])) == ([], (False, True))
    assert (await page(last=3, before=whole[3]))[1] == (False, True)
    assert (await page(last=2, before=whole[3]))[1] == (True, True)
    assert (await page(last=50, after=whole[2], before=whole[5])) == (whole[3:5], (False, True))


async def test_before_the_cursor_of_a_first_row_that_was_deleted_there_is_none(
    engine: Engine, changing: asyncpg.Connection
) -> None:
    cursor = (await _page(engine, first=1))[0]
    name = _codes([cursor])[0]

    prepared = await engine.prepare(_EDUCATION, _WALK, {"first": 3, "after": cursor["cursor"]})
    _, beside = prepared.plan.statements
    before = await changing.fetchval(beside.sql, *beside.bind(prepared.variables))
    await changing.execute("delete from pool_market_regulation.enterprise where credit_code = $1", name)
    after = await changing.fetchval(beside.sql, *beside.bind(prepared.variables))

    assert (before, after) == (True, None)


async def test_what_lies_before_a_page_is_asked_only_where_it_is_selected(engine: Engine) -> None:
    cursor = await _cursor(engine)

    document = "query($after: String) { enterprises(orderBy: [{name: ASC}], after: $after) { %s } }"
    with_next = await engine.prepare(_EDUCATION, document % "pageInfo { hasNextPage endCursor }", {"after": cursor})
    with_both = await engine.prepare(_EDUCATION, document % "pageInfo { hasPreviousPage }", {"after": cursor})

    assert (len(with_next.plan.statements), len(with_both.plan.statements)) == (1, 2)
