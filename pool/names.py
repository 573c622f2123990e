"""Names in the graph for tables and columns: camelCase (Chinese by its pinyin), unique, never one the graph needs.

GraphQL specification of October 2021: names (2.1.9), reserved names (3.5). It knows no catalog, only the names taken.
"""

import re
import unicodedata
from collections.abc import Container, Iterable

from pypinyin import lazy_pinyin

# The resources that the graph declares in code, by type name: their columns and types are part of that declaration.
SHARED_ENTITIES = frozenset((
    "CreditRecord", "Emission", "EnergyUse", "Enterprise", "Household", "IndustrialOutput", "LandUse", "Licence",
    "Person", "Place", "Project", "TaxPayment",
))  # fmt: skip
# Types of GraphQL itself, of the platform's own nodes and of its computed answers.
_TAKEN_TYPES = SHARED_ENTITIES | {
    "Query", "Mutation", "Subscription", "String", "Int", "Float", "Boolean", "ID", "BigInt", "Decimal", "Date",
    "DateTime", "LocalDateTime", "Time", "JSON", "Catalog", "Pool", "Access", "Log", "Node", "PageInfo", "Department",
    "LegalEntity", "Entry", "Resource", "Item", "DataElement", "CodeList", "Code", "Quality", "Lineage", "RelatedEntry",
    "Operation", "ResolvedField", "Changed",
}  # fmt: skip
_TYPE_ENDINGS = (
    "Connection", "Edge", "Where", "OrderBy", "Aggregate", "GroupBy", "Having", "Key", "List", "Comparison", "Input",
    "Payload", "Changed", "Counts", "Extremes", "Numbers", "Values",
)  # fmt: skip
# `id` is the node's own; the rest are operators of `where` or literals that no enum value may be.
_TAKEN_FIELDS = {"id": "sourceId", "and": "andValue", "or": "orValue", "not": "notValue", "true": "trueValue",
                 "false": "falseValue", "null": "nullValue"}  # fmt: skip
_LONGEST = 80
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def split_words(name: str) -> list[str]:
    """The words of a name in lower case: Chinese syllables by their pinyin, other letters without their accents.

    >>> split_words("legalPersonID"), split_words("企业 name"), split_words("Straße-2")
    (['legal', 'person', 'id'], ['qi', 'ye', 'name'], ['strasse', '2'])
    """
    spoken = _HAN.sub(lambda han: " " + " ".join(lazy_pinyin(han[0], errors="ignore")) + " ", name)
    plain = unicodedata.normalize("NFKD", spoken.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return [word.lower() for word in _WORD.findall(plain)]


def camel_case(name: str) -> str:
    """The name as one camelCase word, empty if it has no letter or digit that can be spelt.

    >>> camel_case("credit_code"), camel_case("2024 年度"), camel_case("！")
    ('creditCode', 'n2024NianDu', '')
    """
    words = split_words(name)
    joined = "".join([*words[:1], *(word.capitalize() for word in words[1:])])[:_LONGEST]
    return "n" + joined if joined[:1].isdigit() else joined


def field_name(name: str, taken: Container[str], otherwise: str) -> str:
    """A free field name for a column or table; `otherwise` where the name cannot be spelt.

    >>> field_name("ID", (), "column1"), field_name("姓名", {"xingMing"}, "column2"), field_name("！", (), "column3")
    ('sourceId', 'xingMing2', 'column3')
    """
    wanted = camel_case(name) or otherwise
    return free_name(_TAKEN_FIELDS.get(wanted, wanted), taken)


def table_name(name: str, taken: Container[str]) -> str:
    """A free field name under the department; `…Aggregate` is what aggregates over a table are called.

    >>> table_name("wells_aggregate", {"wells"})
    'wellsAggregateTable'
    """
    wanted = camel_case(name)
    return field_name(f"{wanted}Table" if wanted.endswith("Aggregate") else name, taken, "table")


def type_name(department: str, table: str, taken: Container[str]) -> str:
    """A free type name for a table's graph name.

    >>> type_name("big-data", "webSites", ()), type_name("water", "userConnection", ())
    ('BigDataWebSites', 'WaterUserConnectionTable')
    """
    wanted = "".join(word.capitalize() for word in department.split("-")) + table[:1].upper() + table[1:]
    if wanted.rstrip("0123456789").endswith(_TYPE_ENDINGS):
        wanted += "Table"
    return free_name(wanted, _Either(taken, _TAKEN_TYPES))


def free_name(wanted: str, taken: Container[str]) -> str:
    """The wanted name, or the first of wanted2, wanted3, … that is not taken."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}{number}"
    return name


def column_names(names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """A graph name for every column, in their order, none of them taken."""
    used = set(taken)
    chosen: list[str] = []
    for position, name in enumerate(names, 1):
        chosen.append(field_name(name, used, f"column{position}"))
        used.add(chosen[-1])
    return chosen


class _Either:
    """Names that are in one of two collections."""

    def __init__(self, *collections: Container[str]) -> None:
        self._collections = collections

    def __contains__(self, name: object) -> bool:
        return any(name in collection for collection in self._collections)
