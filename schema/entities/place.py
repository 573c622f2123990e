"""The shared entity Place: administrative divisions from the province down to villages, by division code."""

from schema.declaration import Entity
from schema.graph import Link
from schema.scalars import STRING

PLACE = Entity(
    name="Place",
    title="区划",
    provider="civil-affairs",
    resource="division",
    one="place",
    many="places",
    fields={
        "code": STRING,
        "name": STRING,
        "level": STRING,
        "parentCode": STRING,
        "townCode": STRING,
    },
    links=(
        Link("parent", "Place", (("parentCode", "code"),), "上级区划"),
        Link("children", "Place", (("code", "parentCode"),), "下级区划", many=True),
        Link("enterprises", "Enterprise", (("code", "townCode"),), "本乡镇街道的企业", many=True),
        Link("people", "Person", (("code", "townCode"),), "本乡镇街道的人口", many=True),
        Link("projects", "Project", (("code", "townCode"),), "本乡镇街道的项目", many=True),
        Link("licences", "Licence", (("code", "townCode"),), "本乡镇街道的证照", many=True),
        Link("creditRecords", "CreditRecord", (("code", "townCode"),), "本乡镇街道的信用记录", many=True),
        Link("households", "Household", (("code", "townCode"),), "本乡镇街道的户", many=True),
        Link("residents", "Person", (("code", "villageCode"),), "本村社区的人口", many=True),
        Link("evaluations", "IndustryEvaluation", (("code", "townCode"),), "本乡镇街道的亩均效益评价", many=True),
        Link("industryFigures", "IndustryByTown", (("code", "townCode"),), "本乡镇街道的工业指标", many=True),
    ),
)
