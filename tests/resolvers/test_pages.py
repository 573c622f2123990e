"""Pages: orders of every kind of column, cursors sealed for whom and what, and what the rows do meanwhile."""

import pytest
from graphql import GraphQLInputObjectType

from policies.principal import PUBLIC, Principal
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


async def test_json_has_no_order(engine: Engine) -> None:
    view = await engine.view()

    order = view.departments.setting.schema.type_map["EducationEverythingOrderBy"]

    assert isinstance(order, GraphQLInputObjectType)
    assert {"document", "binaryDocument"}.isdisjoint(order.fields)


async def test_the_public_walks_a_table_whose_key_it_may_not_see(engine: Engine) -> None:
    rows = await _walked(engine, PUBLIC, "halfOpen", "size", "{shown: ASC}")

    assert rows == [1, None, 2, 9]
