"""What the law needs to know of a coordinate, and the object classes it belongs to.

Default rules are written over classes, so that a new coordinate is governed the moment it is catalogued. Refuses to
know rules: which class means what is said in the policy alone.
"""

from typing import Protocol

OWN = "own"
SHARINGS = ("unconditional", "conditional", "not_shared")
GRADES = (1, 2, 3, 4)
OPEN_GRADES = (1, 2)
KINDS = ("catalog", "log", "system", "derived")
CLASSES = frozenset(
    [
        OWN,
        "open",
        *KINDS,
        *(f"sharing:{sharing}" for sharing in SHARINGS),
        *(f"grade:{grade}" for grade in GRADES),
        *(f"sharing:{sharing}/grade:{grade}" for sharing in SHARINGS for grade in GRADES),
    ]
)


class Governed(Protocol):
    """A coordinate as the law sees it; anything with these attributes will do. They never change."""

    @property
    def coordinate(self) -> str:
        """The schema coordinate, `Type.field`."""

    @property
    def title(self) -> str:
        """The Chinese title."""

    @property
    def provider(self) -> str:
        """The code of the providing department; empty when derived or the platform's own."""

    @property
    def sharing(self) -> str:
        """`unconditional`, `conditional` or `not_shared`: the stricter of entry and item."""

    @property
    def openness(self) -> str:
        """`open`, `restricted` or `closed`."""

    @property
    def grade(self) -> int:
        """1 to 4, the higher of entry and item."""

    @property
    def mask(self) -> str | None:
        """The mask the catalog declares; None means that nothing is shown when masked."""

    @property
    def kind(self) -> str:
        """`item`, `derived`, `catalog`, `log` or `system`."""

    @property
    def inputs(self) -> "tuple[Governed, ...]":
        """What a derived coordinate is made from; empty for every other kind."""


def sharing_of(governed: Governed) -> str:
    """The sharing type; an unknown or missing one counts as not shared."""
    return governed.sharing if governed.sharing in SHARINGS else "not_shared"


def grade_of(governed: Governed) -> int:
    """The grade; an unknown one counts as the highest."""
    return governed.grade if governed.grade in GRADES else GRADES[-1]


def provider_of(governed: Governed) -> str:
    """The providing department's code: what `own` compares with. Only items have one."""
    return governed.provider if governed.kind == "item" else ""


def classes_of(governed: Governed) -> tuple[str, ...]:
    """The object classes of a coordinate, the coordinate itself last. A rule may name any of them.

    Only items have a sharing type, a grade and a provider. `open` is the conjunction that the default rule is about: an
    unconditionally shared, open item of grade 1 or 2 (an open but conditional item is conditional: the stricter wins).
    """
    itself = (f"type:{governed.coordinate.partition('.')[0]}", governed.coordinate)
    if governed.kind in KINDS:
        return (governed.kind, *itself)
    if governed.kind != "item":
        return itself
    sharing, grade = sharing_of(governed), grade_of(governed)
    classes = [f"sharing:{sharing}", f"grade:{grade}", f"sharing:{sharing}/grade:{grade}"]
    if governed.openness == "open" and sharing == "unconditional" and grade in OPEN_GRADES:
        classes.append("open")
    if governed.provider:
        classes.append(f"provider:{governed.provider}")
    return (*classes, *itself)
