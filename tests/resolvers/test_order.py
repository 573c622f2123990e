"""Orders through links to one: rows without one have null there, and what may not be sorted by refuses the branch."""

from collections.abc import Mapping

import pytest

from policies.principal import PUBLIC, Principal
from resolvers.refusal import Refusal
from tests.resolvers.asking import Engine

_EDUCATION = Principal("education", ())
_MARKET = Principal("market-regulation", ())
_WALK = """
query Walk($order: [EnterpriseOrderBy!], $after: String, $before: String, $first: Int, $last: Int) {
  enterprises(orderBy: $order, first: $first, last: $last, after: $after, before: $before) {
    totalCount edges { cursor node { creditCode town { name parent { code } } } } pageInfo { hasNextPage }
  }
}"""
_BY_TOWN = [{"town": {"name": "DESC"}}]
_BY_PARENT = [{"town": {"parent": {"name": "ASC"}, "name": "ASC_NULLS_FIRST"}}, {"status": "DESC"}]


async def _edges(engine: Engine, order: object, **variables: object) -> list[Mapping[str, object]]:
    shown = await engine.show(_EDUCATION, _WALK, {"order": order, **variables})
    assert isinstance(shown.data, dict)
    assert shown.data["enterprises"]["totalCount"] == 30
    edges = shown.data["enterprises"]["edges"]
    assert isinstance(edges, list)
    return edges


def _towns(edges: list[Mapping[str, object]]) -> list[str | None]:
    towns = [edge["node"]["town"] for edge in edges if isinstance(edge["node"], dict)]
    return [town and town["name"] for town in towns]


@pytest.mark.parametrize("direction", ["ASC", "DESC", "ASC_NULLS_FIRST", "DESC_NULLS_LAST"])
async def test_rows_come_in_the_order_of_the_rows_they_link_to(engine: Engine, direction: str) -> None:
    towns = _towns(await _edges(engine, [{"town": {"name": direction}}], first=30))

    named = [each for each in towns if each is not None]
    nulls = [None] * (30 - len(named))
    assert nulls
    assert named == sorted(named, reverse=direction.startswith("DESC"))
    assert towns == (nulls + named if direction in ("DESC", "ASC_NULLS_FIRST") else named + nulls)


@pytest.mark.parametrize("order", [_BY_TOWN, _BY_PARENT])
async def test_such_an_order_is_walked_both_ways_without_missing_a_row(engine: Engine, order: object) -> None:
    whole = [edge["node"] for edge in await _edges(engine, order, first=30)]

    forward: list[object] = []
    at: Mapping[str, object] = {}
    while edges := await _edges(engine, order, first=4, **at):
        forward += [edge["node"] for edge in edges]
        at = {"after": edges[-1]["cursor"]}
    backward: list[object] = []
    at = {}
    while edges := await _edges(engine, order, last=4, **at):
        backward = [edge["node"] for edge in edges] + backward
        at = {"before": edges[0]["cursor"]}

    assert forward == whole
    assert backward == whole


async def test_terms_of_one_linked_row_join_it_once_and_a_count_does_not_join_it(engine: Engine) -> None:
    order = [{"town": {"name": "ASC"}}, {"town": {"code": "DESC", "parent": {"code": "ASC"}}}]

    prepared = await engine.prepare(_EDUCATION, _WALK, {"order": order})

    page, count = (statement.sql for statement in prepared.plan.statements)
    assert page.count("left join") - page.count("left join lateral") == 2
    assert "left join" not in count


@pytest.mark.parametrize(
    ("principal", "document", "denied"),
    [
        (_EDUCATION, "{ enterprises(orderBy: {legalPerson: {birthDate: ASC}}) { totalCount } }",
         {"Enterprise.legalPersonId", "Person.citizenId", "Person.birthDate"}),
        (_MARKET, "{ enterprises(orderBy: {legalPerson: {phone: ASC}}) { nodes { name } } }",
         {"Person.citizenId", "Person.phone"}),
        (_EDUCATION, "{ licences(orderBy: {holder: {phone: ASC}}) { nodes { number } } }", {"Enterprise.phone"}),
    ],
)  # fmt: skip
async def test_what_may_not_be_sorted_by_refuses_the_branch_through_a_link_too(
    engine: Engine, principal: Principal, document: str, denied: set[str]
) -> None:
    shown = await engine.show(principal, document)

    assert isinstance(shown.data, dict)
    assert list(shown.data.values()) == [None]
    assert shown.prepared.plan.statements == ()
    assert {coordinate for coordinate, _ in shown.denied} <= denied
    assert shown.denied


async def test_an_office_sorts_by_what_exists_for_it_alone(engine: Engine) -> None:
    town = Principal("town-330784105", ())
    document = "{ creditRecords(orderBy: [{subject: {name: ASC}}], first: 30) { nodes { number subject { name } } } }"

    shown = await engine.show(town, document)

    assert isinstance(shown.data, dict)
    names = [node["subject"] and node["subject"]["name"] for node in shown.data["creditRecords"]["nodes"]]
    known = [name for name in names if name is not None]
    assert names == sorted(known) + [None] * (len(names) - len(known))
    assert shown.prepared.plan.statements[0].sql.count('"town_code" = $') == 3


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ("[{town: null}]", "BAD_REQUEST"),
        ("[{town: {name: null}}]", "BAD_REQUEST"),
        ("[{town: ASC}]", "QUERY_INVALID"),
        ("[{licences: {number: ASC}}]", "QUERY_INVALID"),
        ("[{town: {phone: ASC}}]", "QUERY_INVALID"),
        ("[{town: " + "{parent: " * 60 + "{name: ASC}" + "}" * 60 + "}]", "QUERY_TOO_COSTLY"),
        ("[" + "{name: ASC, status: ASC} " * 60 + "]", "QUERY_TOO_COSTLY"),
    ],
)
async def test_what_is_no_order_is_refused(engine: Engine, order: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        await engine.show(_EDUCATION, f"{{ enterprises(orderBy: {order}) {{ totalCount }} }}")

    assert refused.value.code == code


async def test_a_linked_row_without_a_term_changes_nothing(engine: Engine) -> None:
    plain = await engine.show(PUBLIC, "{ places(first: 50) { nodes { code } } }")

    shown = await engine.show(PUBLIC, "{ places(first: 50, orderBy: [{parent: {}}, {}]) { nodes { code } } }")

    assert shown.data == plain.data


async def test_figures_are_not_ordered_through_links(engine: Engine) -> None:
    document = "{ enterprisesAggregate(groupBy: [status], orderBy: [{min: {town: {name: ASC}}}]) { count } }"

    with pytest.raises(Refusal) as refused:
        await engine.show(_EDUCATION, document)

    assert refused.value.code == "QUERY_INVALID"
