"""Selections: the fields of a selection set in response order, fragments opened, @skip and @include applied.

Follows CollectFields of the GraphQL specification, section 6.3.2, for object types. A type meets the conditions
that name it or an interface of its (DoesFragmentTypeApply).
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)

from resolvers.refusal import refuse
from resolvers.values import Variables


@dataclass(frozen=True, slots=True)
class Selected:
    """A field under its response key; `nodes` are all its occurrences, whose selections are one."""

    key: str
    name: str
    nodes: tuple[FieldNode, ...]

    @property
    def sets(self) -> tuple[SelectionSetNode, ...]:
        """The selection sets below it."""
        return tuple(node.selection_set for node in self.nodes if node.selection_set)


def _no_interfaces(_: str) -> Container[str]:
    return ()


class Collector:
    """Collects for one operation and one set of variables; linear in the selections visited."""

    def __init__(
        self,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Variables,
        interfaces: Callable[[str], Container[str]] = _no_interfaces,
    ) -> None:
        self._fragments = fragments
        self._variables = variables
        self._interfaces = interfaces

    def collect(self, type_name: str, sets: Sequence[SelectionSetNode]) -> tuple[Selected, ...]:
        """The selected fields of an object type, in response order."""
        groups: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for selection_set in sets:
            self._gather(type_name, selection_set, groups, seen)
        return tuple(Selected(key, nodes[0].name.value, tuple(nodes)) for key, nodes in groups.items())

    def fragment(self, name: str) -> FragmentDefinitionNode:
        """The fragment of that name, which a valid document has."""
        return self._fragments[name]

    def _gather(
        self, type_name: str, selections: SelectionSetNode, groups: dict[str, list[FieldNode]], seen: set[str]
    ) -> None:
        for selection in selections.selections:
            if not self._is_included(selection):
                continue
            if isinstance(selection, FieldNode):
                groups.setdefault((selection.alias or selection.name).value, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is None or self._applies(condition.name.value, type_name):
                    self._gather(type_name, selection.selection_set, groups, seen)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                fragment = self._fragments[selection.name.value]
                if self._applies(fragment.type_condition.name.value, type_name):
                    self._gather(type_name, fragment.selection_set, groups, seen)

    def _applies(self, condition: str, type_name: str) -> bool:
        return condition == type_name or condition in self._interfaces(type_name)

    def _is_included(self, selection: SelectionNode) -> bool:
        for directive in selection.directives or ():
            wanted = {"skip": False, "include": True}.get(directive.name.value)
            if wanted is not None and self._condition(directive) is not wanted:
                return False
        return True

    def _condition(self, directive: DirectiveNode) -> bool:
        """The value of the only argument, `if`: a Boolean that is there, but for a variable that was sent as null."""
        value = (directive.arguments or ())[0].value
        condition = self._variables[value.name.value] if isinstance(value, VariableNode) else value.value  # type: ignore[attr-defined]
        if condition is None:
            raise refuse("BAD_REQUEST", f"`@{directive.name.value}(if:)` must not be null.")
        return bool(condition)
