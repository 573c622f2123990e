"""The application view digital industry (数字工业).

Enterprises above scale, their per-mu evaluation (亩均效益综合评价), figures by town and by industry. The evaluation is
a derived table that each batch keeps current (migration 0006): six indicators, weighted, graded A to D within a year.
"""

from schema.declaration import View, ViewField
from schema.graph import Link
from schema.interfaces import LEGAL_ENTITY
from schema.scalars import DATE, DECIMAL, INT, STRING

_TOWN = Link("town", "Place", (("townCode", "code"),), "所在乡镇街道")
_OUTPUT_CODE = "IndustrialOutput.creditCode"

INDUSTRIAL_ENTERPRISE = View(
    name="IndustrialEnterprise",
    title="规模以上工业企业",
    relation="""
        select e.credit_code, e.name, e.industry_code, e.status, e.established_on, e.town_code
          from pool_market_regulation.enterprise e
         where exists (select from pool_economy_information.industrial_output o where o.credit_code = e.credit_code)""",
    key=("creditCode",),
    interfaces=(LEGAL_ENTITY,),
    fields=(
        ViewField("creditCode", STRING, "统一社会信用代码", ("Enterprise.creditCode",)),
        ViewField("name", STRING, "企业名称", ("Enterprise.name",)),
        ViewField("industryCode", STRING, "行业代码", ("Enterprise.industryCode",)),
        ViewField("status", STRING, "登记状态", ("Enterprise.status",)),
        ViewField("establishedOn", DATE, "成立日期", ("Enterprise.establishedOn",)),
        ViewField("townCode", STRING, "所属乡镇街道代码", ("Enterprise.townCode",)),
    ),
    links=(
        Link("enterprise", "Enterprise", (("creditCode", "creditCode"),), "企业登记信息"),
        _TOWN,
        Link("outputs", "IndustrialOutput", (("creditCode", "creditCode"),), "工业产出", many=True),
        Link("taxes", "TaxPayment", (("creditCode", "creditCode"),), "入库税金", many=True),
        Link("energy", "EnergyUse", (("creditCode", "creditCode"),), "能源消费", many=True),
        Link("land", "LandUse", (("creditCode", "creditCode"),), "用地", many=True),
        Link("emissions", "Emission", (("creditCode", "creditCode"),), "排放", many=True),
        Link("evaluations", "IndustryEvaluation", (("creditCode", "creditCode"),), "亩均效益评价", many=True),
    ),
)

_SAME_YEAR = (("creditCode", "creditCode"), ("year", "year"))
_SAME_INDUSTRY = (("industryCode", "industryCode"), ("year", "year"))
_EVALUATION = """
    select v.*, e.name, e.industry_code
      from derived.industry_evaluation v join pool_market_regulation.enterprise e using (credit_code)"""

_TAX = ("TaxPayment.taxPaid", "LandUse.areaMu")
_ADDED = ("IndustrialOutput.addedValue",)
_SCORED = (
    *_TAX,
    *_ADDED,
    "EnergyUse.standardCoal",
    "Emission.equivalents",
    "IndustrialOutput.researchExpense",
    "IndustrialOutput.revenue",
    "IndustrialOutput.averageEmployees",
)

INDUSTRY_EVALUATION = View(
    name="IndustryEvaluation",
    title="亩均效益综合评价",
    relation=_EVALUATION,
    key=("creditCode", "year"),
    fields=(
        ViewField("creditCode", STRING, "统一社会信用代码", (_OUTPUT_CODE,)),
        ViewField("name", STRING, "企业名称", ("Enterprise.name",)),
        ViewField("year", INT, "年度", ("IndustrialOutput.year",)),
        ViewField("townCode", STRING, "所属乡镇街道代码", ("IndustrialOutput.townCode",)),
        ViewField("industryCode", STRING, "行业代码", ("Enterprise.industryCode",)),
        ViewField("score", DECIMAL, "综合得分", _SCORED),
        ViewField("rank", INT, "全县位次", _SCORED),
        ViewField("grade", STRING, "评价等级（A 至 D）", _SCORED),
        ViewField("taxPerMu", DECIMAL, "亩均税收（元/亩）", _TAX),
        ViewField("addedValuePerMu", DECIMAL, "亩均增加值（元/亩）", (*_ADDED, "LandUse.areaMu")),
        ViewField("addedValuePerCoal", DECIMAL, "单位能耗增加值（元/吨标准煤）", (*_ADDED, "EnergyUse.standardCoal")),
        ViewField("addedValuePerEmission", DECIMAL, "单位排放增加值（元/当量）", (*_ADDED, "Emission.equivalents")),
        ViewField(
            "researchShare",
            DECIMAL,
            "研发经费占主营业务收入之比",
            ("IndustrialOutput.researchExpense", "IndustrialOutput.revenue"),
        ),
        ViewField("productivity", DECIMAL, "全员劳动生产率（元/人）", (*_ADDED, "IndustrialOutput.averageEmployees")),
    ),
    links=(
        Link("enterprise", "IndustrialEnterprise", (("creditCode", "creditCode"),), "企业"),
        Link("registration", "Enterprise", (("creditCode", "creditCode"),), "企业登记信息"),
        _TOWN,
        Link("output", "IndustrialOutput", _SAME_YEAR, "当年工业产出"),
        Link("taxPayment", "TaxPayment", _SAME_YEAR, "当年入库税金"),
        Link("energyUse", "EnergyUse", _SAME_YEAR, "当年能源消费"),
        Link("emission", "Emission", _SAME_YEAR, "当年排放"),
        Link("landUses", "LandUse", (("creditCode", "creditCode"),), "用地", many=True),
        Link("townFigures", "IndustryByTown", (("townCode", "townCode"), ("year", "year")), "所在乡镇街道当年指标"),
        Link("industryFigures", "IndustryByIndustry", _SAME_INDUSTRY, "所属行业当年指标"),
    ),
)


def _totals(group: str) -> str:
    return f"""
    select f.year, {group}, count(*)::int as enterprises, sum(output_value) as output_value,
           sum(added_value) as added_value, sum(tax_paid) as tax_paid, sum(standard_coal) as standard_coal,
           sum(area_mu) as area_mu, round(sum(tax_paid) / nullif(sum(area_mu), 0), 2) as tax_per_mu
      from derived.industry_figure f join pool_market_regulation.enterprise e using (credit_code)
     where {group} is not null group by year, {group}"""


_TOTAL_FIELDS = (
    ViewField("year", INT, "年度", ("IndustrialOutput.year",)),
    ViewField("enterprises", INT, "企业数", (_OUTPUT_CODE,)),
    ViewField("outputValue", DECIMAL, "工业总产值（元）", ("IndustrialOutput.outputValue",)),
    ViewField("addedValue", DECIMAL, "工业增加值（元）", _ADDED),
    ViewField("taxPaid", DECIMAL, "入库税金（元）", ("TaxPayment.taxPaid",)),
    ViewField("standardCoal", DECIMAL, "综合能耗（吨标准煤）", ("EnergyUse.standardCoal",)),
    ViewField("areaMu", DECIMAL, "用地面积（亩）", ("LandUse.areaMu",)),
    ViewField("taxPerMu", DECIMAL, "亩均税收（元/亩）", _TAX),
)

BY_TOWN = View(
    name="IndustryByTown",
    title="分乡镇街道工业指标",
    relation=_totals("f.town_code"),
    key=("year", "townCode"),
    fields=(ViewField("townCode", STRING, "乡镇街道代码", ("IndustrialOutput.townCode",)), *_TOTAL_FIELDS),
    links=(
        _TOWN,
        Link(
            "industrialEnterprises", "IndustrialEnterprise", (("townCode", "townCode"),), "规模以上工业企业", many=True
        ),
        Link("evaluations", "IndustryEvaluation", (("townCode", "townCode"), ("year", "year")), "当年评价", many=True),
    ),
)

BY_INDUSTRY = View(
    name="IndustryByIndustry",
    title="分行业工业指标",
    relation=_totals("e.industry_code"),
    key=("year", "industryCode"),
    fields=(ViewField("industryCode", STRING, "行业代码", ("Enterprise.industryCode",)), *_TOTAL_FIELDS),
    links=(
        Link("evaluations", "IndustryEvaluation", _SAME_INDUSTRY, "当年评价", many=True),
        Link(
            "industrialEnterprises",
            "IndustrialEnterprise",
            (("industryCode", "industryCode"),),
            "规模以上工业企业",
            many=True,
        ),
    ),
    division=None,
)
