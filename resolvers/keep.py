"""Keeps what was prepared: documents once validated, plans once made, under one state of graph and policy.

A Preparer lives as long as its setting; when the policy or the graph moves, a new one starts empty. Both stores are
bounded in number and in size, because whoever may ask may send documents that differ, and forget what was used longest
ago.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Set
from typing import Generic, TypeVar

from msgspec import Struct

from policies.principal import Principal
from resolvers.ids import Ids
from resolvers.operation import Operation, choose_operation, parse_document, read_document
from resolvers.plan import Plan, Setting, make_plan, write_none
from resolvers.refusal import refuse
from resolvers.sql import Statement
from resolvers.values import Operand, Variables, statics_of
from resolvers.variables import VariableReader

_OPERATIONS_KEPT = 2_000
_PLANS_KEPT = 4_000
_LARGEST_KEPT = 50_000
# Characters: a parsed document takes about fifty times its text, a plan about three times its key, content, statements
# and literals.
_TEXT_KEPT = 2_000_000
_PLAN_TEXT_KEPT = 40_000_000
_LITERAL_SIZE = 100
# So many answers of a plan are read twice, and no more, because a value in them cannot be written.
_MOST_UNWRITTEN = 20
_STREAMED = "Send it over WebSocket, or with `Accept: text/event-stream`."

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
PlanKey = tuple[Hashable, ...]


class Prepared(Struct, frozen=True):
    """A plan, and the variables of one request to run it with; `inputs` are they as they were sent."""

    plan: Plan
    variables: Variables
    inputs: Variables


class Preparer:
    """Prepares operations under one setting."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._operations: Kept[tuple[str, str | None], tuple[Operation, VariableReader]] = Kept(
            _OPERATIONS_KEPT, _TEXT_KEPT
        )
        self._plans: Kept[Hashable, Plan] = Kept(_PLANS_KEPT, _PLAN_TEXT_KEPT)
        self._unwritten_nodes: set[str] = set()
        self._unwritten: Kept[int, int] = Kept(_PLANS_KEPT, _PLANS_KEPT)  # how often, by the hash of a plan's key

    def prepare(
        self, text: str, operation_name: str | None, inputs: Mapping[str, object], principal: Principal
    ) -> Prepared:
        """The plan for a request and its variables. Raises Refusal. About 0.05 ms when kept, milliseconds when new."""
        operation, reader = self._operation(text, operation_name)
        variables, shape = reader.read(inputs)
        key = (principal.fingerprint, text, operation_name, shape)
        plan = self._plans.recent(key)
        if plan is None:
            if operation.is_subscription:
                raise refuse("QUERY_INVALID", "A subscription has no single answer.", _STREAMED)
            plan = self._made(key, operation, principal, variables)
        return Prepared(plan, variables, inputs)

    def prepare_unwritten(
        self, text: str, operation_name: str | None, inputs: Mapping[str, object], principal: Principal
    ) -> Prepared:
        """As prepare(), of a request whose rows the database could not write.

        A plan of which that is so again and again is from then on one that writes none.
        """
        operation, reader = self._operation(text, operation_name)
        variables, shape = reader.read(inputs)
        key = (principal.fingerprint, text, operation_name, shape)
        unwritten_key = (*key, "unwritten")
        plan = self._plans.recent(unwritten_key)
        if plan is None:
            plan = make_plan(self.setting, operation, principal, variables, write_none)
            self._plans.remember(unwritten_key, plan, _size_of(unwritten_key, plan))
        times = (self._unwritten.recent(hash(key)) or 0) + 1
        self._unwritten.remember(hash(key), times, 1)
        if times >= _MOST_UNWRITTEN:
            self._plans.remember(key, plan, _size_of(key, plan))
        return Prepared(plan, variables, inputs)

    def write_no_more(self, nodes: Set[str]) -> None:
        """From now on the database writes no rows of these nodes: their values are too large for one text."""
        if not nodes <= self._unwritten_nodes:
            self._unwritten_nodes |= nodes
            self._plans = Kept(_PLANS_KEPT, _PLAN_TEXT_KEPT)

    def _may_write(self, node: str) -> bool:
        return node not in self._unwritten_nodes

    def prepare_events(
        self, text: str, operation_name: str | None, inputs: Mapping[str, object], principal: Principal
    ) -> Prepared:
        """The plan for the events of a subscription, and its variables. Raises Refusal."""
        operation, reader = self._operation(text, operation_name)
        variables, shape = reader.read(inputs)
        key = (principal.fingerprint, text, operation_name, shape, "events")
        plan = self._plans.recent(key) or self._made(key, operation, principal, variables)
        return Prepared(plan, variables, inputs)

    def is_subscription(self, text: str, operation_name: str | None) -> bool:
        """Whether the operation has events instead of one answer, if it is valid. Raises Refusal for what is none.

        That does not change with the graph, which may have moved when the operation is prepared.
        """
        known = self._operations.recent((text, operation_name))
        if known is not None:
            return known[0].is_subscription
        document = parse_document(text, self.setting.schema, self.setting.limits)
        return choose_operation(text, document, operation_name).is_subscription

    def _made(self, key: PlanKey, operation: Operation, principal: Principal, variables: Variables) -> Plan:
        plan = make_plan(self.setting, operation, principal, variables, self._may_write)
        self._plans.remember(key, plan, _size_of(key, plan))
        return plan

    def _operation(self, text: str, name: str | None) -> tuple[Operation, VariableReader]:
        known = self._operations.recent((text, name))
        if known is None:
            setting = self.setting
            document = read_document(text, setting.schema, setting.limits)
            operation = choose_operation(text, document, name)
            if not (operation.is_query or operation.is_subscription):
                raise refuse("QUERY_INVALID", "Only queries can be asked here, and subscriptions.")
            statics, ids = statics_of(document), Ids(setting.seal)
            known = (operation, VariableReader(setting.schema, operation, statics, setting.limits, ids))
            if len(text) <= _LARGEST_KEPT:
                self._operations.remember((text, name), known, len(text))
        return known


def _size_of(key: PlanKey, plan: Plan) -> int:
    literals = sum(_literals_of(each.operand) for statement in plan.statements for each in statement.parameters)
    return len(repr(key)) + len(plan.content) + sum(map(_length_of, plan.statements)) + literals


def _literals_of(operand: Operand) -> int:
    if operand.parts is not None:
        return sum(map(_literals_of, operand.parts))
    return _LITERAL_SIZE + len(repr(operand.constant))


def _length_of(statement: Statement) -> int:
    by_key = statement.by_key
    return len(statement.sql) + (0 if by_key is None else len(by_key.keys.sql) + len(by_key.rows.sql))


class Kept(Generic[Key, Value]):
    """Values by key, at most so many and of at most so large a size together; the one used longest ago goes first."""

    def __init__(self, most: int, largest: int) -> None:
        self._most = most
        self._largest = largest
        self._size = 0
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()

    def recent(self, key: Key) -> Value | None:
        """The value, which from now on is the one used last; None where it is not kept."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def remember(self, key: Key, value: Value, size: int) -> None:
        """Keeps a value, instead of the one kept under this key, and forgets others for it."""
        _, freed = self._kept.pop(key, (None, 0))
        self._size -= freed
        self._kept[key] = (value, size)
        self._size += size
        while len(self._kept) > self._most or self._size > self._largest:
            _, (_, freed) = self._kept.popitem(last=False)
            self._size -= freed
