"""What a collection may say about the tables it brings: the catalog's words for entries, tables and items.

What is left out is derived; what is derived is published to its provider alone (domain.md, "Default policy by sharing
type": an item without a decision counts as not shared). Elements follow the compilation guide of 2017 and GB/T 21063.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

UNDECIDED = "未定级：默认不予共享，待提供部门定级"
"""The legal ground of what nobody has decided on yet."""


@dataclass(frozen=True, slots=True)
class ItemSpec:
    """One column as the catalog shall know it. `graph_name`, `title` and `data_type` are derived where empty."""

    name: str
    title: str = ""
    data_type: str = ""
    length: int | None = None
    sharing: str = "not_shared"
    sharing_condition: str | None = None
    sharing_ground: str | None = UNDECIDED
    openness: str = "closed"
    grade: int = 1
    mask: str | None = None
    element: str | None = None
    authoritative: bool = False
    code_list: str | None = None
    is_division: bool = False
    graph_name: str = ""


@dataclass(frozen=True, slots=True)
class EntrySpec:
    """A new entry of the catalog. Without `classification` it gets the provider's next free one (3, number, 001…)."""

    title: str
    classification: str = ""
    abstract: str = ""
    format: str = "database"
    sharing: str = "not_shared"
    sharing_condition: str | None = None
    sharing_ground: str | None = UNDECIDED
    sharing_method: str = "graph"
    openness: str = "closed"
    openness_condition: str | None = None
    update_cycle: str = "yearly"
    published_on: date | None = None
    grade: int = 1
    authoritative_source: str = ""
    system: str | None = None
    legal_basis: str | None = None
    division_code: str = "330784"
    level: str = "county"
    status: str = "published"
    version: str = "1.0"


@dataclass(frozen=True, slots=True)
class TableSpec:
    """What is known about a table before it is collected.

    `entry` is a new entry, the code of an existing one, or None for a new entry of this table alone. Equal EntrySpecs
    within one collection are one entry. Columns that `items` does not name are catalogued as not shared.
    """

    entry: EntrySpec | str | None = None
    title: str = ""
    items: Mapping[str, ItemSpec] = field(default_factory=dict)
    graph_name: str = ""
    type_name: str = ""
