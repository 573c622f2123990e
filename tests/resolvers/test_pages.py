"""Pages: orders of every kind of column, cursors sealed for whom and what, and what the rows do meanwhile."""

import pytest
from graphql import GraphQLInputObjectType

from policies.principal import PUBLIC, Principal
from resolvers.refusal import Refusal
from tests.resolvers.asking import Engine

_EDUCATION = Principal("education", ())
_INFO = "pageInfo { hasNextPage endCursor }"


async def _walked(engine: Engine, principal: Principal, field: str, shown: str, order: str) -> list[object]:
    """Every row of a field of the education bureau's pool, two by two."""
    document = (
        f"query Walk($after: String) {{ pool {{ education {{ {field}(first: 2, orderBy: [{order}], after: $after)"
        f" {{ {_INFO} nodes {{ {shown} }} }} }} }} }}"
    )
    rows: list[object] = []
    cursor = None
    while True:
        data = (await engine.show(principal, document, {"after": cursor})).data
        assert isinstance(data, dict)
        connection = data["pool"]["education"][field]
        rows += [node[shown] for node in connection["nodes"]]
        if not connection["pageInfo"]["hasNextPage"]:
            return rows
        cursor = connection["pageInfo"]["endCursor"]


@pytest.mark.parametrize("direction", ["ASC", "DESC", "ASC_NULLS_FIRST", "DESC_NULLS_LAST"])
@pytest.mark.parametrize(
    "column",
    [
        "number", "small", "big", "double", "real", "exact", "flag", "day", "moment", "localMoment", "identifier",
        "list", "network", "fixed", "short", "time", "period",
    ],
)  # fmt: skip
async def test_every_kind_of_column_can_be_ordered_by_and_walked(engine: Engine, column: str, direction: str) -> None:
    rows = await _walked(engine, _EDUCATION, "everything", "number", f"{{{column}: {direction}}}")

    assert sorted(rows, key=str) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("arguments", "has_next", "has_previous"),
    [
        ("first: 1, after: $second", True, True),
        ("first: 2, after: $second", False, True),
        ("last: 1, before: $third", True, True),
        ("last: 2, before: $third", True, False),
        ("first: 2, before: $third", False, False),
        ("first: 1, before: $third", True, False),
        ("last: 2, after: $second", False, False),
        ("last: 1, after: $second", False, True),
        ("first: 1, after: $first, before: $third", False, True),
        ("last: 1, after: $first, before: $third", True, False),
    ],
)
async def test_a_page_says_of_both_ends_what_relay_has_it_say(
    engine: Engine, arguments: str, *, has_next: bool, has_previous: bool
) -> None:
    field = "{ pool { education { everything%s { %s } } } }"
    whole = (await engine.show(_EDUCATION, field % ("", "edges { cursor }"))).data
    assert isinstance(whole, dict)
    first, second, third, _ = (edge["cursor"] for edge in whole["pool"]["education"]["everything"]["edges"])
    used = {"first": first, "second": second, "third": third}
    head = "query(" + ", ".join(f"${name}: String" for name in used if f"${name}" in arguments) + ") "

    page = await engine.show(
        _EDUCATION, head + field % (f"({arguments})", "pageInfo { hasNextPage hasPreviousPage }"), used
    )

    assert isinstance(page.data, dict)
    info = page.data["pool"]["education"]["everything"]["pageInfo"]
    assert info == {"hasNextPage": has_next, "hasPreviousPage": has_previous}


async def test_json_has_no_order(engine: Engine) -> None:
    view = await engine.view()

    order = view.departments.setting.schema.type_map["EducationEverythingOrderBy"]

    assert isinstance(order, GraphQLInputObjectType)
    assert {"document", "binaryDocument"}.isdisjoint(order.fields)


async def test_the_public_walks_a_table_whose_key_it_may_not_see(engine: Engine) -> None:
    rows = await _walked(engine, PUBLIC, "halfOpen", "size", "{shown: ASC}")

    assert rows == [1, None, 2, 9]


async def test_the_order_of_rows_does_not_tell_a_key_that_is_shown_masked(engine: Engine) -> None:
    data = (await engine.show(_EDUCATION, "{ people(first: 5000) { nodes { citizenId } } }")).data
    async with engine.pool.acquire() as connection:
        keys = await connection.fetchval(
            "select array_agg(citizen_id order by citizen_id) from pool_public_security.person"
        )

    assert isinstance(data, dict)
    shown = [node["citizenId"] for node in data["people"]["nodes"]]

    assert len(shown) == len(keys)
    assert [text[-4:] for text in shown] != [key[-4:] for key in keys]


async def test_a_hidden_order_is_the_same_for_every_page_and_filter(engine: Engine) -> None:
    whole = await engine.show(_EDUCATION, "{ people(first: 5000) { totalCount edges { cursor node { id } } } }")
    assert isinstance(whole.data, dict)
    edges = whole.data["people"]["edges"]
    ids = [edge["node"]["id"] for edge in edges]

    after = await engine.show(
        _EDUCATION,
        "query Rest($after: String) {"
        " people(where: {sex: {isNull: false}}, first: 5000) { nodes { id } }"
        " on: people(first: 5000, after: $after) { nodes { id } }"
        " back: people(last: 5000, before: $after) { nodes { id } } }",
        {"after": edges[9]["cursor"]},
    )

    assert whole.data["people"]["totalCount"] == len(ids)
    assert isinstance(after.data, dict)
    assert [node["id"] for node in after.data["back"]["nodes"]] == ids[:9]
    rest = [node["id"] for node in after.data["people"]["nodes"]]
    assert [node["id"] for node in after.data["on"]["nodes"]] == ids[10:]
    assert rest == [each for each in ids if each in rest]
    assert rest


@pytest.mark.parametrize("pattern", ["00", "10", "01", "11", "0", "000", "", "٠٠"])
async def test_the_null_pattern_of_a_cursor_cannot_be_changed(engine: Engine, pattern: str) -> None:
    document = (
        "query($after: String) { pool { education { halfOpen(first: 3, orderBy: [{size: ASC}], after: $after)"
        " { edges { cursor node { hidden size } } } } } }"
    )
    shown = await engine.show(_EDUCATION, document)
    assert isinstance(shown.data, dict)
    cursor = shown.data["pool"]["education"]["halfOpen"]["edges"][0]["cursor"]
    assert cursor.startswith("00.")
    forged = pattern + cursor[2:]

    if forged == cursor:
        await engine.show(_EDUCATION, document, {"after": forged})
    else:
        with pytest.raises(Refusal):
            await engine.show(_EDUCATION, document, {"after": forged})
