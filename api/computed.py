"""In charge of root fields that are computed rather than read: the caller's identity, and introspection.

They run through graphql-core's executor on the joined schema. Introspection of thousands of types takes seconds of
computing, so it runs beside the event loop and its result is kept for as long as the schema lives.
"""

import asyncio
from collections.abc import Mapping
from weakref import WeakKeyDictionary

from graphql import DocumentNode, ExecutionResult, GraphQLError, OperationDefinitionNode, execute_sync
from orjson import Fragment, dumps

from policies.principal import Principal
from resolvers.keep import Prepared, Preparer
from resolvers.refusal import Problem, Refusal

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
        if not _is_introspection(document):
            return _checked(execute_sync(preparer.setting.schema, document, None, principal, dict(prepared.inputs)))
        kept = self._kept.setdefault(preparer, {})
        key = (prepared.plan.digest, dumps(prepared.inputs))
        if key not in kept:
            computed = await asyncio.to_thread(_introspect, preparer, document, prepared.inputs)
            if len(kept) >= _KEPT:
                kept.pop(next(iter(kept)))
            kept[key] = computed
        return kept[key]


def _is_introspection(document: DocumentNode) -> bool:
    definition = document.definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    return all(
        selection.name.value in ("__schema", "__type")  # type: ignore[attr-defined]  # only fields stand at its root
        for selection in definition.selection_set.selections
    )


def _introspect(preparer: Preparer, document: DocumentNode, variables: Mapping[str, object]) -> Mapping[str, object]:
    data = _checked(execute_sync(preparer.setting.schema, document, None, None, dict(variables)))
    return {key: Fragment(dumps(value)) for key, value in data.items()}


def _checked(result: ExecutionResult) -> Mapping[str, object]:
    if result.errors:
        raise Refusal([_problem(error) for error in result.errors])
    return result.data or {}


def _problem(error: GraphQLError) -> Problem:
    return Problem("BAD_REQUEST", error.message, tuple(str(step) for step in error.path or ()))
