"""The shared entity Licence: electronic licences, by number."""

from schema.declaration import Entity
from schema.graph import Link
from schema.scalars import DATE, STRING

LICENCE = Entity(
    name="Licence",
    title="电子证照",
    provider="market-regulation",
    resource="licence",
    one="licence",
    many="licences",
    fields={
        "number": STRING,
        "kind": STRING,
        "title": STRING,
        "holderCode": STRING,
        "issuer": STRING,
        "issuedOn": DATE,
        "validUntil": DATE,
        "status": STRING,
        "townCode": STRING,
    },
    links=(
        Link("holder", "Enterprise", (("holderCode", "creditCode"),), "持证主体"),
        Link("town", "Place", (("townCode", "code"),), "所在乡镇街道"),
    ),
)
