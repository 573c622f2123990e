"""The shared entity CreditRecord: public credit records of enterprises, by number."""

from schema.declaration import Entity
from schema.graph import Link
from schema.scalars import DATE, INT, STRING

CREDIT_RECORD = Entity(
    name="CreditRecord",
    title="信用记录",
    provider="development-reform",
    resource="credit_record",
    one="creditRecord",
    many="creditRecords",
    fields={
        "number": STRING,
        "subjectCode": STRING,
        "kind": STRING,
        "fact": STRING,
        "decidedBy": STRING,
        "decidedOn": DATE,
        "expiresOn": DATE,
        "score": INT,
        "townCode": STRING,
    },
    links=(
        Link("subject", "Enterprise", (("subjectCode", "creditCode"),), "信用主体"),
        Link("town", "Place", (("townCode", "code"),), "所在乡镇街道"),
    ),
)
