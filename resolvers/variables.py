"""The variables of one operation, read the quick way where that is exact.

Most requests send strings, integers and booleans for variables declared as just those: such values are their own
coerced form (GraphQL specification, section 3.5), so nothing needs to be coerced. Everything else takes graphql-
core's way.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from graphql import GraphQLSchema, VariableDefinitionNode, print_ast

from resolvers.ids import Ids
from resolvers.limits import Limits
from resolvers.operation import Operation, coerce_variables
from resolvers.page import cursor_pattern
from resolvers.values import Statics, Variables, shape_of

_INT_LIMIT = 1 << 31


def _is_text(value: object) -> bool:
    return type(value) is str


def _is_int(value: object) -> bool:
    return type(value) is int and -_INT_LIMIT <= value < _INT_LIMIT


def _is_boolean(value: object) -> bool:
    return type(value) is bool


def _is_texts(value: object) -> bool:
    return type(value) is list and all(type(each) is str for each in value)


def _as_is(value: object) -> Hashable:
    return str(value)


def _present(_: object) -> Hashable:
    return True


_FITS: Mapping[str, Callable[[object], bool]] = {
    "String": _is_text,
    "Int": _is_int,
    "Boolean": _is_boolean,
    "ID": _is_text,
    "[ID!]": _is_texts,
}


@dataclass(frozen=True, slots=True)
class _Plain:
    """A variable of a plain type: its name, whether a value fits, and what of the value shapes the plan."""

    name: str
    fits: Callable[[object], bool]
    shape: Callable[[object], Hashable]


class VariableReader:
    """Reads the variables of one operation; made once per operation."""

    def __init__(self, schema: GraphQLSchema, operation: Operation, statics: Statics, limits: Limits, ids: Ids) -> None:
        self._schema = schema
        self._operation = operation
        self._limits = limits
        self._shape_by_name: Mapping[str, Callable[[object], Hashable]] = {
            **dict.fromkeys(statics.ids, ids.shape),
            **dict.fromkeys(statics.exact, _as_is),
            **dict.fromkeys(statics.cursors, cursor_pattern),
        }
        definitions = operation.definition.variable_definitions or ()
        plain = [self._plain(each) for each in definitions]
        self._plain_ones = tuple(each for each in plain if each is not None)
        self._is_plain = len(self._plain_ones) == len(plain)

    def read(self, inputs: Variables) -> tuple[Variables, Hashable]:
        """The coerced variables and their shape. Raises Refusal (BAD_REQUEST) for values that do not fit."""
        quick = self._quick(inputs) if self._is_plain else None
        if quick is not None:
            return quick
        variables = coerce_variables(self._schema, self._operation, inputs, self._limits)
        return variables, shape_of(self._schema, self._operation, variables, self._shape_by_name)

    def _quick(self, inputs: Variables) -> tuple[Variables, Hashable] | None:
        variables: dict[str, object] = {}
        shape: list[Hashable] = []
        for each in self._plain_ones:
            value = inputs.get(each.name)
            if not each.fits(value):
                return None
            variables[each.name] = value
            shape.append((each.name, each.shape(value)))
        return variables, tuple(shape)

    def _plain(self, definition: VariableDefinitionNode) -> _Plain | None:
        name = definition.variable.name.value
        fits = _FITS.get(print_ast(definition.type).removesuffix("!"))
        return None if fits is None else _Plain(name, fits, self._shape_by_name.get(name, _present))
