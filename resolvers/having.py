"""Conditions on figures of several rows together, in one form: entities name the field by a member of its own type,
tables of the pool by a text, with values whose type is the field's.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from resolvers.naming import named
from resolvers.refusal import refuse
from resolvers.remedies import names_listed
from resolvers.values import Operand, Template, Variables
from schema.figures import figure_scalar
from schema.graph import Field, Node
from schema.scalars import DECIMAL, Scalar

COUNT = "count"
_LONGEST_NAME = 100


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


def conditions(variables: Variables, node: Node, template: Template, within: str = "having") -> Iterator[Condition]:
    """The conditions that an input object gives on figures of a node. Raises Refusal for a null among them."""
    for function, each in template.items() if isinstance(template, dict) else ():
        if function == COUNT:
            yield Condition(function, "", _object(each, f"{within}.{function}"))
        elif node.is_table:
            yield from _of_columns(variables, function, each, within)
        else:
            for name, comparisons in _object(each, f"{within}.{function}").items():
                yield Condition(function, name, _object(comparisons, f"{within}.{function}.{name}"))


def _of_columns(variables: Variables, function: str, template: Template, within: str) -> Iterator[Condition]:
    if not isinstance(template, list):
        raise refuse("BAD_REQUEST", f"`{within}.{function}` must be a list of conditions, not null.")
    for each in template:
        yield Condition(
            function, named(variables, each["of"]), {name: one for name, one in each.items() if name != "of"}
        )


def compared_figure(node: Node, condition: Condition) -> tuple[Field, Scalar]:
    """The field whose figure is compared, and the figure's scalar.

    Raises Refusal for a field or a figure that there is not, and for an operator that it does not have.
    """
    field = field_named(node, condition.name)
    scalar = scalar_of_figure(field, condition.function, condition.name)
    if not node.is_table:
        return field, scalar
    for operator in condition.comparisons:
        if operator not in scalar.operators:
            raise refuse("BAD_REQUEST", f"`{operator}` does not compare `{condition.function}` of `{condition.name}`.")
    return field, replace(scalar, bind=_Typed(scalar))


def field_named(node: Node, name: str) -> Field:
    """The field of that name. Raises Refusal where the node has none."""
    field = node.fields.get(name)
    if field is None:
        raise no_field(node, name, "of that name", node.fields)
    return field


def no_field(node: Node, name: str, what: str, known: Iterable[str]) -> Exception:
    """The refusal of a name that a node has nothing under."""
    message = f"{node.name} has no field {what}: {name[:_LONGEST_NAME]!r}."
    return refuse("BAD_REQUEST", message, names_listed(node.name, known))


def scalar_of_figure(field: Field, function: str, name: str) -> Scalar:
    """The scalar of a figure. Raises Refusal where the function does not apply."""
    scalar = figure_scalar(field, function)
    if scalar is None:
        raise refuse("BAD_REQUEST", f"`{function}` does not apply to `{name}`.")
    return scalar


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
