"""Entities lead back to the tables that lead to them, by department, under names that nothing else has."""

from dataclasses import replace

from schema.behind import Behind
from schema.declaration import quoted
from schema.graph import Field, Link, Node
from schema.pool_links import Linker
from schema.scalars import STRING
from schema.tables import Catalogued

_DEPARTMENTS = {"taxation": ("taxation", "税务局"), "big-data": ("bigData", "数据局")}


def _field(name: str, element: str | None = None, *, authoritative: bool = False) -> Field:
    return Field(
        f"T.{name}", name, quoted(name), STRING, name, sql_type="text", element=element, authoritative=authoritative
    )


def _node(name: str, key: str, *fields: Field, is_table: bool = False) -> Node:
    by_name = {each.name: each for each in fields}
    return Node(name, name, name, (key,), by_name, is_table=is_table, key_columns=(quoted(key),), key_types=("text",))


_ENTERPRISE = _node("Enterprise", "code", _field("code", "E1", authoritative=True), _field("phone"))
_PAYMENT = _node("TaxationPayment", "no", _field("no"), _field("payer", "E1"), _field("payee", "E1"), is_table=True)
_PLAIN = _node("TaxationForm", "no", _field("no"), is_table=True)
_CLOUD = _node("BigDataCloud", "no", _field("no"), _field("owner", "E1"), is_table=True)


def _graph(*tables: tuple[str, str, Node], entity: Node = _ENTERPRISE, behind: Behind | None = None) -> dict[str, Node]:
    nodes = Linker().link({each.name: each for each in (entity, *(node for _, _, node in tables))})
    catalogued = [Catalogued(provider, name, name, node) for provider, name, node in tables]
    return (behind or Behind()).add(nodes, catalogued, _DEPARTMENTS)


def test_an_entity_leads_to_a_type_for_each_department_and_that_to_its_tables() -> None:
    graph = _graph(("taxation", "payment", _PAYMENT), ("taxation", "form", _PLAIN), ("big-data", "cloud", _CLOUD))

    assert sorted(graph["Enterprise"].links) == ["poolBigData", "poolTaxation"]
    assert graph["Enterprise"].links["poolTaxation"] == Link(
        "poolTaxation", "EnterprisePoolTaxation", (("code", "code"),), "税务局的资源池记录"
    )
    behind = graph["EnterprisePoolTaxation"]
    assert (behind.relation, list(behind.fields.values())) == (_ENTERPRISE.relation, [_ENTERPRISE.fields["code"]])
    assert list(behind.links.values()) == [
        Link("payment", "TaxationPayment", (("code", "payer"),), "TaxationPayment", many=True),
        Link("paymentByPayee", "TaxationPayment", (("code", "payee"),), "TaxationPayment（payee）", many=True),
    ]
    assert list(graph["EnterprisePoolBigData"].links) == ["cloud"]


def test_a_town_leads_to_no_tables() -> None:
    place = _node("Place", "code", _field("code", "E5", authoritative=True))
    table = replace(_CLOUD, fields={**_CLOUD.fields, "at": _field("at")}, division='"at"')
    nodes = Linker().link({each.name: each for each in (_ENTERPRISE, place, table)})

    graph = Behind().add(nodes, [Catalogued("big-data", "cloud", "cloud", table)], _DEPARTMENTS)

    assert sorted(graph) == ["BigDataCloud", "Enterprise", "EnterprisePoolBigData", "Place"]
    assert "town" in graph["BigDataCloud"].links


def test_what_a_declaration_says_keeps_its_names() -> None:
    declared = Link("poolTaxation", "TaxationForm", (("code", "no"),), "own", many=True)
    entity = replace(_ENTERPRISE, links={"poolTaxation": declared})

    graph = _graph(("taxation", "payment", _PAYMENT), ("taxation", "form", _PLAIN), entity=entity)

    assert graph["Enterprise"].links == {"poolTaxation": declared}
    assert "EnterprisePoolTaxation" not in graph


def test_a_table_that_comes_changes_or_goes_is_followed() -> None:
    behind = Behind()
    both = _graph(("taxation", "payment", _PAYMENT), ("big-data", "cloud", _CLOUD), behind=behind)
    fewer = replace(_PAYMENT, fields={name: each for name, each in _PAYMENT.fields.items() if name != "payee"})
    changed = _graph(("taxation", "payment", fewer), ("big-data", "cloud", _CLOUD), behind=behind)
    gone = _graph(("big-data", "cloud", _CLOUD), behind=behind)

    assert [len(each["EnterprisePoolTaxation"].links) for each in (both, changed)] == [2, 1]
    assert list(gone["Enterprise"].links) == ["poolBigData"]
