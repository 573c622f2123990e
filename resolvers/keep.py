"""Keeps what was prepared: documents once validated, plans once made, under one state of graph and policy.

A Preparer lives as long as its setting; when the policy or the graph moves, a new one starts empty. Both stores are
bounded and forget what was used longest ago.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from graphql import DocumentNode

from policies.principal import Principal
from resolvers.operation import choose_operation, coerce_variables, read_document
from resolvers.page import cursor_pattern
from resolvers.plan import Plan, Setting, make_plan
from resolvers.refusal import refuse
from resolvers.values import Statics, Variables, shape_of, statics_of

_DOCUMENTS_KEPT = 2_000
_PLANS_KEPT = 4_000
_LARGEST_KEPT = 50_000

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan, and the variables of one request to run it with; `inputs` are they as they were sent."""

    plan: Plan
    variables: Variables
    inputs: Variables


class Preparer:
    """Prepares operations under one setting."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._documents: OrderedDict[str, tuple[DocumentNode, Statics]] = OrderedDict()
        self._plans: OrderedDict[Hashable, Plan] = OrderedDict()

    def prepare(
        self, text: str, operation_name: str | None, inputs: Mapping[str, object], principal: Principal
    ) -> Prepared:
        """The plan for a request and its variables. Raises Refusal. About 0.05 ms when kept, milliseconds when new."""
        setting = self.setting
        document, statics = self._document(text)
        operation = choose_operation(text, document, operation_name)
        if not operation.is_query:
            raise refuse("QUERY_INVALID", "Only queries can be asked here.")
        variables = coerce_variables(setting.schema, operation, inputs, setting.limits)
        shape = shape_of(setting.schema, operation, variables, statics, cursor_pattern)
        key = (principal.fingerprint, text, operation.name, shape)
        plan = _recent(self._plans, key)
        if plan is None:
            plan = make_plan(setting, operation, principal, variables)
            _remember(self._plans, key, plan, _PLANS_KEPT)
        return Prepared(plan, variables, inputs)

    def _document(self, text: str) -> tuple[DocumentNode, Statics]:
        known = _recent(self._documents, text)
        if known is None:
            document = read_document(text, self.setting.schema, self.setting.limits)
            known = (document, statics_of(document))
            if len(text) <= _LARGEST_KEPT:
                _remember(self._documents, text, known, _DOCUMENTS_KEPT)
        return known


def _recent(kept: OrderedDict[Key, Value], key: Key) -> Value | None:
    value = kept.get(key)
    if value is not None:
        kept.move_to_end(key)
    return value


def _remember(kept: OrderedDict[Key, Value], key: Key, value: Value, most: int) -> None:
    kept[key] = value
    if len(kept) > most:
        kept.popitem(last=False)
