"""Compiles `node(id)` and `nodes(ids)`: what a global id leads to, through the same rows, decisions and record.

The types of the ids asked for are part of the shape of a request, so a plan reads and records these types alone, and a
thousand types cost nothing until their ids come. No right to filter by the key is needed: nobody can make up an id.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from graphql import GraphQLID, GraphQLList, GraphQLNonNull

from resolvers.columns import list_of
from resolvers.connection import Compiled, Connections
from resolvers.ids import MOST_IDS, Ids, KeyPart, KeyParts, Kind, length_class
from resolvers.lookup import Lookup, has_ordered_key, lookup_of
from resolvers.place import Place
from resolvers.refusal import refuse
from resolvers.selection import Selected
from resolvers.sql import Parameter, Statement
from resolvers.touch import Path
from resolvers.values import Operand
from resolvers.work import Work
from resolvers.writing_one import KEY_POSITION, Found, OneReader
from schema.graph import Node

_MOST_TYPES = 20
# Types of which a text is one value: only by these can look-ups of several requests be told apart again.
_PLAIN = frozenset(("text", "integer", "bigint", "smallint", "int4", "int8", "uuid"))
_ASKED = "asked"
# Compiles one object at a place, and says who reads it if the database writes it.
Single = Callable[[Connections, Place], tuple[Compiled, OneReader | None]]
_LIST = GraphQLNonNull(GraphQLList(GraphQLNonNull(GraphQLID)))


@dataclass(frozen=True, slots=True)
class Refetched:
    """A statement that reads nodes of one type, the assembler's function that shows one, and where the key stands."""

    statement: Statement
    function: str
    key_position: int
    lookup: Found | None = None


@dataclass(frozen=True, slots=True)
class RefetchedList:
    """The statements that read a list of nodes, and the function that puts their rows together."""

    statements: tuple[Statement, ...]
    function: str


class Refetch:
    """Compiles for one plan."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._ids = Ids(work.seal)

    def one(self, selected: Selected, path: Path, single: Single) -> Refetched | None:
        """What `node` leads to, compiled by `single`; None where no id of that type leads anywhere for who asks."""
        operand = self._work.arguments(selected, {"id": GraphQLNonNull(GraphQLID)}).get("id")
        if not isinstance(operand, Operand) or (text := operand.read(self._work.variables)) is None:
            raise refuse("BAD_REQUEST", "`id` must not be null.")
        kind = self._ids.kind(text)
        node = self._node(kind) if kind else None
        compiler = Connections(self._work)
        if node is None or not compiler.may_know(node, selected, path):
            return None
        row = self._work.next_row()
        parameters = [Parameter(operand, KeyPart(self._ids, index)) for index in range(len(node.key_columns))]
        casts = [cast if cast == "text" else f"text::{cast}" for cast in node.key_types]
        conditions = tuple(
            f"{row.alias}.{column} = {compiler.parameters.place(parameter, cast)}"
            for column, parameter, cast in zip(node.key_columns, parameters, casts, strict=True)
        )
        made, reader = single(compiler, Place(node, row, conditions, selected, path, is_root=True))
        statement = Statement(made.sql, compiler.parameters.all())
        position = row.place(compiler.rows.key(node, row)[0]) if reader is None else KEY_POSITION
        column = f"{row.alias}.{node.key_columns[0]}"
        many = f"{column} = any($1::text[]{list_of(node.key_types[0])})"
        following = f"{column} > $1::text" if has_ordered_key(node) else ""
        lookup = None
        if node.key_types[0] in _PLAIN:
            lookup = _lookup(statement, (conditions, many, following), position, steady=reader is not None)
        return Refetched(statement, made.shown, position, None if lookup is None else (lookup, reader))

    def many(self, selected: Selected, path: Path) -> RefetchedList | None:
        """What `nodes` leads to: one statement for each type; None where nothing is asked for."""
        operand = self._work.arguments(selected, {"ids": _LIST}).get("ids")
        texts = operand.read(self._work.variables) if isinstance(operand, Operand) else None
        if not isinstance(operand, Operand) or not isinstance(texts, list) or None in texts:
            raise refuse("BAD_REQUEST", "`ids` must be a list without nulls.")
        if len(texts) > MOST_IDS:
            raise refuse("QUERY_TOO_COSTLY", f"`ids` has {len(texts)} members; at most {MOST_IDS} are allowed.")
        if not texts:
            return None
        kinds = sorted({kind for text in texts if (kind := self._ids.kind(text)) and self._node(kind)})
        if len(kinds) > _MOST_TYPES:
            raise refuse("QUERY_TOO_COSTLY", f"`ids` are of {len(kinds)} types; at most {_MOST_TYPES} are allowed.")
        with self._work.pages(length_class(len(texts))):
            found = [self._listed(each, operand, selected, path) for each in kinds]
        return self._merged(operand, [each for each in found if each is not None])

    def _node(self, kind: Kind) -> Node | None:
        node = self._work.graph.nodes.get(kind[0])
        return node if node is not None and len(node.key_columns) == kind[1] else None

    def _listed(self, kind: Kind, operand: Operand, selected: Selected, path: Path) -> Refetched | None:
        """A statement with one row for each id asked for, in their order; its key is null where nothing is found."""
        node = self._work.graph.nodes[kind[0]]
        compiler = Connections(self._work)
        if not compiler.may_know(node, selected, path):
            return None
        row = self._work.next_row()
        names = [f"k{index}" for index in range(kind[1])]
        placed = [
            compiler.parameters.place(Parameter(operand, KeyParts(self._ids, kind, index)), "text[]")
            for index in range(kind[1])
        ]
        conditions = tuple(
            f"{row.alias}.{column} = {_ASKED}.{name}::{cast}"
            for column, name, cast in zip(node.key_columns, names, node.key_types, strict=True)
        )
        asked = f"unnest({', '.join(placed)}) with ordinality as {_ASKED}({', '.join(names)}, place)"
        made = compiler.asked(Place(node, row, conditions, selected, path, is_root=True), asked, f"{_ASKED}.place")
        statement = Statement(made.sql, compiler.parameters.all())
        return Refetched(statement, made.shown, row.place(compiler.rows.key(node, row)[0]))

    def _merged(self, operand: Operand, found: Sequence[Refetched]) -> RefetchedList:
        """The function that shows the row found for each id asked for; where none is of a known type, all are null."""
        name = self._work.code.name("nodes")
        lists = [f"rows{number}" for number in range(max(len(found), 1))]
        rows = [f"row{number}" for number in range(len(lists))]
        shown = "None"
        for row, each in zip(rows, found, strict=False):
            shown = f"{each.function}({row}, keys) if {row}[{each.key_position}] is not None else {shown}"
        loop = f"for {', '.join(rows)}, in zip({', '.join(lists)})"
        self._work.code.function(name, f"keys, {', '.join(lists)}", [f"return [{shown} {loop}]"])
        nothing = Statement("select null from generate_series(1, $1::int)", (Parameter(operand, _length),))
        return RefetchedList(tuple(each.statement for each in found) or (nothing,), name)


def _length(texts: object) -> object:
    assert isinstance(texts, list)
    return len(texts)


def _lookup(
    statement: Statement, conditions: tuple[Sequence[str], str, str], position: int, *, steady: bool
) -> Lookup | None:
    """The same statement for many keys at once, if it has one key and nothing else that requests differ in."""
    (alone, *others), many, following = conditions
    before, _, after = statement.sql.partition(alone)
    if others or "$1::" in before + after or not all(each.operand.is_constant for each in statement.parameters[1:]):
        return None
    following = following and f"{before}{following}{after}"
    return lookup_of(f"{before}{many}{after}", statement.parameters, position, steady=steady, following=following)
