"""The shared entities, one file each, and their list."""

from schema.entities.credit_record import CREDIT_RECORD
from schema.entities.enterprise import ENTERPRISE
from schema.entities.household import HOUSEHOLD
from schema.entities.industry import EMISSION, ENERGY_USE, INDUSTRIAL_OUTPUT, LAND_USE, TAX_PAYMENT
from schema.entities.licence import LICENCE
from schema.entities.person import PERSON
from schema.entities.place import PLACE
from schema.entities.project import PROJECT

ENTITIES = (
    PERSON,
    HOUSEHOLD,
    ENTERPRISE,
    PLACE,
    LICENCE,
    PROJECT,
    CREDIT_RECORD,
    INDUSTRIAL_OUTPUT,
    ENERGY_USE,
    TAX_PAYMENT,
    LAND_USE,
    EMISSION,
)
