"""In charge of root fields that are computed rather than read: the caller's identity, and introspection.

They run through graphql-core's executor on the joined schema. Introspection of thousands of types takes seconds of
computing, so it runs beside the event loop and its result is kept for as long as the schema lives.
"""

import asyncio
from collections.abc import Mapping
from weakref import WeakKeyDictionary

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    execute_sync,
)
from orjson import Fragment, dumps

from policies.principal import Principal
from resolvers.keep import Prepared, Preparer
from resolvers.refusal import Problem, Refusal
from schema.access import computed_schema
from schema.build import build_whole_schema
from schema.graph import Graph

_KEPT = 50


class Computing:
    """Computes, and keeps introspection results per schema. One per worker."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Preparer, dict[tuple[bytes, bytes], Mapping[str, object]]] = WeakKeyDictionary()

    async def compute(self, preparer: Preparer, prepared: Prepared, principal: Principal) -> Mapping[str, object]:
        """The values of computed root fields by response key. Raises Refusal when one fails."""
        document = prepared.plan.computed
        if document is None:
            return {}
        computed: dict[str, object] = {}
        plain, introspection = (_part(document, is_introspection=each) for each in (False, True))
        if plain is not None:
            schema = preparer.setting.schema
            computed |= _checked(execute_sync(schema, plain, None, principal, dict(prepared.inputs)))
        if introspection is not None:
            computed |= await self._introspection(preparer, prepared, introspection)
        return computed

    async def _introspection(
        self, preparer: Preparer, prepared: Prepared, document: DocumentNode
    ) -> Mapping[str, object]:
        kept = self._kept.setdefault(preparer, {})
        key = (prepared.plan.digest, dumps(prepared.inputs))
        if key not in kept:
            computed = await asyncio.to_thread(_introspect, preparer.setting.graph, document, prepared.inputs)
            if len(kept) >= _KEPT:
                kept.pop(next(iter(kept)))
            kept[key] = computed
        return kept[key]


def _part(document: DocumentNode, *, is_introspection: bool) -> DocumentNode | None:
    """The document with only the root fields that are introspection, or only the others; None when there are none."""
    definition, *fragments = document.definitions
    assert isinstance(definition, OperationDefinitionNode)
    fields = tuple(
        selection
        for selection in definition.selection_set.selections
        if isinstance(selection, FieldNode) and selection.name.value.startswith("__") is is_introspection
    )
    if not fields:
        return None
    part = OperationDefinitionNode(
        operation=definition.operation,
        name=definition.name,
        variable_definitions=definition.variable_definitions,
        directives=(),
        selection_set=SelectionSetNode(selections=fields),
    )
    return DocumentNode(definitions=(part, *fragments))


def _introspect(graph: Graph, document: DocumentNode, inputs: Mapping[str, object]) -> Mapping[str, object]:
    """Introspection needs every type, so it gets a schema of its own that is dropped afterwards."""
    data = _checked(execute_sync(build_whole_schema(graph, computed_schema()), document, None, None, dict(inputs)))
    return {key: Fragment(dumps(value)) for key, value in data.items()}


def _checked(result: ExecutionResult) -> Mapping[str, object]:
    if result.errors:
        raise Refusal([_problem(error) for error in result.errors])
    return result.data or {}


def _problem(error: GraphQLError) -> Problem:
    return Problem("BAD_REQUEST", error.message, tuple(str(step) for step in error.path or ()))
