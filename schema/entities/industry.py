"""Yearly figures of industrial enterprises from four departments: the inputs of the per-mu evaluation."""

from schema.declaration import Entity
from schema.graph import Link
from schema.scalars import DATE, DECIMAL, INT, STRING, Scalar

_OF_ENTERPRISE = (
    Link("enterprise", "Enterprise", (("creditCode", "creditCode"),), "企业"),
    Link("town", "Place", (("townCode", "code"),), "所在乡镇街道"),
)
_OF_YEAR = (
    *_OF_ENTERPRISE,
    Link("evaluation", "IndustryEvaluation", (("creditCode", "creditCode"), ("year", "year")), "当年亩均效益评价"),
)
_YEARLY: dict[str, Scalar] = {"creditCode": STRING, "year": INT, "townCode": STRING}

INDUSTRIAL_OUTPUT = Entity(
    name="IndustrialOutput",
    title="规模以上工业产出",
    provider="economy-information",
    resource="industrial_output",
    fields={
        **_YEARLY,
        "outputValue": DECIMAL,
        "addedValue": DECIMAL,
        "revenue": DECIMAL,
        "researchExpense": DECIMAL,
        "averageEmployees": INT,
    },
    links=_OF_YEAR,
)

ENERGY_USE = Entity(
    name="EnergyUse",
    title="工业企业能耗",
    provider="economy-information",
    resource="energy_use",
    fields={**_YEARLY, "electricity": DECIMAL, "gas": DECIMAL, "standardCoal": DECIMAL},
    links=_OF_YEAR,
)

TAX_PAYMENT = Entity(
    name="TaxPayment",
    title="企业入库税金",
    provider="taxation",
    resource="tax_payment",
    fields={**_YEARLY, "taxPaid": DECIMAL, "valueAddedTax": DECIMAL, "incomeTax": DECIMAL},
    links=_OF_YEAR,
)

LAND_USE = Entity(
    name="LandUse",
    title="企业用地",
    provider="natural-resources",
    resource="land_use",
    fields={
        "parcelNo": STRING,
        "creditCode": STRING,
        "areaMu": DECIMAL,
        "purpose": STRING,
        "acquiredOn": DATE,
        "townCode": STRING,
    },
    links=_OF_ENTERPRISE,
)

EMISSION = Entity(
    name="Emission",
    title="企业主要污染物排放",
    provider="environment",
    resource="emission",
    fields={**_YEARLY, "equivalents": DECIMAL, "permitNo": STRING},
    links=_OF_YEAR,
)
