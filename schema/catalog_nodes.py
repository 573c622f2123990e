"""The nodes of the resource catalog without their links: relations, fields, and which rows an audience may know of.

`{row}` is the row's alias and `{department}` a parameter with the asking department's code.
"""

from schema.declaration import Metadata, metadata_node
from schema.entities import ENTITIES
from schema.graph import Node
from schema.scalars import BIG_INT, BOOLEAN, DATE, DATE_TIME, INT, JSON, STRING, Scalar

PUBLISHED = {
    "public": "{row}.status = 'published' and {row}.openness = 'open' and {row}.sharing = 'unconditional'",
    "department": "({row}.status = 'published' or {row}.provider = {department})",
}
# Of what is not shared, everybody but its provider is told title and legal ground: no figures.
MEASURED = {
    **PUBLISHED,
    "department": "({row}.status = 'published' and {row}.sharing <> 'not_shared' or {row}.provider = {department})",
}
OPEN_LINEAGE = {"public": "false"}


def _node(
    name: str, title: str, relation: str, key: tuple[str, ...], fields: tuple[tuple[str, Scalar, str], ...]
) -> Node:
    return metadata_node(Metadata(name, title, relation, key, fields, "catalog"))


def _root_field(resource: str) -> str:
    """SQL of the entrance through which a resource's rows are asked for; null where it is not in the graph yet."""
    declared = " ".join(
        f"when ({resource}.provider, {resource}.name) = ('{each.provider}', '{each.resource}') then '{each.many}'"
        for each in ENTITIES
        if each.many
    )
    words = f"replace(initcap(replace({resource}.provider, '-', ' ')), ' ', '')"
    space = f"lower(left({words}, 1)) || substr({words}, 2)"
    return f"""case when e.status <> 'published'
         or not exists (select from catalog.item as any_item where any_item.resource = {resource}.id) then null
        {declared} else 'pool.' || {space} || '.' || {resource}.graph_name end"""


_OF_ENTRY = "(select jsonb_agg({} order by r.id) from catalog.resource r where r.entry = e.code)"


def _texts(**titles: str) -> tuple[tuple[str, Scalar, str], ...]:
    return tuple((name, STRING, title) for name, title in titles.items())


DEPARTMENT = _node(
    "Department",
    "部门",
    "(select d.*, d.title as name from catalog.department d)",
    ("code",),
    _texts(
        code="部门标识",
        title="部门名称",
        name="名称",
        nameEn="英文名称",
        creditCode="统一社会信用代码",
        dataAbout="数据范围",
    ),
)

ENTRY = _node(
    "Entry",
    "资源目录条目",
    f"""(select e.*, d.credit_code as provider_code,
        {_OF_ENTRY.format("r.type_name")} as type_names, {_OF_ENTRY.format(_root_field("r"))} as root_fields
        from catalog.entry e join catalog.department d on d.code = e.provider)""",
    ("code",),
    (
        *_texts(
            code="信息资源代码",
            classification="信息资源分类",
            title="信息资源名称",
            provider="提供方",
            providerCode="提供方代码",
            abstract="摘要",
            format="格式",
            sharing="共享类型",
            sharingCondition="共享条件",
            sharingGround="不予共享依据",
            sharingMethod="共享方式",
            openness="开放属性",
            opennessCondition="开放条件",
            updateCycle="更新周期",
            secrecy="涉密属性",
            authoritativeSource="数源部门",
            system="所属系统",
            legalBasis="法律依据",
            divisionCode="区划",
            level="层级",
            status="状态",
            version="版本",
        ),
        ("publishedOn", DATE, "发布日期"),
        ("grade", INT, "分级"),
        ("typeNames", JSON, "图类型名"),
        ("rootFields", JSON, "图入口"),
    ),
)

RESOURCE = _node(
    "Resource",
    "资源表",
    f"""(select r.id as resource_id, r.*, e.status, e.openness, e.sharing, {_root_field("r")} as root_field
        from catalog.resource r join catalog.entry e on e.code = r.entry)""",
    ("resourceId",),
    (
        ("resourceId", INT, "编号"),
        *_texts(
            entry="所属条目", provider="提供方", name="表名", title="名称", graphName="图字段名", typeName="图类型名"
        ),
        ("rootField", STRING, "图入口"),
        ("rows", BIG_INT, "记录数"),
        ("collectedAt", DATE_TIME, "归集时间"),
    ),
)

_STRICTER = """case when 'not_shared' in (e.sharing, i.sharing) then 'not_shared'
    when 'conditional' in (e.sharing, i.sharing) then 'conditional' else 'unconditional' end"""
_OPEN = """case when e.openness = i.openness then i.openness
    when 'closed' in (e.openness, i.openness) then 'closed' else 'restricted' end"""

ITEM = _node(
    "Item",
    "信息项",
    f"""(select i.id as item_id, i.resource as resource_id, i.position, i.name, i.title, i.data_type, i.length,
        i.required, i.mask, i.element,
        i.authoritative, i.code_list, r.entry, r.provider, r.type_name || '.' || i.graph_name as coordinate, e.status,
        r.type_name, i.graph_name as field_name,
        {_STRICTER} as sharing, {_OPEN} as openness, greatest(i.grade, e.grade) as grade,
        coalesce(i.sharing_condition, e.sharing_condition) as sharing_condition,
        coalesce(i.sharing_ground, e.sharing_ground) as sharing_ground
        from catalog.item i join catalog.resource r on r.id = i.resource join catalog.entry e on e.code = r.entry)""",
    ("itemId",),
    (
        ("itemId", INT, "编号"),
        ("resourceId", INT, "所属资源表"),
        ("position", INT, "序号"),
        *_texts(
            coordinate="图坐标",
            typeName="图类型名",
            fieldName="图字段名",
            name="列名",
            title="信息项名称",
            dataType="数据类型",
            entry="所属条目",
            provider="提供方",
            sharing="共享类型",
            sharingCondition="共享条件",
            sharingGround="不予共享依据",
            openness="开放属性",
            mask="脱敏方式",
            element="数据元",
            codeList="代码集",
        ),
        ("length", INT, "长度"),
        ("required", BOOLEAN, "是否必填"),
        ("grade", INT, "分级"),
        ("authoritative", BOOLEAN, "是否数源"),
    ),
)

CODE_LIST = _node(
    "CodeList",
    "代码集",
    "catalog.code_list",
    ("code",),
    _texts(code="代码集标识", title="名称", standard="标准号", version="版本"),
)
CODE = _node("Code", "代码", "catalog.code", ("list", "code"), _texts(list="代码集", code="代码", title="名称"))
ELEMENT = _node(
    "DataElement",
    "数据元",
    "catalog.data_element",
    ("identifier",),
    (
        *_texts(
            identifier="标识符",
            title="中文名称",
            nameEn="英文名称",
            definition="定义",
            dataType="数据类型",
            format="数据格式",
            valueDomain="值域",
            unit="计量单位",
            authoritativeSource="数源部门",
            version="版本",
        ),
        ("sensitivity", INT, "敏感级别"),
    ),
)
QUALITY = _node(
    "ItemQuality",
    "信息项质量",
    f"""(select q.item as item_id, q.resource as resource_id, q.rows, q.missing, q.measured_at, r.provider, e.status,
        {_STRICTER} as sharing, {_OPEN} as openness
        from catalog.quality q join catalog.item i on i.id = q.item join catalog.resource r on r.id = i.resource
        join catalog.entry e on e.code = r.entry)""",
    ("itemId",),
    (
        ("itemId", INT, "信息项"),
        ("resourceId", INT, "资源表"),
        ("rows", BIG_INT, "记录数"),
        ("missing", BIG_INT, "空值数"),
        ("measuredAt", DATE_TIME, "测量时间"),
    ),
)
LINEAGE = _node(
    "Lineage",
    "血缘",
    """(select l.*, split_part(l.derives_from, '.', 1) as type_name, split_part(l.derives_from, '.', 2) as field_name
        from catalog.lineage l)""",
    ("coordinate", "derivesFrom"),
    _texts(coordinate="图坐标", derivesFrom="来源坐标", typeName="来源的图类型名", fieldName="来源的图字段名"),
)
