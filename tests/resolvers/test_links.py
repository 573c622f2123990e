"""Links of the catalog, the log and the pool: what is described leads to its description, and the other way round."""

from collections.abc import Mapping

import pytest

from policies.principal import PUBLIC, Principal
from resolvers.refusal import Refusal
from schema.graph import Graph, Root, Space
from tests.resolvers.asking import Engine

_EDUCATION = Principal("education", ())
_TAXATION = Principal("taxation", ())
_AUDITOR = Principal("audit", ("auditor",))


def _root(graph: Graph, path: str) -> Root | Space | None:
    members: Mapping[str, Root | Space] = graph.roots
    found: Root | Space | None = None
    for step in path.split("."):
        found = members.get(step)
        members = found.members if isinstance(found, Space) else {}
    return found


async def _nodes(engine: Engine, principal: Principal, document: str) -> list[Mapping[str, object]]:
    shown = await engine.show(principal, document)
    assert shown.problems == ()
    data = shown.data
    while isinstance(data, dict) and "nodes" not in data:
        data = next(iter(data.values()))
    assert isinstance(data, dict)
    nodes = data["nodes"]
    assert isinstance(nodes, list)
    return nodes


async def test_a_resource_knows_the_entrance_to_its_rows(engine: Engine) -> None:
    graph = (await engine.view()).departments.setting.graph
    document = "{ catalog { resources(first: 5000) { nodes { typeName rootField entryOf { status } } } } }"

    for node in await _nodes(engine, _EDUCATION, document):
        root = _root(graph, str(node["rootField"]))
        if node["entryOf"] == {"status": "published"}:
            assert isinstance(root, Root)
            assert (root.node, root.many) == (node["typeName"], True)
        else:
            assert node["rootField"] is None
            assert node["typeName"] not in graph.nodes


async def test_an_entry_knows_its_types_and_their_entrances(engine: Engine) -> None:
    document = """{ catalog { entries(first: 500) { nodes {
      typeNames rootFields
      resources(orderBy: [{resourceId: ASC}], first: 500) { nodes { typeName rootField } } } } } }"""

    entries = await _nodes(engine, _EDUCATION, document)

    assert ["Enterprise"] in [entry["typeNames"] for entry in entries]
    assert ["enterprises"] in [entry["rootFields"] for entry in entries]
    assert ["pool.publicSecurity.household"] in [entry["rootFields"] for entry in entries]
    for entry in entries:
        resources = entry["resources"]
        assert isinstance(resources, dict)
        assert entry["typeNames"] == [each["typeName"] for each in resources["nodes"]]
        assert entry["rootFields"] == [each["rootField"] for each in resources["nodes"]]


async def test_an_item_knows_its_place_in_the_graph_and_in_the_catalog(engine: Engine) -> None:
    document = """{ catalog { items(where: {coordinate: {eq: "TaxPayment.taxPaid"}}) { nodes { typeName fieldName
      entryOf { title } resourceOf { rootField } providerDepartment { code }
      derivations(where: {coordinate: {startsWith: "Nothing"}}) { totalCount } } } } }"""

    (item,) = await _nodes(engine, _EDUCATION, document)

    assert item["typeName"] == "TaxPayment"
    assert item["fieldName"] == "taxPaid"
    assert item["entryOf"]
    assert item["resourceOf"] == {"rootField": "pool.taxation.taxPayment"}
    assert item["providerDepartment"] == {"code": "taxation"}


async def test_a_department_leads_to_all_it_provides(engine: Engine) -> None:
    document = """{ catalog { department(code: "civil-affairs") { entries { totalCount } resources { totalCount }
      items { totalCount } itemsAggregate(groupBy: [entry]) { count } sourceElements { nodes { identifier } } } } }"""

    for principal in (_EDUCATION, PUBLIC):
        shown = await engine.show(principal, document)
        assert isinstance(shown.data, dict)
        department = shown.data["catalog"]["department"]
        assert department["items"]["totalCount"] == sum(group["count"] for group in department["itemsAggregate"]) > 0
        assert department["sourceElements"] == {"nodes": [{"identifier": "DE-0005"}]}


async def test_a_draft_is_reached_through_no_link_but_by_its_provider(engine: Engine) -> None:
    document = """{ catalog { department(code: "education") {
      items(first: 500) { nodes { typeName resourceOf { rootField } } } } } }"""

    for principal, is_known in ((_EDUCATION, True), (_TAXATION, False), (PUBLIC, False)):
        nodes = await _nodes(engine, principal, document)
        drafts = [node for node in nodes if node["typeName"] == "EducationDraft"]
        assert drafts == ([{"typeName": "EducationDraft", "resourceOf": {"rootField": None}}] if is_known else [])


async def test_a_table_of_the_pool_leads_to_the_entities_its_columns_name(engine: Engine) -> None:
    document = """{ pool { education { halfOpen(orderBy: [{enterprise: {name: ASC}}, {size: ASC}]) {
      nodes { hidden enterprise { creditCode } shown shownEnterprise { creditCode name } } } } } }"""

    nodes = await _nodes(engine, _EDUCATION, document)

    by_key = {node["hidden"]: node for node in nodes}
    assert by_key["E00"]["enterprise"] == {"creditCode": "E00"}
    assert by_key["k2"]["enterprise"] is None
    linked = by_key["k2"]["shownEnterprise"]
    assert isinstance(linked, dict)
    assert linked["creditCode"] == "E01"
    where = '{shownEnterprise: {creditCode: {eq: "E01"}}}'
    document = f"{{ pool {{ education {{ halfOpen(where: {where}) {{ nodes {{ size }} }} }} }} }}"
    found = await _nodes(engine, PUBLIC, document)
    assert len(found) == 2


async def test_the_division_of_a_table_leads_to_its_place(engine: Engine) -> None:
    nodes = await _nodes(engine, PUBLIC, "{ pool { education { oddNames { nodes { town townPlace { code } } } } } }")

    assert [node["townPlace"] and {"code": node["town"]} for node in nodes] == [node["townPlace"] for node in nodes]
    assert any(node["townPlace"] for node in nodes)


async def test_an_evaluation_leads_to_what_it_was_made_from(engine: Engine) -> None:
    document = """{ digitalIndustry { evaluations(first: 5) { nodes { creditCode year output { year }
      registration { creditCode } taxPayment { creditCode evaluation { year } } } } } }"""
    provider = Principal("economy-information", ())

    shown = await engine.show(provider, document)

    assert isinstance(shown.data, dict)
    nodes = shown.data["digitalIndustry"]["evaluations"]["nodes"]
    assert nodes
    for node in nodes:
        assert node["output"] == {"year": node["year"]}
        assert node["registration"] == {"creditCode": node["creditCode"]}


async def test_a_record_leads_to_the_department_and_the_items_it_is_of(engine: Engine) -> None:
    told = await engine.ask(_TAXATION, "{ enterprises(first: 1) { nodes { creditCode } } }")
    document = f"""{{ log {{ operation(operationId: "{told.operation_id}") {{ departmentOf {{ title }}
      resolvedFields(where: {{coordinate: {{eq: "Enterprise.creditCode"}}}}) {{ nodes {{
        typeName fieldName item {{ title resourceOf {{ rootField }} }} departmentOf {{ code }} }} }} }} }} }}"""

    shown = await engine.show(_AUDITOR, document)

    assert isinstance(shown.data, dict)
    operation = shown.data["log"]["operation"]
    assert operation["departmentOf"] == {"title": "市税务局"}
    (field,) = operation["resolvedFields"]["nodes"]
    assert (field["typeName"], field["fieldName"]) == ("Enterprise", "creditCode")
    assert field["item"]["resourceOf"] == {"rootField": "enterprises"}
    assert field["departmentOf"] == {"code": "taxation"}


async def test_an_entity_leads_to_its_rows_in_tables_that_name_it(engine: Engine) -> None:
    """All rows of a table by the value of its column, and those that the entity of that value leads to."""
    behind = (await engine.view()).departments.setting.graph.nodes["EnterprisePoolEducation"]
    met = 0
    for link in behind.links.values():
        ((_, column),) = link.on
        table = f"{link.name.partition('By')[0]}(first: 5000) {{ nodes {{ id {column} }} }}"
        below = f"poolEducation {{ creditCode {link.name} {{ nodes {{ id }} }} }}"
        rows = await _nodes(engine, _EDUCATION, f"{{ pool {{ education {{ {table} }} }} }}")
        listed = await _nodes(
            engine, _EDUCATION, f"{{ enterprises(first: 5000) {{ nodes {{ creditCode {below} }} }} }}"
        )
        for node in listed:
            wanted = [{"id": row["id"]} for row in rows if row[column] == node["creditCode"]]
            assert node["poolEducation"] == {"creditCode": node["creditCode"], link.name: {"nodes": wanted}}
            met += len(wanted)
        values = {row[column] for row in rows}
        known = [{"creditCode": node["creditCode"]} for node in listed if node["creditCode"] in values]
        some = f"enterprises(where: {{poolEducation: {{{link.name}: {{some: {{}}}}}}}})"
        assert await _nodes(engine, _EDUCATION, f"{{ {some} {{ nodes {{ creditCode }} }} }}") == known
    assert met > 0


async def test_a_table_whose_column_nobody_may_know_of_is_not_led_to(engine: Engine) -> None:
    document = "{ enterprises(first: 1) { nodes { poolEducation { %s { nodes { __typename } } } } } }"

    assert (await engine.show(PUBLIC, document % "halfOpenByShown")).problems == ()
    with pytest.raises(Refusal, match="halfOpen"):
        await engine.show(PUBLIC, document % "halfOpen")
