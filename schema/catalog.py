"""The resource catalog as part of the graph: departments, entries, resources, items, standards, quality, lineage.

Everything of it is linked to what it describes and is described by. Metadata is for every department; the public sees
what is open.
"""

from dataclasses import replace

from schema.catalog_nodes import (
    CODE,
    CODE_LIST,
    DEPARTMENT,
    ELEMENT,
    ENTRY,
    ITEM,
    LINEAGE,
    MEASURED,
    OPEN_LINEAGE,
    PUBLISHED,
    QUALITY,
    RESOURCE,
)
from schema.graph import Link, Node, Root, Space
from schema.interfaces import LEGAL_ENTITY


def _one(name: str, target: str, here: str, there: str, title: str) -> Link:
    return Link(name, target, ((here, there),), title)


def _many(name: str, target: str, here: str, there: str, title: str) -> Link:
    return Link(name, target, ((here, there),), title, many=True)


def _linked(node: Node, *links: Link, audiences: dict[str, str] | None = None) -> Node:
    return replace(node, links={link.name: link for link in links}, audiences=audiences or {})


CATALOG_NODES = (
    _linked(
        replace(DEPARTMENT, interfaces=(LEGAL_ENTITY,)),
        _many("entries", "Entry", "code", "provider", "目录条目"),
        _many("resources", "Resource", "code", "provider", "资源表"),
        _many("items", "Item", "code", "provider", "信息项"),
        _many("sourceElements", "DataElement", "code", "authoritativeSource", "任数源部门的数据元"),
    ),
    _linked(
        ENTRY,
        _one("providerDepartment", "Department", "provider", "code", "提供部门"),
        _many("resources", "Resource", "code", "entry", "资源表"),
        _many("items", "Item", "code", "entry", "信息项"),
        audiences=PUBLISHED,
    ),
    _linked(
        RESOURCE,
        _one("entryOf", "Entry", "entry", "code", "所属条目"),
        _one("providerDepartment", "Department", "provider", "code", "提供部门"),
        _many("items", "Item", "resourceId", "resourceId", "信息项"),
        _many("quality", "ItemQuality", "resourceId", "resourceId", "质量"),
        audiences=PUBLISHED,
    ),
    _linked(
        ITEM,
        _one("resourceOf", "Resource", "resourceId", "resourceId", "所属资源表"),
        _one("entryOf", "Entry", "entry", "code", "所属条目"),
        _one("providerDepartment", "Department", "provider", "code", "提供部门"),
        _many("derivations", "Lineage", "coordinate", "derivesFrom", "由其派生的字段"),
        _one("dataElement", "DataElement", "element", "identifier", "数据元"),
        _one("codes", "CodeList", "codeList", "code", "代码集"),
        _one("quality", "ItemQuality", "itemId", "itemId", "质量"),
        audiences=PUBLISHED,
    ),
    _linked(
        CODE_LIST,
        _many("codes", "Code", "code", "list", "代码"),
        _many("items", "Item", "code", "codeList", "信息项"),
    ),
    _linked(CODE, _one("listOf", "CodeList", "list", "code", "所属代码集")),
    _linked(
        ELEMENT,
        _one("sourceDepartment", "Department", "authoritativeSource", "code", "数源部门"),
        _many("items", "Item", "identifier", "element", "信息项"),
    ),
    _linked(
        QUALITY,
        _one("itemOf", "Item", "itemId", "itemId", "信息项"),
        _one("resourceOf", "Resource", "resourceId", "resourceId", "资源表"),
        audiences=MEASURED,
    ),
    _linked(
        LINEAGE,
        Link("itemOf", "Item", (("typeName", "typeName"), ("fieldName", "fieldName")), "来源信息项"),
        audiences=OPEN_LINEAGE,
    ),
)

CATALOG_SPACE = Space(
    "catalog",
    "Catalog",
    "资源目录",
    {
        "department": Root("department", "Department", "部门", many=False),
        "departments": Root("departments", "Department", "部门"),
        "entry": Root("entry", "Entry", "目录条目", many=False),
        "entries": Root("entries", "Entry", "目录条目"),
        "resources": Root("resources", "Resource", "资源表"),
        "items": Root("items", "Item", "信息项"),
        "standards": Space(
            "standards",
            "Standards",
            "数据标准",
            {
                "codeLists": Root("codeLists", "CodeList", "代码集"),
                "codes": Root("codes", "Code", "代码"),
                "dataElements": Root("dataElements", "DataElement", "数据元"),
            },
        ),
        "quality": Root("quality", "ItemQuality", "数据质量"),
        "lineage": Root("lineage", "Lineage", "数据血缘"),
    },
)
