"""Compiles `changed`: what batches since an epoch have changed of the rows that are watched.

A row counts as changed when it came to match, matches no longer, or shows the principal another value than before, as
it is shown to them: a change of what is denied, or lies under a mask, cannot be told from none. What a row was before
is read from the history; conditions through links see the linked rows as they are now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from graphql import GraphQLID, GraphQLInputType, GraphQLInt

from policies.decision import Effect, Right
from policies.masks import mask_sql
from resolvers.code import dict_literal
from resolvers.connection import Connections
from resolvers.ids import Ids, KeyPart
from resolvers.order import Ordering
from resolvers.page import LARGEST_PAGE
from resolvers.place import Place
from resolvers.refusal import refuse
from resolvers.scope import row_conditions
from resolvers.selection import Selected
from resolvers.show_changes import show_changes
from resolvers.sql import Ordered, Parameter, Row, Statement, conjunction
from resolvers.touch import Path
from resolvers.values import Operand, Template
from resolvers.work import Work
from schema.changes import CHANGED_WHERE, DEFAULT_CHANGES
from schema.graph import Field, Node, Root, Space, Table
from schema.scalars import BIG_INT

SINCE = "$since"  # the epoch that an event begins after; a name that no variable of a document can have


@dataclass(frozen=True, slots=True)
class Watch:
    """What a subscription watches: a table, and the epoch it asked to begin after, if it did."""

    table: Table
    since: Operand | None


@dataclass(frozen=True, slots=True)
class _Watched:
    """The rows of a node that are watched: those that meet a condition, or the one of an id."""

    node: Node
    table: Table
    where: Template = None
    id: Operand | None = None


class Changes:
    """Compiles the one field of a subscription."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.statements: list[Statement] = []
        self.watch: Watch | None = None

    def literal(self, root: Sequence[Selected]) -> str:
        """The dict literal of the root, which validation leaves one field; no statements when nothing may be told."""
        (field,) = root
        return dict_literal({field.key: self._changed(field, (field.key,))})

    def _changed(self, selected: Selected, path: Path) -> str:
        arguments = self._work.arguments(selected, self._kinds())
        watched, size = self._watched(arguments), self._size(arguments)
        reading, leaving = Connections(self._work), Connections(self._work)
        if not reading.may_know(watched.node, selected, path):
            return "None"
        now, past, gone = (self._work.next_row() for _ in range(3))
        here = Place(watched.node, now, (), selected, path, is_root=True)
        with self._work.touch.branch(path) as branch:
            changed = self._changed_rows(reading, watched, now, past), self._order(reading, here)
            left = self._left_rows(leaving, watched, gone), self._order(leaving, replace(here, row=gone))
            if branch.is_refused:
                return "None"
        since = arguments.get("since")
        self.watch = Watch(watched.table, since if isinstance(since, Operand) else None)
        function = show_changes(self._work, reading, here, (gone, size))
        for compiler, row, (source, order) in ((reading, now, changed), (leaving, gone, left)):
            sql = row.select(source, order, size + 1)
            self.statements.append(Statement(sql, compiler.parameters.all()))
        return f"{function}(results[0], results[1], keys, computed)"

    def _kinds(self) -> Mapping[str, GraphQLInputType]:
        where = self._work.input_type(CHANGED_WHERE)
        return {"node": GraphQLID, "where": where, "since": BIG_INT.graphql, "first": GraphQLInt}

    def _watched(self, arguments: Mapping[str, Template]) -> _Watched:
        where, node_id = arguments.get("where"), arguments.get("node")
        text = node_id.read(self._work.variables) if isinstance(node_id, Operand) else None
        if (text is None) is (where is None):
            raise refuse("BAD_REQUEST", "A subscription watches either a `node` or what meets `where`.", "Give one.")
        if text is None or not isinstance(node_id, Operand):
            return self._of_condition(where)
        kind = Ids(self._work.seal).kind(text)
        node = self._work.graph.nodes.get(kind[0]) if kind else None
        if node is None or kind is None or kind[1] != len(node.key_columns):
            raise refuse("NOT_FOUND", "There is no record with this id, or not for you.")
        if node.table is None:
            raise refuse("BAD_REQUEST", f"Changes of {node.name} are not told.", "Watch what it is made from.")
        return _Watched(node, node.table, id=node_id)

    def _of_condition(self, where: Template) -> _Watched:
        """The connection that a condition names, through its spaces."""
        members: Mapping[str, Root | Space] = self._work.graph.roots
        while isinstance(where, dict) and len(where) == 1:
            [(name, where)] = where.items()
            member = members[name]
            if isinstance(member, Root):
                node = self._work.graph.nodes[member.node]
                assert node.table is not None  # the schema offers no other
                return _Watched(node, node.table, where)
            members = member.members
        raise refuse("BAD_REQUEST", "`where` must name exactly one connection at each level.")

    def _size(self, arguments: Mapping[str, Template]) -> int:
        given = arguments.get("first")
        size = given.read(self._work.variables) if isinstance(given, Operand) else given
        if size is None:
            return DEFAULT_CHANGES
        if not isinstance(size, int) or not 0 <= size <= LARGEST_PAGE:
            raise refuse("BAD_REQUEST", f"`first` must be from 0 to {LARGEST_PAGE}.")
        return size

    def _order(self, compiler: Connections, place: Place) -> list[Ordered]:
        terms = Ordering(self._work, compiler.parameters, place).terms(None, compiler.digest)
        return [term.sql for term in terms]

    def _changed_rows(self, compiler: Connections, watched: _Watched, now: Row, past: Row) -> str:
        """The source of rows that match, were written since, and were not shown like that before."""
        node = watched.node
        keys = ", ".join(f"{now.alias}.{column}" for column in node.key_columns)
        before = [
            # Found by the key, row by row: the sum keeps the index of epochs, all of a batch, out of it.
            f"history.key = jsonb_build_array({keys})",
            *_window(compiler, watched.table, to_epoch="history.to_epoch + 0"),
            *self._matching(compiler, watched, past),
        ]
        shown = [self._shown(field, past) for field in self._readable(node)]
        current = [
            f"{now.alias}.__epoch > {_since(compiler)}",
            *self._matching(compiler, watched, now),
            f"before.shown is distinct from {_texts([self._shown(field, now) for field in self._readable(node)])}",
        ]
        return (
            f"from {node.relation} as {now.alias} left join lateral (select {_texts(shown)} as shown"
            f" from {_past_rows(node, past)} where {conjunction(before)}) as before on true"
            f" where {conjunction(current)}"
        )

    def _left_rows(self, compiler: Connections, watched: _Watched, gone: Row) -> str:
        """The source of rows that matched before and do not now."""
        node, now = watched.node, self._work.next_row()
        same = [f"{now.alias}.{column} = {gone.alias}.{column}" for column in node.key_columns]
        still = conjunction([*same, *self._matching(compiler, watched, now)])
        conditions = [
            *_window(compiler, watched.table),
            *self._matching(compiler, watched, gone),
            f"not exists (select from {node.relation} as {now.alias} where {still})",
        ]
        return f"from {_past_rows(node, gone)} where {conjunction(conditions)}"

    def _matching(self, compiler: Connections, watched: _Watched, row: Row) -> list[str]:
        """The conditions that a version of a row must meet to be watched and to exist for the principal."""
        node = watched.node
        scope = row_conditions(node, row, self._work.touch, compiler.parameters)
        if watched.id is None:
            return [*scope, compiler.where.condition(node, row, watched.where)]
        ids = Ids(self._work.seal)
        casts = [cast if cast == "text" else f"text::{cast}" for cast in node.key_types]
        placed = [
            compiler.parameters.place(Parameter(watched.id, KeyPart(ids, index)), cast)
            for index, cast in enumerate(casts)
        ]
        return [
            *scope,
            *(f"{row.alias}.{column} = {value}" for column, value in zip(node.key_columns, placed, strict=True)),
        ]

    def _readable(self, node: Node) -> list[Field]:
        decide = self._work.touch.decide
        return [each for each in node.fields.values() if decide(each, Right.READ).effect is not Effect.DENIED]

    def _shown(self, field: Field, row: Row) -> str:
        """A field's value as the principal is shown it, as text."""
        decision, column = self._work.touch.decide(field, Right.READ), row.column(field)
        if decision.effect is Effect.MASKED:
            column = f"({mask_sql(decision.mask or 'null', column, field.sql_type)})"
        return f"{column}::text"


def _texts(expressions: Sequence[str]) -> str:
    return f"array[{', '.join(expressions)}]::text[]"


def _since(compiler: Connections) -> str:
    return compiler.parameters.place(Parameter(Operand(variable=SINCE)), "int8")


def _past_rows(node: Node, row: Row) -> str:
    return f"platform.history as history, platform.past_row(null::{node.relation}, history.row) as {row.alias}"


def _window(compiler: Connections, table: Table, to_epoch: str = "history.to_epoch") -> list[str]:
    """The conditions on the versions of rows that were current at the epoch an event begins after."""
    since = _since(compiler)
    return [
        f"history.schema_name = {compiler.parameters.constant(table.schema)}",
        f"history.relation_name = {compiler.parameters.constant(table.name)}",
        f"history.from_epoch <= {since} and {to_epoch} > {since}",
    ]
