"""All that code declares of the graph, in one value."""

from schema.catalog import CATALOG_NODES, CATALOG_SPACE
from schema.entities import ENTITIES
from schema.pool import Declarations
from schema.views import VIEW_SPACES, VIEWS

DECLARATIONS = Declarations(ENTITIES, VIEWS, CATALOG_NODES, (CATALOG_SPACE, *VIEW_SPACES))
