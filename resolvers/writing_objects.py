"""Compiles objects that the database writes as JSON: their values, and the objects they link to.

How texts and keys stand there is a form: pages are written as they are and looked through when they come, which costs a
row less; one object alone is escaped. It knows nothing of pages and statements.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from graphql import SelectionSetNode

from policies.decision import Effect
from policies.masks import mask_sql
from resolvers.columns import join_beside
from resolvers.connection import Connections
from resolvers.ids import GlobalId
from resolvers.place import Place
from resolvers.rows import KEY_PARTS, key_columns
from resolvers.selection import Selected
from resolvers.sql import Row
from resolvers.sql_text import SqlText
from resolvers.touch import Path
from resolvers.work import Work
from resolvers.written import NULL, Holes, Recorded, hole_at
from schema.graph import Field, Link


@dataclass(slots=True)
class RowsWritten:
    """Rows being written: what is recorded of each, the lists joined to each, and what is recorded in those.

    By the index of a recorded node, `keys` has the SQL of its key, `lists` the alias of the list it is shown in.
    `cursors` are to be filled into the text of each; a row that `has_values` gives those that cursors are made of.
    """

    row: Row
    text: SqlText = field(default_factory=SqlText)
    keys: dict[int, str] = field(default_factory=dict)
    joins: list[str] = field(default_factory=list)
    lists: dict[int, str] = field(default_factory=dict)
    cursors: Holes | None = None
    has_values: bool = False

    @property
    def recorded(self) -> list[int]:
        """The indexes of all nodes recorded."""
        return [*self.keys, *self.lists]


@dataclass(frozen=True, slots=True)
class Form:
    """How a text stands in what is written, and how the key of one row, of its columns, beside it."""

    put: Callable[[SqlText, str], None]
    key: Callable[[Sequence[str]], str]


def _put_marked(text: SqlText, shown: str) -> None:
    text.add('"')
    text.put(f"coalesce({shown}, '{NULL}')")
    text.add('"')


def _put_escaped(text: SqlText, shown: str) -> None:
    text.put(f"coalesce(to_json({shown})::text, 'null')")


def _escaped_key(columns: Sequence[str]) -> str:
    """The key as JSON: a text, or a list of texts; null where there is none."""
    texts = " || ',' || ".join(f"to_json({each})::text" for each in columns)
    return texts if len(columns) == 1 else f"('[' || {texts} || ']')"


# As it is, with a mark for null; of a key what stands between its first quote and its last.
MARKED = Form(_put_marked, KEY_PARTS.join)
ESCAPED = Form(_put_escaped, _escaped_key)


class Objects:
    """Compiles for one statement. By index, `recorded` says how the objects written are recorded."""

    def __init__(
        self,
        work: Work,
        connections: Connections,
        form: Form,
        write_list: Callable[[RowsWritten, Place, SqlText], None] | None = None,
    ) -> None:
        self._work = work
        self._connections = connections
        self._form = form
        self._list = write_list
        self._collect = work.collector.collect
        self.recorded: dict[int, Recorded] = {}

    def write(
        self, rows: RowsWritten, place: Place, sets: Sequence[SelectionSetNode], path: Path, text: SqlText
    ) -> int:
        """Adds one object; the index under which its key is recorded."""
        node, ids = place.node, 0
        index = self._work.touch.enter(path, node.name)
        keys = [place.row.reach(each) for each in key_columns(node, place.row)]
        rows.keys[index] = self._form.key(keys)
        text.add("{")
        for position, each in enumerate(self._collect(node.name, sets)):
            text.add(f'{"," if position else ""}"{each.key}":')
            inner = (*path, each.key)
            if each.name == "__typename":
                text.add(f'"{node.name}"')
            elif each.name in node.links:
                self._follow(rows, place, (node.links[each.name], each, inner), text)
            elif each.name in node.fields:
                self._value(index, place.row, (node.fields[each.name], inner), text)
            else:
                self._work.touch.note_plain(index, inner, f"{node.name}.id")
                text.add(f'"{hole_at(index)}"')
                ids += 1
        text.add("}")
        holes = Holes(hole_at(index), ids, GlobalId(self._work.seal, node.name))
        self.recorded[index] = Recorded(index, node.name, text.quotes, len(keys), holes)
        return index

    def _value(self, index: int, row: Row, member: tuple[Field, Path], text: SqlText) -> None:
        field, path = member
        decision = self._work.touch.show(index, path, field)
        if decision.effect is Effect.DENIED:
            text.add("null")
            return
        column = row.column(field)
        if decision.effect is Effect.MASKED:
            column = f"({mask_sql(decision.mask or 'null', column, field.sql_type)})"
        shown = row.reach(field.scalar.output.format(column))
        if field.scalar.is_text:
            self._form.put(text, shown)
        else:
            text.put(f"coalesce({shown}::text, 'null')")

    def _follow(self, rows: RowsWritten, place: Place, member: tuple[Link, Selected, Path], text: SqlText) -> None:
        work, node, row = self._work, place.node, place.row
        link, selected, path = member
        target = work.graph.nodes[link.target]
        with work.touch.branch(path) as branch:
            work.touch.use_link(node, link, target)
            if branch.is_refused or not self._connections.may_know(target, selected, path):
                text.add("null")
                return
        inner = work.next_row() if link.many else work.row_beside(rows.row)
        joined = tuple(join_beside(node, row, link, target, inner))
        there = Place(target, inner, joined, selected, path, within=node.name)
        if link.many:
            assert self._list is not None  # what has lists is written by whoever can write them
            self._list(rows, there, text)
        else:
            self._one(rows, there, text)

    def _one(self, rows: RowsWritten, place: Place, text: SqlText) -> None:
        self._work.count_rows(1)
        key = key_columns(place.node, place.row)[0]
        place.row.join(self._connections.source(place), place.row.slot(key))
        written = SqlText()
        self.write(rows, place, place.selected.sets, place.path, written)
        text.put(f"case when {place.row.reach(key)} is null then 'null' else {written.sql} end")
