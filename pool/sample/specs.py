"""In charge of what the catalog shall say about departmental tables: entries by theme, items with sharing and grade.

The stricter of entry and item holds, and is written down with the item here, so that both say the same. Base libraries
have their catalog rows from the migrations. It refuses to know rows.
"""

from datetime import date

from pool.cataloguing import EntrySpec, ItemSpec, TableSpec
from pool.sample.columns import Column
from pool.sample.plan import PlannedTable
from pool.sample.scale import LAST_YEAR
from pool.sample.themes import Theme

_CONDITION = "按事由逐项申请，经大数据局与提供部门两级审核"
_OPEN_CONDITION = "实名注册并签署开放利用承诺书"
_LEGAL_BASIS = "《浙江省公共数据条例》"
_GROUND_BY_DEPARTMENT = {
    "taxation": "《税收征收管理法》第八条，纳税人保密权",
    "statistics": "《统计法》，统计调查对象信息保密",
    "audit": "《审计法》第十六条，审计保密义务",
    "health": "《基本医疗卫生与健康促进法》第九十二条，个人健康信息保护",
    "medical-insurance": "《基本医疗卫生与健康促进法》第九十二条，个人健康信息保护",
}
_GROUND_OF_PEOPLE = "《个人信息保护法》第二十八条，敏感个人信息"
_GROUND_OF_OTHERS = "《数据安全法》第三十八条，履职中知悉的商业秘密"
_STRICTNESS = ("unconditional", "conditional", "not_shared")
_CYCLE_BY_CUT = {"year": "yearly", "quarter": "quarterly", "month": "monthly", "town": "weekly", "once": "yearly"}
_CUT_TITLES = {"year": "按年度", "quarter": "按季度", "month": "按月", "town": "按乡镇街道", "once": "整体"}
_PUBLISHED_ON = date(LAST_YEAR + 1, 1, 1)
_PLAIN = frozenset({"town_code"})


def table_spec(table: PlannedTable, department_title: str) -> TableSpec:
    """What the catalog shall say about a departmental table, its theme's entry included."""
    theme = table.theme
    items = {column.name: _item(column, theme) for column in theme.columns}
    return TableSpec(entry=_entry(theme, department_title), title=table.title, items=items)


def _entry(theme: Theme, department_title: str) -> EntrySpec:
    sharing = theme.rule.sharing
    is_restricted = sharing == "conditional" and theme.rule.grade == 1
    return EntrySpec(
        title=theme.title,
        abstract=f"{department_title}在履行职责中产生的{theme.title}数据，{_CUT_TITLES[theme.by]}归集。",
        sharing=sharing,
        sharing_condition=_CONDITION if sharing == "conditional" else None,
        sharing_ground=_ground(theme) if sharing == "not_shared" else None,
        openness="open" if theme.rule.is_open else "restricted" if is_restricted else "closed",
        openness_condition=_OPEN_CONDITION if is_restricted else None,
        update_cycle=_CYCLE_BY_CUT[theme.by],
        published_on=_PUBLISHED_ON,
        grade=min(_grade(column, theme) for column in theme.columns),
        system=f"{department_title}业务系统",
        legal_basis=_LEGAL_BASIS,
    )


def _item(column: Column, theme: Theme) -> ItemSpec:
    sharing = max(column.rule.sharing, theme.rule.sharing, key=_STRICTNESS.index)
    grade = _grade(column, theme)
    is_open = theme.rule.is_open and sharing == "unconditional" and grade == 1
    return ItemSpec(
        name=column.name,
        title=column.title,
        data_type="Y" if column.sign == "$" else "M" if column.name == "remark" else "",
        sharing=sharing,
        sharing_condition=_CONDITION if sharing == "conditional" else None,
        sharing_ground=_ground(theme) if sharing == "not_shared" else None,
        openness="open" if is_open else "closed",
        grade=grade,
        mask=column.rule.mask,
        element=column.element,
        code_list=column.code_list,
        is_division=column.name == "town_code",
    )


def _grade(column: Column, theme: Theme) -> int:
    """An item's own grade; what sensitive themes say of somebody is one grade below the theme."""
    if column.is_key or column.name in _PLAIN or column.rule.grade > 1:
        return column.rule.grade
    return max(1, theme.rule.grade - 1)


def _ground(theme: Theme) -> str:
    others = _GROUND_OF_PEOPLE if theme.subject == "people" else _GROUND_OF_OTHERS
    return _GROUND_BY_DEPARTMENT.get(theme.department, others)
