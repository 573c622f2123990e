"""Argument values: what of them shapes a plan, and what is only bound when it runs.

An argument becomes a *template*: input objects as dicts, lists of input objects as lists, enums as their text, and
every scalar as an Operand that reads its value from the variables of one request. Two requests whose variables have
the same *shape* (which keys are given, which enums, page sizes and conditions of @skip/@include) share one plan.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    ListValueNode,
    Node,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
)
from graphql.utilities import coerce_input_literal, type_from_ast

from resolvers.operation import Operation
from resolvers.refusal import refuse
from schema.table_having import NAMES

Variables = Mapping[str, object]
Template = object  # dict[str, Template] | list[Template] | str | Operand | None


@dataclass(frozen=True, slots=True)
class Operand:
    """A scalar, or a list of scalars, that is known when the operation runs."""

    variable: str | None = None
    path: tuple[str | int, ...] = ()
    constant: object = None
    parts: tuple["Operand", ...] | None = None

    @property
    def is_constant(self) -> bool:
        """True when every request has the same value."""
        return self.variable is None and all(part.is_constant for part in self.parts or ())

    def read(self, variables: Variables) -> object:
        """The value for one request."""
        if self.parts is not None:
            return [part.read(variables) for part in self.parts]
        if self.variable is None:
            return self.constant
        value: object = variables.get(self.variable)
        for step in self.path:
            value = value[step]  # type: ignore[index]  # the path was made from a value of the same shape
        return value


def template_of(node: ValueNode, kind: GraphQLInputType, variables: Variables) -> Template:
    """The template of an argument's value in a document."""
    plain = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(node, VariableNode):
        name = node.name.value
        return _of_value(variables.get(name), plain, name, ())
    if isinstance(node, NullValueNode):
        return None
    if isinstance(plain, GraphQLInputObjectType):
        return _of_object(node, plain, variables)
    if isinstance(plain, GraphQLList):
        return _of_list(node, plain.of_type, variables)
    if isinstance(plain, GraphQLEnumType):
        return coerce_input_literal(node, plain)
    return Operand(constant=coerce_input_literal(node, plain))


def _of_object(node: ValueNode, kind: GraphQLInputObjectType, variables: Variables) -> Template:
    if not isinstance(node, ObjectValueNode):
        return None
    return {
        field.name.value: template_of(field.value, kind.fields[field.name.value].type, variables)
        for field in node.fields
        if not (isinstance(field.value, VariableNode) and field.value.name.value not in variables)
    }


def _of_list(node: ValueNode, kind: GraphQLInputType, variables: Variables) -> Template:
    items = node.values if isinstance(node, ListValueNode) else (node,)
    made = [template_of(item, kind, variables) for item in items]
    if _is_structured(kind):
        return made
    if isinstance(kind, GraphQLNonNull) and any(_is_null(each, variables) for each in made):
        raise refuse("BAD_REQUEST", "A list of values must not contain null.")
    return Operand(parts=tuple(each if isinstance(each, Operand) else Operand(constant=each) for each in made))


def _is_null(template: Template, variables: Variables) -> bool:
    return template is None or (isinstance(template, Operand) and template.read(variables) is None)


def _of_value(value: object, kind: GraphQLInputType, name: str, path: tuple[str | int, ...]) -> Template:
    plain = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(plain, GraphQLInputObjectType) and isinstance(value, dict):
        return {key: _of_value(each, plain.fields[key].type, name, (*path, key)) for key, each in value.items()}
    if isinstance(plain, GraphQLList) and isinstance(value, list) and _is_structured(plain.of_type):
        return [_of_value(each, plain.of_type, name, (*path, index)) for index, each in enumerate(value)]
    if isinstance(plain, GraphQLEnumType) or (value is None and _is_structured(plain)):
        return value
    return Operand(variable=name, path=path)


def _is_structured(kind: GraphQLInputType) -> bool:
    plain = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(plain, GraphQLList):
        return _is_structured(plain.of_type)
    return isinstance(plain, GraphQLInputObjectType | GraphQLEnumType)


# Arguments that may name fields by texts, `of` within others too: which they name shapes the plan.
_NAMING = frozenset(("of", "groupBy"))
_IDS = (("node", "id"), ("nodes", "ids"), ("changed", "node"))


@dataclass(frozen=True, slots=True)
class Statics:
    """Variables whose value shapes the plan (`exact`), those that hold cursors, and those that hold global ids."""

    exact: frozenset[str]
    cursors: frozenset[str]
    ids: frozenset[str]


def statics_of(document: DocumentNode) -> Statics:
    """Which variables of a document are page sizes, conditions of directives, cursors, or global ids."""
    exact: set[str] = set()
    cursors: set[str] = set()
    ids: set[str] = set()
    for node in walk(document):
        exact.update(_naming(node))
        if isinstance(node, FieldNode):
            for argument in node.arguments or ():
                if (node.name.value, argument.name.value) in _IDS:
                    ids.update(each.name.value for each in walk(argument.value) if isinstance(each, VariableNode))
                if isinstance(argument.value, VariableNode):
                    name = argument.name.value
                    (exact if name in ("first", "last") else cursors if name in ("after", "before") else set()).add(
                        argument.value.name.value
                    )
        for directive in getattr(node, "directives", None) or ():
            exact.update(
                each.value.name.value for each in directive.arguments or () if isinstance(each.value, VariableNode)
            )
    return Statics(frozenset(exact), frozenset(cursors), frozenset(ids))


def _naming(node: Node) -> Iterable[str]:
    """The variables that name fields where the node is an argument, or a member of one, that names them."""
    if isinstance(node, ArgumentNode | ObjectFieldNode) and node.name.value in _NAMING:
        return [each.name.value for each in walk(node.value) if isinstance(each, VariableNode)]
    return ()


def walk(node: Node) -> Iterable[Node]:
    """All nodes of a syntax tree, in no particular order."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        for key in each.keys:
            value = getattr(each, key, None)
            if isinstance(value, Node):
                waiting.append(value)
            elif isinstance(value, list | tuple):
                waiting.extend(inner for inner in value if isinstance(inner, Node))


def shape_of(
    schema: GraphQLSchema,
    operation: Operation,
    variables: Variables,
    shape_by_name: Mapping[str, Callable[[object], Hashable]],
) -> Hashable:
    """What of the variables decides the plan: two requests with the same shape share it.

    `shape_by_name` says it of those whose type does not.
    """
    parts: list[Hashable] = []
    for definition in operation.definition.variable_definitions or ():
        name = definition.variable.name.value
        if name not in variables:
            continue
        value = variables[name]
        special = shape_by_name.get(name)
        if special is not None:
            parts.append((name, special(value)))
        else:
            parts.append((name, _shape(value, type_from_ast(schema, definition.type))))  # type: ignore[arg-type]  # valid
    return tuple(parts)


def _shape(value: object, kind: GraphQLInputType) -> Hashable:
    plain = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if value is None:
        return None
    if isinstance(plain, GraphQLInputObjectType) and isinstance(value, dict):
        return tuple((key, _member_shape(each, plain.fields[key])) for key, each in value.items())
    if isinstance(plain, GraphQLList) and isinstance(value, list) and _is_structured(plain.of_type):
        return tuple(_shape(each, plain.of_type) for each in value)
    if isinstance(plain, GraphQLEnumType):
        return str(value)
    return True


def _member_shape(value: object, field: GraphQLInputField) -> Hashable:
    return str(value) if field.extensions.get(NAMES) else _shape(value, field.type)
