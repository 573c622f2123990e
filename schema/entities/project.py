"""The shared entity Project: investment projects, by project code."""

from schema.declaration import Entity
from schema.graph import Link
from schema.scalars import DATE, DECIMAL, STRING

PROJECT = Entity(
    name="Project",
    title="投资项目",
    provider="development-reform",
    resource="project",
    one="project",
    many="projects",
    fields={
        "code": STRING,
        "name": STRING,
        "ownerCode": STRING,
        "industryCode": STRING,
        "investment": DECIMAL,
        "stage": STRING,
        "approvedOn": DATE,
        "plannedCompletion": DATE,
        "townCode": STRING,
        "contactPhone": STRING,
    },
    links=(
        Link("owner", "Enterprise", (("ownerCode", "creditCode"),), "建设单位"),
        Link("town", "Place", (("townCode", "code"),), "所在乡镇街道"),
    ),
)
