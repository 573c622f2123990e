"""A plan: what one operation does for one principal, made once and kept.

It holds the statements, the assembler, the problems known beforehand and the template of the record. Making one is
pure: the schema, the graph, the law and the shape of the variables decide it, no data does.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import orjson
from graphql import (
    DocumentNode,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
)

from policies.law import Law
from policies.principal import Principal
from resolvers.changes import Watch
from resolvers.code import Assembler, Code
from resolvers.cost import Weight, weigh
from resolvers.entrance import Entrances, MayWrite, Promise
from resolvers.limits import Limits
from resolvers.lookup import Lookup
from resolvers.operation import Operation
from resolvers.pieces import Pieces, add_functions, make_pieces
from resolvers.refusal import Problem
from resolvers.seal import Seal
from resolvers.selection import Collector, Selected
from resolvers.sql import Statement
from resolvers.touch import Touch
from resolvers.values import Variables
from resolvers.work import Work
from resolvers.writing_one import completed
from schema.figures import AGGREGATE, CONNECTION
from schema.graph import Graph
from schema.interfaces import INTERFACES, NODE, interfaces_of

# Characters. A statement that writes rows is some times as long as one that reads them, and longer ones take PostgreSQL
# more time to plan and run than is saved here; far longer ones it would plan at each call.
_LONGEST_WRITTEN = 8_000


@dataclass(frozen=True, slots=True)
class Setting:
    """What plans are made under: one state of graph and policy, the seal and the limits."""

    graph: Graph
    schema: GraphQLSchema
    law: Law
    seal: Seal
    limits: Limits


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Plan:
    """A prepared operation; it equals itself alone.

    `assemble(results, keys, computed)` gives the data: `results` are the rows of the statements in order, `keys` one
    list per recorded node, to be filled, `computed` the values of computed root fields by response key. `content` is
    what the record stores once per plan (canonical JSON), `digest` its SHA-256. With `needs_snapshot` an unmoved data
    epoch is not one snapshot for all statements: some read what grows between epochs. With `is_exact` its answers are
    the same for as long as the platform's state is. `most_rows` is how many rows it may read at most, aggregates aside,
    `told` the notes as further members of an answer's extensions, each after a comma. `watch` is what a subscription
    watches, whose data is what changed; None for a query, and for a subscription that may tell nothing. `identity` is
    this plan's alone: what is kept by it does not keep the plan. `pieces` say how an answer is made that may be too
    large to be made as a whole.
    """

    statements: tuple[Statement, ...]
    assemble: Assembler
    problems: tuple[Problem, ...]
    notes: Mapping[str, object]
    told: bytes
    needs_snapshot: bool
    is_exact: bool
    is_aggregate: bool
    most_rows: int
    lookup: Lookup | None
    promises: tuple[Promise, ...]
    computed: DocumentNode | None
    weights: tuple[Weight, ...]
    node_count: int
    content: bytes
    digest: bytes
    watch: Watch | None = None
    identity: object = field(default_factory=object)
    pieces: Pieces | None = None
    written: frozenset[str] = frozenset()


def make_plan(
    setting: Setting, operation: Operation, principal: Principal, variables: Variables, may_write: MayWrite = bool
) -> Plan:
    """The plan of an operation for a principal and for all variables of the same shape. Raises Refusal.

    `may_write` says of a node by its name whether the database may write its rows as JSON.
    """
    work = _work(setting, operation, principal, variables)
    entrances = Entrances(work, may_write)
    weights = _enter(work, entrances, operation)
    if entrances.written and _is_too_large(work, entrances):
        return make_plan(setting, operation, principal, variables, write_none)
    nodes = work.touch.content_nodes()
    notes = work.touch.notes()
    is_growing = _is_growing(setting.graph, work.touch)
    assemble, pieces = _compiled(work, entrances)
    content = _content(operation, nodes)
    return Plan(
        statements=tuple(entrances.statements),
        assemble=assemble,
        problems=tuple(work.touch.problems),
        notes=notes,
        told=b"," + orjson.dumps(notes)[1:-1] if notes else b"",
        needs_snapshot=len(entrances.statements) > 1 and is_growing,
        is_exact=not is_growing and not entrances.computed,
        is_aggregate=_is_aggregate(work.touch),
        most_rows=work.most_rows,
        lookup=_lookup(entrances, len(nodes)),
        promises=tuple(entrances.promises),
        computed=_computed_document(operation, entrances.computed),
        weights=weights,
        node_count=len(nodes),
        content=content,
        digest=hashlib.sha256(content).digest(),
        watch=entrances.watch,
        pieces=pieces,
        written=frozenset(entrances.written),
    )


def _lookup(entrances: Entrances, nodes: int) -> Lookup | None:
    """The look-up that all of a plan is, if it is one."""
    if not len(entrances.statements) == len(entrances.lookups) == 1 or (found := entrances.lookups[0]) is None:
        return None
    lookup, reader = found
    return lookup if reader is None else completed(lookup, entrances.statements[0].sql, reader, nodes)


def _is_too_large(work: Work, entrances: Entrances) -> bool:
    """Whether what is written would better be made of rows, as all is that is made in pieces."""
    is_long = any(len(statement.sql) > _LONGEST_WRITTEN for statement in entrances.statements)
    return is_long or work.most_rows > work.touch.limits.whole_rows


def write_none(_: str) -> bool:
    """Of no node may the rows be written."""
    return False


def _enter(work: Work, entrances: Entrances, operation: Operation) -> tuple[Weight, ...]:
    """Compiles the operation's root; what its fields weigh."""
    kind = work.schema.get_root_type(operation.definition.operation)
    assert kind is not None  # the operation is valid
    selection = [operation.definition.selection_set]
    weights = weigh(work, kind, selection)
    root = work.collector.collect(kind.name, selection)
    literal = entrances.events(root) if operation.is_subscription else entrances.all(root)
    work.code.function("assemble", "results, keys, computed", [f"return {literal}"])
    return weights


def _compiled(work: Work, entrances: Entrances) -> tuple[Assembler, Pieces | None]:
    if work.most_rows <= work.touch.limits.whole_rows or not entrances.leaves:
        return work.code.compile("assemble")[0], None
    names = add_functions(work, entrances.leaves)
    assemble, *functions = work.code.compile("assemble", *names)
    return assemble, make_pieces(work, entrances.leaves, functions, entrances.connections)


def _work(setting: Setting, operation: Operation, principal: Principal, variables: Variables) -> Work:
    return Work(
        graph=setting.graph,
        schema=setting.schema,
        touch=Touch(setting.law, principal, setting.limits),
        collector=Collector(operation.fragments, variables, partial(_interfaces, setting.graph)),
        code=Code(),
        seal=setting.seal,
        variables=variables,
        fingerprint=principal.fingerprint,
    )


def _content(operation: Operation, nodes: Sequence[Mapping[str, object]]) -> bytes:
    told = {"document": operation.text, "operation": operation.name, "nodes": nodes}
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)


def _interfaces(graph: Graph, type_name: str) -> tuple[str, ...]:
    node = graph.nodes.get(type_name)
    return interfaces_of(node) if node else (NODE,) if type_name in INTERFACES else ()


def _is_aggregate(touch: Touch) -> bool:
    """Whether an answer may cost much more than it is long: it counts or sums."""
    return any(each.type_name.endswith((AGGREGATE, CONNECTION)) for each in touch.nodes)


def _is_growing(graph: Graph, touch: Touch) -> bool:
    return any(graph.nodes[name].is_growing for name in touch.type_names() & graph.nodes.keys())


def _computed_document(operation: Operation, computed: Mapping[str, Selected]) -> DocumentNode | None:
    """A document of only the computed root fields, for graphql-core's executor."""
    if not computed:
        return None
    fields = tuple(node for selected in computed.values() for node in selected.nodes)
    definition = OperationDefinitionNode(
        operation=operation.definition.operation,
        name=operation.definition.name,
        variable_definitions=operation.definition.variable_definitions,
        directives=(),
        selection_set=SelectionSetNode(selections=fields),
    )
    return DocumentNode(definitions=(definition, *operation.fragments.values()))
