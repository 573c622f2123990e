"""Conditions on figures of several rows together, in one form: entities name the field by a member of its own type,
tables of the pool by a text, with values whose type is the field's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from resolvers.naming import named
from resolvers.refusal import refuse
from resolvers.values import Operand, Template
from resolvers.work import Work
from schema.figures import figure_scalar
from schema.graph import Field, Node
from schema.scalars import DECIMAL, Scalar

COUNT = "count"


@dataclass(frozen=True, slots=True)
class Condition:
    """Comparisons of one figure; `count` is of no field."""

    function: str
    name: str
    comparisons: Mapping[str, Template]

    def operands(self) -> list[tuple[str, Operand]]:
        """Each operator with what the figure is compared with."""
        return [
            (operator, each if isinstance(each, Operand) else Operand(constant=each))
            for operator, each in self.comparisons.items()
        ]


def conditions(work: Work, node: Node, template: Template) -> Iterator[Condition]:
    """The conditions that an argument gives on figures of a node. Raises Refusal for a null among them."""
    for function, each in template.items() if isinstance(template, dict) else ():
        if function == COUNT:
            yield Condition(function, "", _object(each, f"having.{function}"))
        elif node.is_table:
            yield from _of_columns(work, function, each)
        else:
            for name, comparisons in _object(each, f"having.{function}").items():
                yield Condition(function, name, _object(comparisons, f"having.{function}.{name}"))


def _of_columns(work: Work, function: str, template: Template) -> Iterator[Condition]:
    if not isinstance(template, list):
        raise refuse("BAD_REQUEST", f"`having.{function}` must be a list of conditions, not null.")
    for each in template:
        # Nothing but this bounds them: one field may be named as often as a document likes.
        work.count_condition()
        yield Condition(function, named(work, each["of"]), {name: one for name, one in each.items() if name != "of"})


def compared_scalar(node: Node, field: Field, condition: Condition) -> Scalar | None:
    """The scalar of a figure that is compared, None where there is no such figure of the field.

    Raises Refusal for an operator that it does not have.
    """
    scalar = figure_scalar(field, condition.function)
    if scalar is None or not node.is_table:
        return scalar
    for operator in condition.comparisons:
        if operator not in scalar.operators:
            raise refuse("BAD_REQUEST", f"`{operator}` does not compare `{condition.function}` of `{condition.name}`.")
    return replace(scalar, bind=_Typed(scalar))


def _object(template: Template, name: str) -> Mapping[str, Template]:
    if not isinstance(template, Mapping):
        raise refuse("BAD_REQUEST", f"`{name}` must be an object, not null.")
    return template


@dataclass(frozen=True, slots=True)
class _Typed:
    """Reads a text or a number as its scalar reads values, and binds it as that does."""

    scalar: Scalar

    def __call__(self, value: object) -> object:
        if isinstance(value, Decimal) and self.scalar.name != DECIMAL.name:
            value = float(value)
        return self.scalar.bind(self.scalar.graphql.parse_value(value))
