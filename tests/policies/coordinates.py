"""A small county of coordinates and principals for the tests of the law."""

from dataclasses import dataclass
from itertools import product

from policies.principal import PUBLIC, Principal


@dataclass(frozen=True, slots=True)
class Coordinate:
    """The smallest thing that the law can be asked about."""

    coordinate: str
    title: str = "示例"
    provider: str = "market-regulation"
    sharing: str = "unconditional"
    openness: str = "closed"
    grade: int = 1
    mask: str | None = None
    kind: str = "item"
    inputs: "tuple[Coordinate, ...]" = ()


DEPARTMENTS = (
    "big-data",
    "public-security",
    "market-regulation",
    "civil-affairs",
    "human-resources",
    "natural-resources",
    "housing-construction",
    "economy-information",
    "development-reform",
    "taxation",
    "finance",
    "education",
    "health",
    "medical-insurance",
    "science-technology",
    "justice",
    "transport",
    "water",
    "agriculture",
    "commerce",
    "culture-tourism",
    "emergency",
    "environment",
    "city-administration",
    "statistics",
    "audit",
    "veterans",
    "government-services",
    "governance",
)

EDUCATION = Principal("education", ())
MARKET_REGULATION = Principal("market-regulation", ())
ECONOMY_INFORMATION = Principal("economy-information", ())
TOWN = Principal("town-330784105", ())
AUDITOR = Principal("audit", ("auditor",))
PRINCIPALS = (
    PUBLIC,
    *(Principal(department, ()) for department in DEPARTMENTS),
    Principal("town-330784001", ()),
    TOWN,
    AUDITOR,
    Principal("education", ("auditor", "reviewer")),
)

NAME = Coordinate("Enterprise.name", openness="open")
EMPLOYEES = Coordinate("Enterprise.employees", grade=2)
PHONE = Coordinate("Enterprise.phone", grade=3, mask="phone")
SECRET = Coordinate("Enterprise.secret", grade=4)
LEGAL_PERSON_ID = Coordinate("Enterprise.legalPersonId", sharing="conditional", grade=3, mask="citizen-id")
TAX_PAID = Coordinate("TaxPayment.taxPaid", provider="taxation", sharing="conditional", grade=2)
INCOME_TAX = Coordinate("TaxPayment.incomeTax", provider="taxation", sharing="not_shared", grade=3, mask="null")
ENTRY_TITLE = Coordinate("CatalogEntry.title", provider="", kind="catalog")
OPERATION = Coordinate("Operation.document", provider="", kind="log")
ME = Coordinate("Me.department", provider="", kind="system")


def derived(coordinate: str, *inputs: Coordinate) -> Coordinate:
    """A coordinate made from others."""
    return Coordinate(coordinate, provider="", kind="derived", inputs=inputs)


DERIVED_CLEAR = derived("IndustryByTown.employees", NAME, EMPLOYEES)
DERIVED_MASKED = derived("IndustryByTown.phone", EMPLOYEES, PHONE)
DERIVED_DENIED = derived("IndustryByTown.taxPaid", PHONE, TAX_PAID, EMPLOYEES)
DERIVED_TWICE = derived("IndustryByTown.taxPerEmployee", DERIVED_DENIED, EMPLOYEES)
EVALUATION_SCORE = derived("IndustryEvaluation.score", TAX_PAID)
EVALUATION_GRADE = derived("IndustryEvaluation.grade", TAX_PAID)

_GRID = tuple(
    Coordinate(f"Grid.{sharing}{grade}{openness}", provider=provider, sharing=sharing, grade=grade, openness=openness)
    for (sharing, grade, openness), provider in zip(
        product(("unconditional", "conditional", "not_shared"), (1, 2, 3, 4), ("open", "restricted", "closed")),
        DEPARTMENTS * 2,
        strict=False,
    )
)
COORDINATES = (
    *_GRID,
    NAME,
    EMPLOYEES,
    PHONE,
    SECRET,
    LEGAL_PERSON_ID,
    TAX_PAID,
    INCOME_TAX,
    Coordinate("TaxPayment.townCode", provider="taxation", sharing="conditional"),
    ENTRY_TITLE,
    OPERATION,
    ME,
    DERIVED_CLEAR,
    DERIVED_MASKED,
    DERIVED_DENIED,
    DERIVED_TWICE,
    EVALUATION_SCORE,
    EVALUATION_GRADE,
    derived("IndustryEvaluation.nothing"),
    Coordinate("Odd.kind", kind="unheard-of"),
    Coordinate("Odd.sharing", sharing="", provider="education"),
    Coordinate("Odd.grade", grade=9, openness="open", provider="education"),
)
