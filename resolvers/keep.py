"""Keeps what was prepared: documents once validated, plans once made, under one state of graph and policy.

A Preparer lives as long as its setting; when the policy or the graph moves, a new one starts empty. Both stores are
bounded and forget what was used longest ago.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from policies.principal import Principal
from resolvers.operation import Operation, choose_operation, read_document
from resolvers.plan import Plan, Setting, make_plan
from resolvers.refusal import refuse
from resolvers.values import Variables, statics_of
from resolvers.variables import VariableReader

_OPERATIONS_KEPT = 2_000
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
        self._operations: OrderedDict[tuple[str, str | None], tuple[Operation, VariableReader]] = OrderedDict()
        self._plans: OrderedDict[Hashable, Plan] = OrderedDict()

    def prepare(
        self, text: str, operation_name: str | None, inputs: Mapping[str, object], principal: Principal
    ) -> Prepared:
        """The plan for a request and its variables. Raises Refusal. About 0.05 ms when kept, milliseconds when new."""
        setting = self.setting
        operation, reader = self._operation(text, operation_name)
        variables, shape = reader.read(inputs)
        key = (principal.fingerprint, text, operation_name, shape)
        plan = _recent(self._plans, key)
        if plan is None:
            plan = make_plan(setting, operation, principal, variables)
            _remember(self._plans, key, plan, _PLANS_KEPT)
        return Prepared(plan, variables, inputs)

    def _operation(self, text: str, name: str | None) -> tuple[Operation, VariableReader]:
        known = _recent(self._operations, (text, name))
        if known is None:
            setting = self.setting
            document = read_document(text, setting.schema, setting.limits)
            operation = choose_operation(text, document, name)
            if not operation.is_query:
                raise refuse("QUERY_INVALID", "Only queries can be asked here.")
            known = (operation, VariableReader(setting.schema, operation, statics_of(document), setting.limits))
            if len(text) <= _LARGEST_KEPT:
                _remember(self._operations, (text, name), known, _OPERATIONS_KEPT)
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
