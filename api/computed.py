"""In charge of root fields that are computed rather than read: the caller's identity, and introspection.

They run through graphql-core's executor on the joined schema. Only a list of all types needs the schema whole: that is
made in a process of its own (resolvers/introspecting.py), once per schema and document, and kept.
"""

import asyncio
import logging
import pickle
import sys
from asyncio.subprocess import PIPE
from collections import OrderedDict
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from weakref import WeakKeyDictionary

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    execute_sync,
    print_ast,
)
from orjson import OPT_SORT_KEYS, dumps

from api.errors import MEANING_BY_CODE, Code
from api.introspected import Introspected
from api.memory import give_back
from api.once import Once
from policies.principal import Principal
from resolvers.introspection import Order, parts_of
from resolvers.keep import Prepared, Preparer
from resolvers.refusal import Problem, Refusal
from resolvers.turns import Turns
from resolvers.values import walk

_KEPT = 20
_KEPT_BYTES = 64 << 20
_LISTS = frozenset(("types", "possibleTypes"))
_ROOT = Path(__file__).resolve().parent.parent
_Key = tuple[str, bytes]
_log = logging.getLogger("yishu.graphql")


class IntrospectionFailed(Exception):
    """The process that introspects died; its standard error says why."""


class Computing:
    """Computes, and keeps what lists all types per schema. One per worker."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Preparer, OrderedDict[_Key, Introspected]] = WeakKeyDictionary()
        self._making: Once[tuple[Preparer, _Key], Introspected] = Once()
        self._turns = Turns(1)  # by department: who asks for many lets others go between them

    async def compute(self, preparer: Preparer, prepared: Prepared, principal: Principal) -> Mapping[str, object]:
        """The values of computed root fields by response key. Raises Refusal when one fails."""
        document = prepared.plan.computed
        if document is None:
            return {}
        if not _lists_types(document):
            schema = preparer.setting.schema
            return _checked(execute_sync(schema, document, None, principal, dict(prepared.inputs)))
        plain, introspection = (_part(document, is_introspection=each) for each in (False, True))
        computed: dict[str, object] = {}
        if plain is not None:
            schema = preparer.setting.schema
            computed |= _checked(execute_sync(schema, plain, None, principal, dict(prepared.inputs)))
        if introspection is not None:
            computed |= (await self._introspected(preparer, prepared, (introspection, principal))).values
        return computed

    async def whole(self, preparer: Preparer, prepared: Prepared, principal: Principal) -> Introspected | None:
        """What is introspected, if it lists all types and nothing else is computed or read; else None."""
        plan = prepared.plan
        document = plan.computed
        if document is None or plan.statements or plan.problems or not _lists_types(document):
            return None
        if _part(document, is_introspection=False) is not None:
            return None
        return await self._introspected(preparer, prepared, (document, principal))

    async def _introspected(
        self, preparer: Preparer, prepared: Prepared, asked: tuple[DocumentNode, Principal]
    ) -> Introspected:
        document, principal = asked
        kept = self._kept.setdefault(preparer, OrderedDict())
        # What is sent along and not declared makes no other answer.
        inputs = {name: value for name, value in prepared.inputs.items() if name in prepared.variables}
        key = (print_ast(document), dumps(inputs, option=OPT_SORT_KEYS))
        result = kept.get(key)
        if result is None:
            order = Order(preparer.setting.graph, key[0], inputs)
            result = await self._making.make((preparer, key), lambda: self._introspect(order, principal.department))
            kept[key] = result
        kept.move_to_end(key)
        while len(kept) > _KEPT or (len(kept) > 1 and sum(each.size_bytes for each in kept.values()) > _KEPT_BYTES):
            kept.popitem(last=False)
        return result

    async def _introspect(self, order: Order, party: str) -> Introspected:
        async with self._turns.place(party):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "resolvers.introspecting", stdin=PIPE, stdout=PIPE, cwd=_ROOT
            )
            try:
                output, _ = await process.communicate(await _pickled(order))
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if process.returncode != 0:
            raise IntrospectionFailed(f"the introspecting process ended with status {process.returncode}")
        introspected = await asyncio.to_thread(Introspected, pickle.loads(output))
        del output
        await asyncio.to_thread(give_back)
        return introspected


async def _pickled(order: Order) -> bytes:
    """The parts of the order, by one pickler. Thousands of tables take tenths of a second: others get their turns."""
    pickled = BytesIO()
    pickler = pickle.Pickler(pickled)
    for part in parts_of(order):
        pickler.dump(part)
        await asyncio.sleep(0)
    return pickled.getvalue()


def _lists_types(document: DocumentNode) -> bool:
    """Whether a document may ask for all types, or all that implement Node: only then is the schema needed whole."""
    return any(isinstance(node, FieldNode) and node.name.value in _LISTS for node in walk(document))


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


def _checked(result: ExecutionResult) -> Mapping[str, object]:
    if result.errors:
        raise Refusal([_problem(error) for error in result.errors])
    return result.data or {}


def _problem(error: GraphQLError) -> Problem:
    """The problem of an error; of one that is not GraphQL's own nothing is told but where it was."""
    path = tuple(str(step) for step in error.path or ())
    if error.original_error is None or isinstance(error.original_error, GraphQLError):
        return Problem("BAD_REQUEST", error.message, path)
    _log.error("a computed field failed", exc_info=error.original_error)
    return Problem(Code.INTERNAL, MEANING_BY_CODE[Code.INTERNAL].message, path)
