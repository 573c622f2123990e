"""In charge of costs as an outsider finds them: from the text of the schema with its directives, by Apollo's rules.

Fields under one response key are one. It knows nothing of plans; only that an aggregate without groups has one group is
told to it, because the directives have no words for that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    parse,
)
from graphql.type import GraphQLNonNull
from graphql.utilities import value_from_ast_untyped

_Composite = GraphQLObjectType | GraphQLInterfaceType


@dataclass(frozen=True, slots=True)
class Costs:
    """What an operation may cost, and what its answer has cost."""

    estimated: int
    actual: int


def costs_of(schema: GraphQLSchema, text: str, variables: Mapping[str, object], data: Mapping[str, object]) -> Costs:
    """The costs of a valid document with one operation."""
    definitions = parse(text).definitions
    operation = next(each for each in definitions if isinstance(each, OperationDefinitionNode))
    fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
    defaults = {
        each.variable.name.value: value_from_ast_untyped(each.default_value)
        for each in operation.variable_definitions or ()
        if each.default_value
    }
    weighing = _Weighing(schema, fragments, {**defaults, **variables})
    assert schema.query_type is not None
    sets = [operation.selection_set]
    return Costs(weighing.estimate(schema.query_type, sets, {}), weighing.actual(schema.query_type, sets, data))


@dataclass(frozen=True, slots=True)
class _Weighing:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, object]

    def estimate(self, kind: _Composite, sets: Sequence[SelectionSetNode], sizes: Mapping[str, int]) -> int:
        if isinstance(kind, GraphQLInterfaceType):
            possible = self.schema.get_possible_types(kind)
            return max((self.estimate(each, sets, sizes) for each in possible), default=0)
        total = 0
        for nodes in self._fields(kind, sets).values():
            field = kind.fields.get(nodes[0].name.value)
            if field is None:
                continue
            own, below = self._sizes(field, nodes[0])
            length = sizes.get(nodes[0].name.value, own) if _is_list(field) else 1
            inner = 0
            named = get_named_type(field.type)
            if isinstance(named, _Composite):
                inner = self.estimate(named, [each.selection_set for each in nodes if each.selection_set], below)
            total += self._objects(nodes[0]) + length * (_weight(field) + inner)
        return total

    def actual(self, kind: _Composite, sets: Sequence[SelectionSetNode], data: Mapping[str, object]) -> int:
        if isinstance(kind, GraphQLInterfaceType):
            named = self.schema.type_map[str(data["__typename"])]
            assert isinstance(named, GraphQLObjectType)
            return self.actual(named, sets, data)
        total = 0
        for key, nodes in self._fields(kind, sets).items():
            field, value = kind.fields.get(nodes[0].name.value), data.get(key)
            if field is None or value is None:
                continue
            total += self._objects(nodes[0])
            for member in value if isinstance(value, list) else [value]:
                total += _weight(field) if member is not None else 0
                named = get_named_type(field.type)
                if isinstance(named, _Composite) and isinstance(member, dict):
                    total += self.actual(named, [each.selection_set for each in nodes if each.selection_set], member)
        return total

    def _fields(self, kind: _Composite, sets: Sequence[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        found: dict[str, list[FieldNode]] = {}
        for selection in (each for selections in sets for each in selections.selections):
            if not all(self._holds(directive) for directive in selection.directives or ()):
                continue
            if isinstance(selection, FieldNode):
                found.setdefault((selection.alias or selection.name).value, []).append(selection)
                continue
            inner = selection if isinstance(selection, InlineFragmentNode) else self.fragments[selection.name.value]  # type: ignore[attr-defined]  # a spread
            condition = self.schema.type_map[inner.type_condition.name.value] if inner.type_condition else kind
            if condition is kind or (is_abstract_type(condition) and self.schema.is_sub_type(condition, kind)):
                for key, nodes in self._fields(kind, [inner.selection_set]).items():
                    known = found.setdefault(key, [])
                    known += [node for node in nodes if node not in known]
        return found

    def _holds(self, directive: DirectiveNode) -> bool:
        wanted = {"skip": False, "include": True}.get(directive.name.value)
        (argument,) = directive.arguments or ()
        return wanted is None or value_from_ast_untyped(argument.value, dict(self.variables)) is wanted

    def _arguments(self, node: FieldNode) -> dict[str, object]:
        return {
            each.name.value: value_from_ast_untyped(each.value, dict(self.variables)) for each in node.arguments or ()
        }

    def _objects(self, node: FieldNode) -> int:
        waiting, count = list(self._arguments(node).values()), 0
        while waiting:
            value = waiting.pop()
            count += isinstance(value, dict)
            waiting += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return count

    def _sizes(self, field: GraphQLField, node: FieldNode) -> tuple[int, dict[str, int]]:
        said, arguments = _directive(field, "listSize"), self._arguments(node)
        if "groupBy" in field.args and not arguments.get("groupBy"):
            return 1, {}
        slicing, sized = said.get("slicingArguments") or [], said.get("sizedFields") or []
        assert isinstance(slicing, list)
        assert isinstance(sized, list)
        given = [_length(value) for name in slicing if isinstance(value := arguments.get(name), int | list)]
        assumed = said.get("assumedSize", 20)
        assert isinstance(assumed, int)
        length = max(given, default=assumed)
        return length, {str(name): length for name in sized}


def _length(value: int | list[object]) -> int:
    """How long a list will be; one of ids is taken for as long as the next of the lengths that are planned for."""
    if isinstance(value, int):
        return value
    return next(length for length in (0, 1, 5, 20, 100, 500, 1_000) if len(value) <= length)


def _directive(field: GraphQLField, name: str) -> dict[str, object]:
    directives = (field.ast_node.directives or ()) if field.ast_node else ()
    for directive in directives:
        if directive.name.value == name:
            return {each.name.value: value_from_ast_untyped(each.value) for each in directive.arguments or ()}
    return {}


def _weight(field: GraphQLField) -> int:
    weight = _directive(field, "cost").get("weight", int(is_composite_type(get_named_type(field.type))))
    assert isinstance(weight, int)
    return weight


def _is_list(field: GraphQLField) -> bool:
    return is_list_type(field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type)
