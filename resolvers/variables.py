"""The variables of one operation, read the quick way where that is exact.

Most requests send strings, integers and booleans for variables declared as just those: such values are their own
coerced form (GraphQL specification, section 3.5), so nothing needs to be coerced. Everything else takes graphql-
core's way.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from graphql import GraphQLSchema, NonNullTypeNode, TypeNode, VariableDefinitionNode

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


def _cursor(value: object) -> Hashable:
    return cursor_pattern(value)


def _as_is(value: object) -> Hashable:
    return str(value)


def _present(_: object) -> Hashable:
    return True


_FITS: Mapping[str, Callable[[object], bool]] = {"String": _is_text, "Int": _is_int, "Boolean": _is_boolean}


@dataclass(frozen=True, slots=True)
class _Plain:
    """A variable of a plain type: its name, whether a value fits, and what of the value shapes the plan."""

    name: str
    fits: Callable[[object], bool]
    shape: Callable[[object], Hashable]


class VariableReader:
    """Reads the variables of one operation; made once per operation."""

    def __init__(self, schema: GraphQLSchema, operation: Operation, statics: Statics, limits: Limits) -> None:
        self._schema = schema
        self._operation = operation
        self._statics = statics
        self._limits = limits
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
        return variables, shape_of(self._schema, self._operation, variables, self._statics, cursor_pattern)

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
        fits = _FITS.get(_type_name(definition.type))
        if fits is None:
            return None
        shape = _cursor if name in self._statics.cursors else _as_is if name in self._statics.exact else _present
        return _Plain(name, fits, shape)


def _type_name(node: TypeNode) -> str:
    inner = node.type if isinstance(node, NonNullTypeNode) else node
    name = getattr(inner, "name", None)
    return name.value if name is not None else ""
