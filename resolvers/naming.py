"""Fields named by texts in the aggregates of tables, brought into the form in which other aggregates name theirs.

Which fields are named shapes a plan, so the variables that name them are read when it is made (values.py).
"""

from collections.abc import Mapping

from resolvers.refusal import refuse
from resolvers.values import Operand, Template, Variables
from resolvers.work import Work


def named(variables: Variables, template: Template) -> str:
    """The name that an argument gives."""
    return str(template.read(variables) if isinstance(template, Operand) else template)


def names(work: Work, template: Template) -> list[str]:
    """The names that an argument lists. Raises Refusal (QUERY_TOO_COSTLY) for too many."""
    found = template.read(work.variables) if isinstance(template, Operand) else template
    listed = found if isinstance(found, list) else [] if found is None else [found]
    if len(listed) > work.touch.limits.terms:
        raise refuse(
            "QUERY_TOO_COSTLY", f"`groupBy` has {len(listed)} members; at most {work.touch.limits.terms} are allowed."
        )
    return [str(each) for each in listed]


def orders(work: Work, template: Template) -> list[Template]:
    """Orders `{sum: {of: name, direction: DESC}}` as `{sum: {name: DESC}}`."""
    listed = template if isinstance(template, list) else []
    return [{name: _order(work, inner) for name, inner in each.items()} for each in listed]


def _order(work: Work, template: Template) -> Template:
    if not isinstance(template, Mapping):
        return template
    return {named(work.variables, template["of"]): template["direction"]}
