"""Links of the pool's tables are named after what they lead to, and never take the name of a field."""

from dataclasses import replace

from schema.declaration import quoted
from schema.graph import Field, Node
from schema.pool_links import Linker
from schema.scalars import INT, STRING, Scalar


def _field(name: str, element: str | None, scalar: Scalar = STRING, *, authoritative: bool = False) -> Field:
    return Field(
        f"T.{name}",
        name,
        quoted(name),
        scalar,
        name,
        sql_type=scalar.cast,
        element=element,
        authoritative=authoritative,
    )


def _node(name: str, key: str, *fields: Field, is_table: bool = False) -> Node:
    return Node(name, name, name, (key,), {each.name: each for each in fields}, is_table=is_table)


_ENTERPRISE = _node("Enterprise", "creditCode", _field("creditCode", "E1", authoritative=True), _field("kind", "E2"))
_PLACE = _node("Place", "code", _field("code", "E5", authoritative=True))


def _links(*fields: Field, division: str | None = None) -> dict[str, tuple[str, str]]:
    table = replace(_node("Table", fields[0].name, *fields, is_table=True), division=division)
    nodes = Linker().link({each.name: each for each in (_ENTERPRISE, _PLACE, table)})
    assert nodes["Enterprise"] is _ENTERPRISE
    return {name: (link.target, link.on[0][0]) for name, link in nodes["Table"].links.items()}


def test_a_column_of_an_entitys_element_leads_to_it() -> None:
    assert _links(_field("code", "E1")) == {"enterprise": ("Enterprise", "code")}


def test_the_first_column_has_the_short_name_and_the_others_their_own_before_it() -> None:
    links = _links(_field("buyer", "E1"), _field("seller", "E1"))

    assert links == {"enterprise": ("Enterprise", "buyer"), "sellerEnterprise": ("Enterprise", "seller")}


def test_a_link_never_takes_the_name_of_a_field() -> None:
    assert _links(_field("enterprise", "E1")) == {"enterpriseEnterprise": ("Enterprise", "enterprise")}
    assert _links(_field("a", "E1"), _field("enterprise", None), _field("aEnterprise", None)) == {}


def test_the_division_leads_to_its_place() -> None:
    assert _links(_field("x", None), division='"x"') == {"town": ("Place", "x")}


def test_other_elements_and_columns_of_another_type_lead_nowhere() -> None:
    assert _links(_field("a", "E2"), _field("b", None), _field("c", "E9"), _field("d", "E1", INT)) == {}
