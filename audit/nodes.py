"""The access log as nodes of the graph: operations, and every resolved field one line each.

The log is read through the same engine as everything else: same filters, cursors, decisions and record, so reading the
log is logged. Kind `log`: the policy gives it to the role auditor alone.
"""

from dataclasses import replace

from resolvers.text import PLAN_FOR_EACH
from schema.declaration import Metadata, metadata_node
from schema.graph import Link, Root, Space
from schema.scalars import BIG_INT, DATE_TIME, INT, JSON, OTHER, STRING, UUID, Scalar

_Fields = tuple[tuple[str, Scalar, str], ...]

_WHO: _Fields = (
    ("operationId", UUID, "操作编号"),
    ("at", DATE_TIME, "时间"),
    ("department", STRING, "部门"),
    ("application", STRING, "应用"),
    ("actor", STRING, "用户"),
)
_OPERATION: _Fields = (
    *_WHO,
    ("roles", OTHER, "角色"),
    ("purposeCode", STRING, "事由代码"),
    ("legalGround", STRING, "法律依据"),
    ("caseNo", STRING, "办件编号"),
    ("operationName", STRING, "操作名称"),
    ("document", STRING, "查询文档"),
    ("variables", JSON, "变量"),
    ("plan", STRING, "计划摘要"),
    ("policyVersion", BIG_INT, "策略版本"),
    ("graphVersion", BIG_INT, "图版本"),
    ("dataEpoch", BIG_INT, "数据纪元"),
    ("shown", INT, "展示记录数"),
    ("outcome", STRING, "结果"),
    ("errorCodes", OTHER, "错误代码"),
    ("responseDigest", STRING, "应答摘要"),
    ("elapsedUs", INT, "耗时（微秒）"),
)
_RESOLVED_FIELD: _Fields = (
    *_WHO,
    ("fieldPosition", INT, "字段序号"),
    ("keyPosition", INT, "记录序号"),
    ("path", STRING, "路径"),
    ("type", STRING, "类型"),
    ("coordinate", STRING, "图坐标"),
    ("typeName", STRING, "图坐标的类型"),
    ("fieldName", STRING, "图坐标的字段"),
    ("use", STRING, "用途：shown、used、denied"),
    ("right", STRING, "权利"),
    ("effect", STRING, "判定：clear、masked、denied"),
    ("rule", STRING, "判定规则"),
    ("key", STRING, "记录主键"),
)

_SAME_OPERATION = (("operationId", "operationId"),)
_DEPARTMENT = Link("departmentOf", "Department", (("department", "code"),), "查询部门")
# A coordinate in its two parts, by which items are found.
_FIELDS = """
    (select f.*, split_part(f.coordinate, '.', 1) as type_name, split_part(f.coordinate, '.', 2) as field_name
       from log.resolved_field f)"""
# Which records to look through for a key (migration 0026), found once; planned for the keys at hand, because whether to
# look for them depends on how common they are.
_HOLDING = (
    "(log.is_common({values}) or {row}.operation_id = any ((select log.holding({values}))::uuid[]))"
    f" and ({{given}} is not null or {PLAN_FOR_EACH})"
)
_RESOLVED = metadata_node(
    Metadata(
        "ResolvedField", "解析字段", _FIELDS, ("operationId", "fieldPosition", "keyPosition"), _RESOLVED_FIELD, "log"
    )
)

LOG_NODES = (
    replace(
        metadata_node(Metadata("Operation", "访问操作", "log.operation", ("operationId",), _OPERATION, "log")),
        links={
            "resolvedFields": Link("resolvedFields", "ResolvedField", _SAME_OPERATION, "解析字段", many=True),
            "departmentOf": _DEPARTMENT,
        },
        newest_first=True,
        is_growing=True,
    ),
    replace(
        _RESOLVED,
        fields={**_RESOLVED.fields, "key": replace(_RESOLVED.fields["key"], narrowing=_HOLDING)},
        links={
            "operation": Link("operation", "Operation", _SAME_OPERATION, "访问操作"),
            "departmentOf": _DEPARTMENT,
            "item": Link("item", "Item", (("typeName", "typeName"), ("fieldName", "fieldName")), "信息项"),
        },
        newest_first=True,
        is_growing=True,
    ),
)

LOG_SPACE = Space(
    "log",
    "Log",
    "访问日志",
    {
        "operation": Root("operation", "Operation", "访问操作", many=False),
        "operations": Root("operations", "Operation", "访问操作"),
        "resolvedFields": Root("resolvedFields", "ResolvedField", "解析字段"),
    },
)
