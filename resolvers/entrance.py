"""Compiles the entrances of an operation: spaces, one by key, connections, and what is computed instead of read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from resolvers.beside import Beside, rows_planned
from resolvers.changes import Changes, Watch
from resolvers.code import dict_literal
from resolvers.connection import Compiled, Connections
from resolvers.lookup import has_ordered_key, lookup_of
from resolvers.pieces import Leaf
from resolvers.place import Place
from resolvers.refetch import Refetch
from resolvers.refusal import refuse
from resolvers.selection import Selected
from resolvers.sql import Parameter, Statement
from resolvers.touch import Path
from resolvers.values import Operand
from resolvers.work import Work
from resolvers.writable import can_write, can_write_one
from resolvers.writing import Writing
from resolvers.writing_one import KEY_POSITION, Found, OneReader, write_one
from schema.figures import AGGREGATE
from schema.graph import Root, Space
from schema.scalars import STRING

MayWrite = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Promise:
    """A look-up by key: the statement that must find a row, and the path that is NOT_FOUND when it does not."""

    statement: int
    path: Path
    title: str


class Entrances:
    """Compiles root fields; statements run in order, each in a result of its own."""

    def __init__(self, work: Work, may_write: MayWrite) -> None:
        self._work = work
        self._may_write = may_write
        self.written: set[str] = set()
        self.statements: list[Statement] = []
        self.promises: list[Promise] = []
        self.lookups: list[Found | None] = []
        self.computed: dict[str, Selected] = {}
        self.watch: Watch | None = None
        self.leaves: list[Leaf] = []
        self.connections: dict[Path, Place] = {}

    def all(self, fields: Sequence[Selected]) -> str:
        """The dict literal of a query's root."""
        return self.literal("Query", fields, self._work.graph.roots, ())

    def events(self, fields: Sequence[Selected]) -> str:
        """The dict literal of a subscription's root."""
        changes = Changes(self._work)
        literal = changes.literal(fields)
        self.statements += changes.statements
        self.watch = changes.watch
        return literal

    def literal(
        self, type_name: str, fields: Sequence[Selected], members: Mapping[str, Root | Space], path: Path
    ) -> str:
        """The dict literal of a space's selected fields."""
        made: dict[str, str] = {}
        for selected in fields:
            inner = (*path, selected.key)
            member = members.get(selected.name)
            if isinstance(member, Space) and (below := self._work.collector.collect(member.type_name, selected.sets)):
                made[selected.key] = self.literal(member.type_name, below, member.members, inner)
                continue
            first, rows = len(self.statements), self._work.most_rows
            if isinstance(member, Space):  # all that was selected of it is skipped
                made[selected.key] = "{}"
            elif selected.name == "__typename":
                made[selected.key] = repr(type_name)
            else:
                made[selected.key] = self._field(selected, members, inner)
            statements = range(first, len(self.statements))
            self.leaves.append(Leaf(inner, made[selected.key], statements, self._work.most_rows - rows))
        return dict_literal(made)

    def _field(self, selected: Selected, members: Mapping[str, Root | Space], path: Path) -> str:
        """The expression of what is read or computed."""
        member = members.get(selected.name)
        if isinstance(member, Root):
            return self._root(member, selected, path)
        if (counted := members.get(selected.name.removesuffix(AGGREGATE))) is not None:
            return self._aggregate(counted, selected, path)
        if selected.name == "node":
            return self._node(selected, path)
        if selected.name == "nodes":
            return self._nodes(selected, path)
        return self._compute(selected, path)

    def _compute(self, selected: Selected, path: Path) -> str:
        index = self._work.touch.enter(path, selected.name)
        self._work.touch.note_plain(index, path, f"Query.{selected.name}")
        self.computed[selected.key] = selected
        name = self._work.code.name("told")
        told = [f"keys[{index}].append(())", f"return computed[{selected.key!r}]"]
        self._work.code.function(name, "computed, keys", told)
        return f"{name}(computed, keys)"

    def _root(self, root: Root, selected: Selected, path: Path) -> str:
        node = self._work.graph.nodes[root.node]
        compiler = Connections(self._work)
        if not compiler.may_know(node, selected, path):
            return "None"
        place = Place(node, self._work.next_row(), (), selected, path, is_root=True)
        return self._many(compiler, place) if root.many else self._one(compiler, place)

    def _aggregate(self, root: Root | Space, selected: Selected, path: Path) -> str:
        assert isinstance(root, Root)  # the schema aggregates connections only
        node = self._work.graph.nodes[root.node]
        compiler = Connections(self._work)
        place = Place(node, self._work.next_row(), (), selected, path, is_root=True)
        made = compiler.aggregate(place)
        if made is None:
            return "None"
        return f"{made.function}({self._state(Statement(made.sql, compiler.parameters.all()))}, keys)"

    def _many(self, compiler: Connections, place: Place) -> str:
        name = place.node.name
        if self._may_write(name) and can_write(self._work, place):
            self.written.add(name)
            made = Writing(self._work, compiler).many(place)
        else:
            made = compiler.many(place)
        if made is None:
            return "None"
        self.connections[place.path] = place
        rows = self._state(Statement(made.sql, compiler.parameters.all(), made.by_key))
        beside = "".join(f", {self._beside(each)}" for each in made.beside)
        return f"{made.shown}({rows}, keys{beside})"

    def _beside(self, each: Beside) -> str:
        """The expression of a value beside a connection's rows, from a statement of its own."""
        if not each.is_estimate:
            return f"{self._state(Statement(f'select ({each.sql})', each.parameters))}[0][0]"
        planner = self._work.code.value("planned", rows_planned)
        return f"{planner}({self._state(Statement(f'explain (format json) {each.sql}', each.parameters))}[0][0])"

    def _one(self, compiler: Connections, place: Place) -> str:
        node, row = place.node, place.row
        kinds = {name: node.fields[name].scalar.graphql for name in node.key}
        arguments = self._work.arguments(place.selected, kinds)
        conditions: list[str] = []
        with self._work.touch.branch(place.path) as branch:
            for name in node.key:
                operand = arguments[name]
                self._work.touch.use(node.fields[name])
                if not isinstance(operand, Operand) or operand.read(self._work.variables) is None:
                    raise refuse("BAD_REQUEST", f"`{name}` must not be null.")
                conditions.append(compiler.where.compare(row, node.fields[name], "eq", operand))
            if branch.is_refused:
                return "None"
        there = Place(node, row, tuple(conditions), place.selected, place.path, is_root=True)
        made, reader = self._single(compiler, there)
        self.promises.append(Promise(len(self.statements), place.path, node.title))
        self.lookups.append(_lookup(made, reader, there, compiler.parameters.all()))
        rows = self._state(Statement(made.sql, compiler.parameters.all()))
        return f"{made.shown}({rows}[0] if {rows} else None, keys)"

    def _single(self, compiler: Connections, place: Place) -> tuple[Compiled, OneReader | None]:
        name = place.node.name
        if not (self._may_write(name) and can_write_one(self._work, place)):
            return compiler.single(place), None
        self.written.add(name)
        return write_one(self._work, compiler, place)

    def _node(self, selected: Selected, path: Path) -> str:
        made = Refetch(self._work).one(selected, path, self._single)
        if made is None:
            return "None"
        self.lookups.append(made.lookup)
        rows = self._state(made.statement)
        return f"{made.function}({rows}[0] if {rows} else None, keys)"

    def _nodes(self, selected: Selected, path: Path) -> str:
        made = Refetch(self._work).many(selected, path)
        if made is None:
            return "[]"
        return f"{made.function}(keys, {', '.join(self._state(each) for each in made.statements)})"

    def _state(self, statement: Statement) -> str:
        self.statements.append(statement)
        return f"results[{len(self.statements) - 1}]"


def _lookup(made: Compiled, reader: OneReader | None, place: Place, parameters: tuple[Parameter, ...]) -> Found | None:
    """The same statement for many keys at once, if it has one text key and nothing else that requests differ in."""
    field = place.node.fields[place.node.key[0]]
    if (
        len(place.conditions) != 1
        or field.scalar is not STRING
        or not all(each.operand.is_constant for each in parameters[1:])
    ):
        return None
    column = place.row.column(field)
    alone, _, rest = made.sql.partition(place.conditions[0])
    if "$1::" in alone + rest:  # the key is compared elsewhere too, where it cannot be many
        return None
    sql = f"{alone}{column} = any($1::text[]){rest}"
    position = place.row.position(column) if reader is None else KEY_POSITION
    following = f"{alone}{column} > $1::text{rest}" if has_ordered_key(place.node) else ""
    return lookup_of(sql, parameters, position, steady=reader is not None, following=following), reader
