"""Limits on what a document introspects: how many lists of the schema's members, and none inside another.

Introspection reads no rows, so no page size bounds it; with thousands of tables each list is long, and lists in lists
multiply. What tools send asks for each list once, arguments below fields. Follows fragments with a memo.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from resolvers.refusal import refuse

_ROOTS = frozenset(("__schema", "__type"))
_MEMBERS = frozenset(("fields", "inputFields", "enumValues", "interfaces", "possibleTypes"))
_LISTS = _MEMBERS | {"types", "directives", "args"}
_HINT = "Ask for the types named in a second document."


def check_introspection(document: DocumentNode, most_lists: int) -> None:
    """Raises Refusal (QUERY_TOO_COSTLY) for too many lists, fragments opened, and for members below members."""
    counting = _Counting(
        {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}, {}
    )
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            lists = counting.below_roots(definition.selection_set)
            if lists > most_lists:
                raise refuse(
                    "QUERY_TOO_COSTLY",
                    f"The document lists members of the schema {lists} times; at most {most_lists} are allowed.",
                    _HINT,
                )


@dataclass(frozen=True, slots=True)
class _Counting:
    fragments: Mapping[str, FragmentDefinitionNode]
    known: dict[tuple[str, bool], int]

    def below_roots(self, selections: SelectionSetNode) -> int:
        """The lists of all introspection fields of an operation."""
        roots = [each for each in self._fields(selections, set()) if each.name.value in _ROOTS]
        return sum(self._of_set(each.selection_set, is_in_members=False) for each in roots)

    def _fields(self, selections: SelectionSetNode, seen: set[str]) -> Iterator[FieldNode]:
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, InlineFragmentNode):
                yield from self._fields(selection.selection_set, seen)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                fragment = self.fragments.get(selection.name.value)
                yield from self._fields(fragment.selection_set, seen) if fragment else ()

    def _of_set(self, selections: SelectionSetNode | None, *, is_in_members: bool) -> int:
        lists = 0
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                lists += self._of_field(selection, is_in_members=is_in_members)
            elif isinstance(selection, InlineFragmentNode):
                lists += self._of_set(selection.selection_set, is_in_members=is_in_members)
            elif isinstance(selection, FragmentSpreadNode):
                lists += self._of_fragment(selection.name.value, is_in_members=is_in_members)
        return lists

    def _of_field(self, field: FieldNode, *, is_in_members: bool) -> int:
        name = field.name.value
        if is_in_members and name in _MEMBERS:
            raise refuse("QUERY_TOO_COSTLY", f"`{name}` may not be listed below members of another type.", _HINT)
        below = self._of_set(field.selection_set, is_in_members=is_in_members or name in _MEMBERS)
        return below + (name in _LISTS)

    def _of_fragment(self, name: str, *, is_in_members: bool) -> int:
        found = self.known.get((name, is_in_members))
        if found is None:
            self.known[name, is_in_members] = 0  # validation refuses the cycle by name
            fragment = self.fragments.get(name)
            found = self._of_set(fragment.selection_set, is_in_members=is_in_members) if fragment else 0
            self.known[name, is_in_members] = found
        return found
