"""The application views, one file each, and their spaces."""

from schema.graph import Root, Space
from schema.views.digital_industry import (
    BY_INDUSTRY,
    BY_TOWN,
    INDUSTRIAL_ENTERPRISE,
    INDUSTRY_EVALUATION,
)

VIEWS = (INDUSTRIAL_ENTERPRISE, INDUSTRY_EVALUATION, BY_TOWN, BY_INDUSTRY)

VIEW_SPACES = (
    Space(
        "digitalIndustry",
        "DigitalIndustry",
        "数字工业",
        {
            "enterprises": Root("enterprises", "IndustrialEnterprise", "规模以上工业企业"),
            "enterprise": Root("enterprise", "IndustrialEnterprise", "规模以上工业企业", many=False),
            "evaluations": Root("evaluations", "IndustryEvaluation", "亩均效益综合评价"),
            "evaluation": Root("evaluation", "IndustryEvaluation", "亩均效益综合评价", many=False),
            "byTown": Root("byTown", "IndustryByTown", "分乡镇街道工业指标"),
            "byIndustry": Root("byIndustry", "IndustryByIndustry", "分行业工业指标"),
        },
    ),
)
