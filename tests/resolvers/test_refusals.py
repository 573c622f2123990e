"""What a denied or masked field does to the rest of an answer, and what rows exist for whom."""

import pytest

from policies.principal import PUBLIC, Principal
from tests.resolvers.asking import Engine

_EDUCATION = Principal("education", ())
_TAXATION = Principal("taxation", ())
_TOWN = Principal("town-330784105", ())
_SECURITY = Principal("public-security", ())


@pytest.mark.parametrize(
    ("arguments", "coordinate"),
    [
        ('(where: {legalPersonId: {eq: "x"}})', "Enterprise.legalPersonId"),
        ("(where: {legalPersonName: {isNull: true}})", "Enterprise.legalPersonName"),
        ("(where: {phone: {}})", "Enterprise.phone"),
        ('(where: {or: [{name: {eq: "x"}}, {not: {phone: {eq: "x"}}}]})', "Enterprise.phone"),
        ("(orderBy: [{name: ASC}, {legalPersonName: ASC}])", "Enterprise.legalPersonName"),
        ('(where: {creditRecords: {some: {score: {gt: 0}}}})', "CreditRecord.score"),
        ("(where: {legalPerson: {}})", "Person.citizenId"),
        ('(where: {legalPerson: {sex: {eq: "1"}}})', "Enterprise.legalPersonId"),
    ],
)  # fmt: skip
async def test_a_branch_that_uses_what_is_denied_or_masked_is_refused_alone(
    engine: Engine, arguments: str, coordinate: str
) -> None:
    document = f"{{ a: enterprises{arguments} {{ totalCount nodes {{ name }} }} b: places(first: 1) {{ totalCount }} }}"

    shown = await engine.show(_EDUCATION, document)

    assert shown.data == {"a": None, "b": {"totalCount": 12}}
    assert (coordinate, "a") in shown.denied
    assert {path for _, path in shown.denied} == {"a"}


async def test_a_refused_link_is_refused_below_its_rows(engine: Engine) -> None:
    document = """{ enterprises(first: 2) { nodes {
      creditCode
      bad: licences(where: {holder: {phone: {eq: "x"}}}) { totalCount }
      good: licences(first: 0) { totalCount }
    } } }"""

    shown = await engine.show(_EDUCATION, document)

    assert isinstance(shown.data, dict)
    assert [node["bad"] for node in shown.data["enterprises"]["nodes"]] == [None, None]
    assert all(node["good"]["totalCount"] >= 0 for node in shown.data["enterprises"]["nodes"])
    assert shown.denied == {("Enterprise.phone", "enterprises.nodes.bad")}


async def test_a_link_is_not_followed_over_what_may_not_be_compared(engine: Engine) -> None:
    shown = await engine.show(_EDUCATION, "{ enterprises(first: 3) { nodes { legalPerson { sex } } } }")

    assert shown.data == {"enterprises": {"nodes": [{"legalPerson": None}] * 3}}
    assert shown.denied == {
        ("Enterprise.legalPersonId", "enterprises.nodes.legalPerson"),
        ("Person.citizenId", "enterprises.nodes.legalPerson"),
    }


async def test_a_key_that_may_not_be_compared_is_not_looked_up(engine: Engine) -> None:
    shown = await engine.show(_EDUCATION, '{ person(citizenId: "dirty 0") { sex } }')

    assert shown.data == {"person": None}
    assert shown.denied == {("Person.citizenId", "person")}
    assert shown.prepared.plan.statements == ()


async def test_the_provider_may_look_up_and_filter_its_own(engine: Engine) -> None:
    shown = await engine.show(
        _SECURITY,
        '{ person(citizenId: "dirty 0") { citizenId } people(where: {phone: {contains: "1"}}) { totalCount } }',
    )

    assert shown.problems == ()


async def test_each_denied_coordinate_is_one_error_at_one_path(engine: Engine) -> None:
    document = """{ enterprises(first: 9) { nodes { legalPersonId legalPersonId x: legalPersonId }
                    edges { node { legalPersonId } } } }"""

    shown = await engine.show(_EDUCATION, document)

    assert [".".join(problem.path) for problem in shown.problems] == [
        "enterprises.nodes.legalPersonId",
        "enterprises.nodes.x",
        "enterprises.edges.node.legalPersonId",
    ]


@pytest.mark.parametrize(
    "document",
    [
        "{ pool { education { everything { totalCount nodes { number } } } } }",
        "{ pool { education { keyless { totalCount } } } }",
    ],
)
async def test_an_office_is_given_nothing_of_rows_without_division(engine: Engine, document: str) -> None:
    shown = await engine.show(_TOWN, document)

    assert isinstance(shown.data, dict)
    assert set(shown.data["pool"]["education"].values()) == {None}
    assert [problem.code for problem in shown.problems] == ["FIELD_DENIED"]


async def test_an_office_meets_its_own_rows_alone_on_every_way(engine: Engine) -> None:
    document = """{
      direct: enterprises(first: 100) { nodes { townCode } }
      back: places(first: 100) { nodes { townCode enterprises(first: 100) { nodes { townCode } } } }
      there: licences(first: 100) { nodes { townCode holder { townCode town { townCode } } } }
      odd: pool { education { oddNames { nodes { town } } } }
    }"""

    shown = await engine.show(_TOWN, document)

    def towns(value: object) -> set[object]:
        if isinstance(value, dict):
            own = {each for key, each in value.items() if key in ("townCode", "town") and not isinstance(each, dict)}
            return own.union(*(towns(each) for each in value.values() if isinstance(each, dict | list)))
        return set().union(*(towns(each) for each in value)) if isinstance(value, list) else set()

    assert towns(shown.data) == {"330784105"}


async def test_a_row_outside_its_division_satisfies_no_condition_of_an_office(engine: Engine) -> None:
    document = """query Linked($code: String!) {
      some: licences(first: 100, where: {holder: {creditCode: {isNull: false}}}) { nodes { holder { townCode } } }
      none: licences(first: 100, where: {not: {holder: {}}}) { nodes { holder { townCode } } }
      one: enterprises(where: {licences: {some: {number: {eq: $code}}}}) { totalCount }
    }"""

    shown = await engine.show(_TOWN, document, {"code": "none"})

    assert isinstance(shown.data, dict)
    assert all(node["holder"] == {"townCode": "330784105"} for node in shown.data["some"]["nodes"])
    assert all(node["holder"] is None for node in shown.data["none"]["nodes"])
    assert shown.data["one"]["totalCount"] == 0


async def test_an_entry_that_is_not_published_exists_for_its_provider_alone(engine: Engine) -> None:
    document = '{ catalog { entries(where: {title: {eq: "draft"}}) { totalCount nodes { items { totalCount } } } } }'

    counts = {}
    for principal in (_EDUCATION, _TAXATION, PUBLIC):
        data = (await engine.show(principal, document)).data
        assert isinstance(data, dict)
        counts[principal.department] = data["catalog"]["entries"]["totalCount"]

    assert counts == {"education": 1, "taxation": 0, "": 0}


async def test_the_public_knows_of_open_items_alone(engine: Engine) -> None:
    document = """{ catalog {
      items(where: {coordinate: {in: ["Enterprise.name", "Enterprise.phone", "Person.name"]}}) { nodes { coordinate } }
      entries(first: 500) { nodes { openness sharing status } }
      lineage { totalCount }
    } }"""

    data = (await engine.show(PUBLIC, document)).data

    assert isinstance(data, dict)
    assert data["catalog"]["items"]["nodes"] == [{"coordinate": "Enterprise.name"}]
    assert {tuple(node.values()) for node in data["catalog"]["entries"]["nodes"]} == {
        ("open", "unconditional", "published")
    }
    assert data["catalog"]["lineage"]["totalCount"] == 0


async def test_the_log_is_for_auditors(engine: Engine) -> None:
    document = "{ log { operations(first: 1) { nodes { document } } } }"
    auditor = Principal("audit", ("auditor",))

    await engine.ask(_EDUCATION, "{ __typename }")
    refused = await engine.show(_EDUCATION, document)
    without_role = await engine.show(Principal("audit", ()), document)
    read = await engine.show(auditor, document)

    assert refused.data == without_role.data == {"log": {"operations": None}}
    assert refused.denied == {("Operation.document", "log.operations.nodes.document")}
    assert read.problems == ()
    assert (await engine.ask(PUBLIC, document)).code == "QUERY_INVALID"
