"""How much work it will be to see that a document's fields of one response path agree.

Validation compares every two of them, arguments and all (GraphQL specification, section 5.3.2, Field Selection
Merging), so its cost grows with the square of their number. This walk finds the number in linear time, before.
"""

from collections.abc import Iterable, Mapping, Sequence

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
)

# So many characters of arguments cost as much to compare as a field without any.
_CHARACTERS = 16


class Overlap:
    """Measures one document. `most_fields` and `most_levels` bound the walk where fragments spread themselves."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], most_fields: int, most_levels: int) -> None:
        self._fragments = fragments
        self._fields_left = most_fields
        self._most_levels = most_levels
        self.comparisons = 0

    @property
    def is_endless(self) -> bool:
        """Whether the walk was given up: the document has more fields than it may have."""
        return self._fields_left < 0

    def visit(self, sets: Sequence[SelectionSetNode], level: int = 1) -> None:
        """Adds the comparisons of selection sets that are one in the answer, and of everything below."""
        groups: dict[str, list[FieldNode]] = {}
        for field in self._fields(sets, set()):
            groups.setdefault((field.alias or field.name).value, []).append(field)
        for fields in groups.values():
            self._fields_left -= len(fields)
            if self.is_endless:
                return
            self.comparisons += (len(fields) - 1) * sum(map(_weight, fields))
            below = [field.selection_set for field in fields if field.selection_set]
            if below and level < self._most_levels:
                self.visit(below, level + 1)

    def _fields(self, sets: Iterable[SelectionSetNode], seen: set[str]) -> Iterable[FieldNode]:
        for selection_set in sets:
            for selection in selection_set.selections:
                if isinstance(selection, FieldNode):
                    yield selection
                elif isinstance(selection, InlineFragmentNode):
                    yield from self._fields([selection.selection_set], seen)
                elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                    seen.add(selection.name.value)
                    fragment = self._fragments.get(selection.name.value)
                    yield from self._fields([fragment.selection_set] if fragment else [], seen)


def _weight(field: FieldNode) -> int:
    arguments = field.arguments or ()
    ends = [argument.loc for argument in arguments if argument.loc]
    return 1 + (ends[-1].end - ends[0].start) // _CHARACTERS if ends else 1
