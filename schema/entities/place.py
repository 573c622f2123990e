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
    ),
)
