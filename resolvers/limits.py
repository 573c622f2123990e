"""Limits on a document before it is validated: characters, tokens, depth, aliases, fields, repetition.

Validation costs up to the square of a document's size, so what is too large is refused first. Counting follows
fragments with a memo, so a document of fragments that spread fragments costs no more than its text.
"""

from collections.abc import Mapping
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

from resolvers.overlap import Overlap
from resolvers.refusal import too_much


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may be at most. `rows` bounds the rows that page sizes allow, `cost` the weight of the answer.

    An answer of more than `whole_rows` is made in pieces, a connection at its root `portion_rows` at a time.
    """

    characters: int = 100_000
    tokens: int = 10_000
    depth: int = 20
    aliases: int = 200
    fields: int = 2_000
    comparisons: int = 20_000
    definitions: int = 100
    introspected_lists: int = 40
    rows: int = 500_000
    cost: int = 1_000_000
    conditions: int = 400
    condition_links: int = 50
    terms: int = 100
    search_words: int = 20
    variables: int = 200
    variable_depth: int = 40
    variable_objects: int = 2_000
    list_length: int = 10_000
    whole_rows: int = 20_000
    portion_rows: int = 2_000


@dataclass(frozen=True, slots=True)
class _Size:
    depth: int = 0
    aliases: int = 0
    fields: int = 0


def check_document(document: DocumentNode, limits: Limits) -> None:
    """Raises Refusal (QUERY_TOO_COSTLY) naming the limit that the document is beyond."""
    if len(document.definitions) > limits.definitions:
        raise too_much("operations and fragments", len(document.definitions), limits.definitions)
    measure = _Measure(document, limits)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
            size = measure.of_set(definition.selection_set)
            _compare(size, limits)
            measure.check_overlap(definition.selection_set)
        if isinstance(definition, OperationDefinitionNode):
            variables = len(definition.variable_definitions or ())
            if variables > limits.variables:
                raise too_much("variables", variables, limits.variables)


def check_variables(inputs: Mapping[str, object], limits: Limits) -> None:
    """Raises Refusal when variables nest too deeply, or hold too many objects or too long a list."""
    level: list[object] = [dict(inputs)]
    depth = objects = 0
    while level:
        depth += 1
        if depth > limits.variable_depth:
            raise too_much("levels of variables", depth, limits.variable_depth)
        objects += sum(isinstance(each, dict) for each in level)
        if objects > limits.variable_objects:
            raise too_much("input objects in variables", objects, limits.variable_objects)
        longest = max((len(each) for each in level if isinstance(each, list)), default=0)
        if longest > limits.list_length:
            raise too_much("values in one list", longest, limits.list_length)
        level = [inner for each in level for inner in _inner(each)]


def _inner(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return [inner for inner in value if isinstance(inner, dict | list)] if isinstance(value, list) else []


def _compare(size: _Size, limits: Limits) -> None:
    if size.depth > limits.depth:
        raise too_much("levels", size.depth, limits.depth)
    if size.aliases > limits.aliases:
        raise too_much("aliases", size.aliases, limits.aliases)
    if size.fields > limits.fields:
        raise too_much("fields", size.fields, limits.fields)


class _Measure:
    def __init__(self, document: DocumentNode, limits: Limits) -> None:
        self._limits = limits
        self._fragments: Mapping[str, FragmentDefinitionNode] = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._known: dict[str, _Size] = {}

    def of_set(self, selections: SelectionSetNode) -> _Size:
        depth = aliases = fields = 0
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                inner = self.of_set(selection.selection_set) if selection.selection_set else _Size()
                inner = _Size(inner.depth + 1, inner.aliases + (selection.alias is not None), inner.fields + 1)
            elif isinstance(selection, InlineFragmentNode):
                inner = self.of_set(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode):
                inner = self._of_fragment(selection.name.value)
            depth, aliases, fields = max(depth, inner.depth), aliases + inner.aliases, fields + inner.fields
        return _Size(depth, aliases, fields)

    def _of_fragment(self, name: str) -> _Size:
        known = self._known.get(name)
        if known is None:
            # A fragment that is being measured counts as empty: validation refuses the cycle by name.
            self._known[name] = _Size()
            fragment = self._fragments.get(name)
            known = self.of_set(fragment.selection_set) if fragment else _Size()
            self._known[name] = known
        return known

    def check_overlap(self, selections: SelectionSetNode) -> None:
        """Raises Refusal when it would take too long to see that fields of one response path agree."""
        overlap = Overlap(self._fragments, self._limits.fields, self._limits.depth)
        overlap.visit([selections])
        if overlap.is_endless:
            raise too_much("fields or more", self._limits.fields + 1, self._limits.fields)
        if overlap.comparisons > self._limits.comparisons:
            raise too_much("comparisons of repeated fields", overlap.comparisons, self._limits.comparisons)
