"""How linked rows are read: joined to the rows of a page alone, each under its own key in the record."""

from collections.abc import Mapping

import orjson

from policies.principal import Principal
from tests.resolvers.asking import Engine

_EDUCATION = Principal("education", ())
_MARKET = Principal("market-regulation", ())


async def _keys(engine: Engine, principal: Principal, document: str) -> dict[str, list[object]]:
    """The keys that the record of an answer has, by the path of their node."""
    told = await engine.ask(principal, document)
    row = await engine.pool.fetchrow(
        "select r.keys, p.content from log.record r join log.plan p on p.digest = r.plan where r.id = $1",
        told.operation_id,
    )
    assert row is not None
    keys = orjson.loads(row["keys"])
    nodes = orjson.loads(row["content"])["nodes"]
    return {node["path"]: shown for node, shown in zip(nodes, keys, strict=True) if shown}


def _nodes(data: object) -> list[Mapping[str, object]]:
    assert isinstance(data, dict)
    (connection,) = data.values()
    nodes = connection["nodes"]
    assert isinstance(nodes, list)
    return nodes


def _listed(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def _at(node: object, *path: str) -> object:
    """What stands at a path of objects; None where one of them is null."""
    for step in path:
        if isinstance(node, dict):
            node = node[step]
    return node


async def test_rows_beside_are_joined_to_the_rows_of_the_page_alone(engine: Engine) -> None:
    document = "{ enterprises(orderBy: {name: ASC}, first: 3) { nodes { name town { name } } } }"

    prepared = await engine.prepare(_EDUCATION, document)

    (sql,) = (statement.sql for statement in prepared.plan.statements)
    page, _, joined = sql.partition(" limit 3) as t1 ")
    assert "left join" not in page
    assert joined.startswith("left join lateral (select ")
    assert joined.count(" limit 1) as t2 on true order by t1.") == 1


async def test_a_chain_of_links_is_shown_as_far_as_it_leads(engine: Engine) -> None:
    document = """{ places(first: 500) { nodes { code name parent { code name parent { code
      parent { code parent { code } } } } } } }"""

    places = {str(node["code"]): node for node in _nodes((await engine.show(_EDUCATION, document)).data)}

    chains = [(node, str(_at(node, "parent", "code"))) for node in places.values() if node["parent"]]
    for node, code in chains:
        assert _at(node, "parent", "name") == places[code]["name"]
        assert _at(node, "parent", "parent", "code") == _at(places[code], "parent", "code")
        assert _at(node, "parent", "parent", "parent", "code") == _at(places[code], "parent", "parent", "code")
    assert 0 < len(chains) < len(places)


async def test_refused_links_leave_the_rows_beside_them_in_their_place(engine: Engine) -> None:
    refused = 'licences(where: {holder: {phone: {eq: "1"}}}) { nodes { number } }'
    document = f"""{{ enterprises(first: 5) {{ nodes {{ a: {refused} b: {refused} creditCode townCode
      licences {{ nodes {{ number town {{ code }} }} }} town {{ code name }} }} }} }}"""

    shown = await engine.show(_EDUCATION, document)

    assert {path for _, path in shown.denied} == {"enterprises.nodes.a", "enterprises.nodes.b"}
    for node in _nodes(shown.data):
        assert node["a"] is node["b"] is None
        assert _at(node, "town", "code") == node["townCode"]


async def test_the_record_has_the_keys_of_rows_found_and_none_for_those_that_are_not(engine: Engine) -> None:
    document = """{ people(first: 50) { nodes { citizenId town { code parent { code } } household { householdNo
      head { citizenId } members(first: 2) { nodes { citizenId village { code } } } } } } }"""
    provider = Principal("public-security", ())

    keys = await _keys(engine, provider, document)
    nodes = _nodes((await engine.show(provider, document)).data)

    households = [node["household"] for node in nodes if node["household"]]
    members = [member for each in households for member in _listed(_at(each, "members", "nodes"))]
    expected = {
        "town": [_at(node, "town", "code") for node in nodes],
        "town.parent": [_at(node, "town", "parent", "code") for node in nodes],
        "household.head": [_at(each, "head", "citizenId") for each in households],
        "household.members.nodes": [_at(member, "citizenId") for member in members],
        "household.members.nodes.village": [_at(member, "village", "code") for member in members],
    }
    for path, codes in expected.items():
        assert keys[f"people.nodes.{path}"] == [code for code in codes if code is not None]


async def test_numbers_and_truth_values_in_lists_of_linked_rows_are_those_of_the_rows_themselves(
    engine: Engine,
) -> None:
    fields = "itemId length grade required authoritative position"
    linked = f"{{ catalog {{ resources(first: 50) {{ nodes {{ items(first: 50) {{ nodes {{ {fields} }} }} }} }} }} }}"
    alone = f"{{ catalog {{ items(first: 2000) {{ nodes {{ {fields} }} }} }} }}"

    shown = _nodes(_at((await engine.show(_EDUCATION, linked)).data, "catalog"))
    expected = {
        _at(node, "itemId"): node for node in _nodes(_at((await engine.show(_EDUCATION, alone)).data, "catalog"))
    }

    items = [item for node in shown for item in _listed(_at(node, "items", "nodes"))]
    assert items == [expected[_at(item, "itemId")] for item in items]
    assert {type(_at(item, "length")) for item in items} == {int, type(None)}
    assert {_at(item, "authoritative") for item in items} == {True, False}
