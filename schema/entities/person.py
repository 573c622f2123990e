"""The shared entity Person: people of the county, by citizen id."""

from schema.declaration import Entity
from schema.graph import Link
from schema.scalars import DATE, STRING

PERSON = Entity(
    name="Person",
    title="人口",
    provider="public-security",
    resource="person",
    one="person",
    many="people",
    fields={
        "citizenId": STRING,
        "name": STRING,
        "sex": STRING,
        "birthDate": DATE,
        "ethnicity": STRING,
        "phone": STRING,
        "address": STRING,
        "villageCode": STRING,
        "townCode": STRING,
        "householdNo": STRING,
        "maritalStatus": STRING,
        "registeredOn": DATE,
    },
    links=(
        Link("household", "Household", (("householdNo", "householdNo"),), "所在户"),
        Link("headOf", "Household", (("citizenId", "headId"),), "任户主的户", many=True),
        Link("village", "Place", (("villageCode", "code"),), "所在村社区"),
        Link("town", "Place", (("townCode", "code"),), "所在乡镇街道"),
        Link("enterprises", "Enterprise", (("citizenId", "legalPersonId"),), "任法定代表人的企业", many=True),
    ),
)
