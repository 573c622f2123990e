"""The shared entity Household: households that people are registered in."""

from schema.declaration import Entity
from schema.graph import Link
from schema.scalars import STRING

HOUSEHOLD = Entity(
    name="Household",
    title="户籍",
    provider="public-security",
    resource="household",
    fields={
        "householdNo": STRING,
        "headId": STRING,
        "address": STRING,
        "villageCode": STRING,
        "townCode": STRING,
    },
    links=(
        Link("head", "Person", (("headId", "citizenId"),), "户主"),
        Link("members", "Person", (("householdNo", "householdNo"),), "家庭成员", many=True),
        Link("town", "Place", (("townCode", "code"),), "所在乡镇街道"),
        Link("village", "Place", (("villageCode", "code"),), "所在村社区"),
    ),
)
