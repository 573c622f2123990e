"""`node` and `nodes`: an id leads back to its node for whoever may know of it, and nowhere for everybody else."""

import asyncio
import json
from collections.abc import Mapping

import pytest

from policies.principal import PUBLIC, Principal
from resolvers.ids import MOST_IDS
from resolvers.refusal import Refusal
from tests.resolvers.asking import SEAL, Engine
from tests.resolvers.comparing import Comparing

_EDUCATION = Principal("education", ())
_TOWN = Principal("town-330784105", ())
_NODE = "query($id: ID!) { node(id: $id) { __typename id } }"
_NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
_ENTERPRISES = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Enterprise { creditCode } } }"


def _id(name: str, *key: str) -> str:
    return SEAL.close(b"id", (name, *key))


async def _ids(engine: Engine, principal: Principal, selection: str) -> list[str]:
    data = (await engine.show(principal, f"{{ {selection} }}")).data
    while isinstance(data, dict) and "nodes" not in data:
        data = next(iter(data.values()))
    assert isinstance(data, dict)
    return [node["id"] for node in data["nodes"]]


@pytest.mark.parametrize("principal", [_EDUCATION, Principal("audit", ("auditor",)), PUBLIC])
async def test_a_node_of_every_type_is_found_by_its_id_if_it_may_be_known_of(
    compared: Comparing, principal: Principal
) -> None:
    ids_by_type = compared.inputs.ids_by_type
    ids = [ids[0] for ids in ids_by_type.values()]
    expected = compared.reference(principal).answer(principal, _NODES, {"ids": ids}).data
    assert isinstance(expected, dict)

    for asked, wanted in zip(ids, expected["nodes"], strict=True):
        shown = await compared.engine.show(principal, _NODE, {"id": asked})
        assert shown.data == {"node": wanted and {"__typename": wanted["__typename"], "id": asked}}

    assert sum(each is not None for each in expected["nodes"]) > 10


async def test_nodes_come_in_the_order_asked_as_often_as_asked_and_null_where_there_are_none(engine: Engine) -> None:
    one, two = await _ids(engine, _EDUCATION, "enterprises(first: 2) { nodes { id } }")
    (odd,) = await _ids(engine, _EDUCATION, "pool { education { oddNames(first: 1) { nodes { id } } } }")
    gone = _id("Enterprise", "no such code")

    shown = await engine.show(_EDUCATION, _NODES, {"ids": [odd, two, gone, one, "nonsense", two]})

    enterprise = {"__typename": "Enterprise"}
    assert shown.data == {
        "nodes": [
            {"__typename": "EducationOddNames", "id": odd},
            {**enterprise, "id": two},
            None,
            {**enterprise, "id": one},
            None,
            {**enterprise, "id": two},
        ]
    }
    assert shown.problems == ()


async def test_a_node_whose_type_is_not_known_is_as_one_that_there_is_not(engine: Engine) -> None:
    unknown = [_id("EducationDraft", "secret"), _id("EducationEverything", "1"), _id("Person", "330722199001000001")]
    others = ["", "A", _id("Enterprise"), _id("Enterprise", "E00", "E00"), _id("Nobody", "1"), "Ä", "x" * 9_999]

    for each in (*unknown, *others):
        told = await engine.ask(PUBLIC, _NODE, {"id": each})
        assert (told.data, told.codes, told.code) == ({"node": None}, [], None)
    told = await engine.ask(PUBLIC, _NODES, {"ids": [*unknown, *others]})
    assert (told.data, told.codes) == ({"nodes": [None] * 10}, [])


async def test_no_other_sealed_text_is_an_id_and_no_altered_one(engine: Engine) -> None:
    shown = await engine.show(_EDUCATION, "{ places(first: 1) { edges { cursor node { id } } } }")
    assert isinstance(shown.data, dict)
    edge = shown.data["places"]["edges"][0]
    cursor, right = edge["cursor"], edge["node"]["id"]
    altered = right[:-3] + ("A" if right[-3] != "A" else "B") + right[-2:]

    for each in (cursor, cursor.partition(".")[2], altered, right[:-1]):
        assert (await engine.show(_EDUCATION, _NODE, {"id": each})).data == {"node": None}


async def test_a_node_outside_the_offices_division_does_not_exist(engine: Engine) -> None:
    document = "{ enterprises(first: 30) { nodes { id townCode } } }"
    shown = await engine.show(_EDUCATION, document)
    assert isinstance(shown.data, dict)
    town_by_id: Mapping[str, str | None] = {node["id"]: node["townCode"] for node in shown.data["enterprises"]["nodes"]}

    found = await engine.show(_TOWN, _NODES, {"ids": list(town_by_id)})

    assert isinstance(found.data, dict)
    for (asked, town), node in zip(town_by_id.items(), found.data["nodes"], strict=True):
        assert node == ({"__typename": "Enterprise", "id": asked} if town == "330784105" else None)


async def test_a_type_that_is_refused_is_refused_whether_or_not_there_is_such_a_node(engine: Engine) -> None:
    document = "query($id: ID!) { node(id: $id) { id ... on EnergyUse { electricity town { name } } } }"
    there, gone = _id("EnergyUse", "E00", "2024"), _id("EnergyUse", "none", "2024")

    answers = [await engine.show(_EDUCATION, document, {"id": each}) for each in (there, gone)]

    assert [each.data for each in answers] == [{"node": None}] * 2
    assert [each.denied for each in answers] == [{("EnergyUse.electricity", "node.electricity")}] * 2


async def test_a_field_asked_for_through_an_interface_is_decided_as_the_types_own(engine: Engine) -> None:
    document = "query($id: ID!) { node(id: $id) { ... on LegalEntity { creditCode name ... on Node { same: id } } } }"

    shown = await engine.show(_EDUCATION, document, {"id": _id("Department", "taxation")})

    assert isinstance(shown.data, dict)
    assert shown.data["node"]["name"] == "市税务局"
    nodes = json.loads(shown.prepared.plan.content)["nodes"]
    assert [(each["path"], each["type"]) for each in nodes] == [("node", "Department")]
    coordinates = [each["coordinate"] for each in nodes[0]["fields"]]
    assert coordinates == ["Department.creditCode", "Department.name", "Department.id"]


async def test_fragments_on_interfaces_apply_everywhere(engine: Engine) -> None:
    document = """
      { enterprises(first: 1) { nodes { ...Named ... on Node { __typename } ... @include(if: true) { x: name } } } }
      fragment Named on LegalEntity { name ... on Enterprise { kind } ... on Department { title } }"""

    shown = await engine.show(_EDUCATION, document)

    assert isinstance(shown.data, dict)
    (node,) = shown.data["enterprises"]["nodes"]
    assert list(node) == ["name", "kind", "__typename", "x"]
    assert node["__typename"] == "Enterprise"


async def test_the_record_holds_the_types_and_keys_that_were_shown_and_no_other(engine: Engine) -> None:
    ids = [_id("Enterprise", "E01"), _id("Place", "none"), _id("Enterprise", "E00"), "nonsense"]
    document = _NODES.replace("{ __typename id }", "{ id ... on Person { name } ... on Licence { title } }")

    told = await engine.ask(_EDUCATION, document, {"ids": ids})

    record = await engine.pool.fetchrow("select * from log.record where id = $1", told.operation_id)
    assert record is not None
    shown = json.loads(await engine.pool.fetchval("select content from log.plan where digest = $1", record["plan"]))
    assert [each["type"] for each in shown["nodes"]] == ["Enterprise", "Place"]
    assert json.loads(record["keys"]) == [["E01", "E00"], []]


async def test_a_plan_is_kept_for_each_type_and_each_class_of_lengths(engine: Engine) -> None:
    async def plan(*ids: str) -> object:
        return (await engine.prepare(_EDUCATION, _NODES, {"ids": list(ids)})).plan

    places = [_id("Place", str(number)) for number in range(30)]

    assert await plan(*places[:2]) is await plan(*places[1:6])
    assert await plan(*places[:2]) is not await plan(*places)
    assert await plan(*places[:2]) is not await plan(places[0], _id("Enterprise", "E01"))
    assert await plan(*places[:2]) is await plan(places[0], "nonsense")


async def test_ids_written_into_the_document_and_variables_within_a_list_will_do(engine: Engine) -> None:
    place, enterprise = _id("Place", "330784"), _id("Enterprise", "E01")
    document = f"""query($one: ID!, $two: ID = "{enterprise}") {{
      a: node(id: "{place}") {{ ... on Place {{ name }} }}
      b: nodes(ids: [$one, "{place}", $two]) {{ __typename }} c: nodes(ids: "{enterprise}") {{ __typename }} }}"""

    shown = await engine.show(_EDUCATION, document, {"one": enterprise})

    enterprise_shown, place_shown = {"__typename": "Enterprise"}, {"__typename": "Place"}
    assert shown.data == {
        "a": {"name": "永康市"},
        "b": [enterprise_shown, place_shown, enterprise_shown],
        "c": [enterprise_shown],
    }


@pytest.mark.parametrize(
    ("document", "variables", "code"),
    [
        ('query($id: ID = "x") { node(id: $id) { id } }', {"id": None}, "BAD_REQUEST"),
        ('query($id: ID = "x") { nodes(ids: [$id]) { id } }', {"id": None}, "BAD_REQUEST"),
        ('query($ids: [ID!] = ["x"]) { nodes(ids: $ids) { id } }', {"ids": None}, "BAD_REQUEST"),
        (_NODE, {"id": ["x"]}, "BAD_REQUEST"),
        (_NODES, {"ids": ["x", None]}, "BAD_REQUEST"),
        (_NODES, {"ids": ["x"] * (MOST_IDS + 1)}, "QUERY_TOO_COSTLY"),
        (
            "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Place { enterprises(first: 600) { nodes { name } } } } }",
            {"ids": [_id("Place", "33")] * MOST_IDS},
            "QUERY_TOO_COSTLY",
        ),
        ('{ node(id: "x") { name } }', {}, "QUERY_INVALID"),
        ('{ node(id: "x") { ... on LegalEntity { ... on Place { name } } } }', {}, "QUERY_INVALID"),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    engine: Engine, document: str, variables: Mapping[str, object], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        await engine.show(_EDUCATION, document, variables)

    assert refused.value.code == code


async def test_ids_may_be_of_so_many_types_at_once(compared: Comparing) -> None:
    ids = [ids[0] for ids in compared.inputs.ids_by_type.values()]

    with pytest.raises(Refusal) as refused:
        await compared.engine.show(_EDUCATION, _NODES, {"ids": ids})

    assert refused.value.code == "QUERY_TOO_COSTLY"


@pytest.mark.parametrize("kind", ["Enterprise", "EducationEverything", "EducationKeyless", "EducationOddNames"])
async def test_many_who_ask_at_once_get_the_nodes_of_their_own_ids(compared: Comparing, kind: str) -> None:
    ids = [*compared.inputs.ids_by_type[kind], "nonsense"] * 5

    told = await asyncio.gather(*(compared.engine.ask(_EDUCATION, _NODE, {"id": each}) for each in ids))

    for asked, each in zip(ids, told, strict=True):
        wanted = None if asked == "nonsense" else {"__typename": kind, "id": asked}
        assert each.data == {"node": wanted}


async def test_no_ids_lead_to_no_nodes_and_read_nothing(engine: Engine) -> None:
    shown = await engine.show(_EDUCATION, _NODES, {"ids": []})

    assert shown.data == {"nodes": []}
    assert shown.prepared.plan.statements == ()


async def test_the_log_is_found_by_id_by_auditors_alone(engine: Engine) -> None:
    auditor = Principal("audit", ("auditor",))
    (operation,) = await _ids(engine, auditor, "log { operations(first: 1) { nodes { id } } }") or [
        _id("Operation", (await engine.ask(PUBLIC, "{ __typename }")).operation_id)
    ]
    document = "query($id: ID!) { node(id: $id) { __typename ... on Operation { department } } }"

    assert (await engine.show(auditor, document, {"id": operation})).data != {"node": None}
    assert (await engine.show(PUBLIC, _NODE, {"id": operation})).data == {"node": None}
    refused = await engine.show(_EDUCATION, document, {"id": operation})
    assert (refused.data, refused.denied) == ({"node": None}, {("Operation.department", "node.department")})


async def test_an_enterprise_list_refetched_is_the_list(engine: Engine) -> None:
    ids = await _ids(engine, _EDUCATION, "enterprises(first: 30) { nodes { id } }")

    shown = await engine.show(_EDUCATION, _ENTERPRISES, {"ids": ids[::-1]})

    listed = await engine.show(_EDUCATION, "{ enterprises(first: 30) { nodes { id creditCode } } }")
    assert isinstance(shown.data, dict)
    assert isinstance(listed.data, dict)
    assert shown.data["nodes"] == listed.data["enterprises"]["nodes"][::-1]


@pytest.mark.parametrize("ids", [["\0"], ["\0", "nonsense"]])
async def test_texts_that_no_database_holds_are_ids_of_nothing(engine: Engine, ids: list[str]) -> None:
    told = await engine.ask(_EDUCATION, f"{{ nodes(ids: {json.dumps(ids)}) {{ id }} }}")

    assert told.json["data"] == {"nodes": [None] * len(ids)}
