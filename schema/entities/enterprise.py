"""The shared entity Enterprise: enterprises and other legal entities, by unified social credit code."""

from schema.declaration import Entity
from schema.graph import Link
from schema.interfaces import LEGAL_ENTITY
from schema.scalars import DATE, DECIMAL, INT, STRING

ENTERPRISE = Entity(
    name="Enterprise",
    title="法人",
    provider="market-regulation",
    resource="enterprise",
    one="enterprise",
    many="enterprises",
    interfaces=(LEGAL_ENTITY,),
    fields={
        "creditCode": STRING,
        "name": STRING,
        "kind": STRING,
        "legalPersonId": STRING,
        "legalPersonName": STRING,
        "industryCode": STRING,
        "registeredCapital": DECIMAL,
        "establishedOn": DATE,
        "status": STRING,
        "address": STRING,
        "townCode": STRING,
        "phone": STRING,
        "employees": INT,
        "businessScope": STRING,
    },
    links=(
        Link("legalPerson", "Person", (("legalPersonId", "citizenId"),), "法定代表人"),
        Link("town", "Place", (("townCode", "code"),), "所在乡镇街道"),
        Link("licences", "Licence", (("creditCode", "holderCode"),), "持有证照", many=True),
        Link("projects", "Project", (("creditCode", "ownerCode"),), "投资项目", many=True),
        Link("creditRecords", "CreditRecord", (("creditCode", "subjectCode"),), "信用记录", many=True),
        Link("outputs", "IndustrialOutput", (("creditCode", "creditCode"),), "工业产出", many=True),
        Link("taxPayments", "TaxPayment", (("creditCode", "creditCode"),), "入库税金", many=True),
        Link("energyUses", "EnergyUse", (("creditCode", "creditCode"),), "能源消费", many=True),
        Link("landUses", "LandUse", (("creditCode", "creditCode"),), "用地", many=True),
        Link("emissions", "Emission", (("creditCode", "creditCode"),), "排放", many=True),
        Link("industrial", "IndustrialEnterprise", (("creditCode", "creditCode"),), "规模以上工业企业"),
        Link("evaluations", "IndustryEvaluation", (("creditCode", "creditCode"),), "亩均效益评价", many=True),
    ),
)
