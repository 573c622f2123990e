"""Compiles connections whose rows the database writes as JSON, so that the process joins texts instead of objects.

The rows of a page come as one text, put together in SQL from constants and columns, and beside it the keys of every
node shown and how many there are. Nothing is escaped there: that would cost more than all the rest. Instead the text is
looked through when it comes: if anything but the quotes that were written is left of it beside what JSON lets stand,
some value holds a quote, a backslash or a control character, and the operation is prepared again without this.

What can be written says writable.py. It knows nothing of how texts are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from graphql import SelectionSetNode

from policies.decision import Effect
from policies.masks import mask_sql
from resolvers.by_key import WrittenRows, by_key, is_found_by_key, rows_by_key
from resolvers.columns import join_beside
from resolvers.connection import Compiled, Connections, Listing
from resolvers.ids import GlobalId
from resolvers.place import Place
from resolvers.rows import KEY_PARTS, key_columns
from resolvers.selection import Selected
from resolvers.show import show_written
from resolvers.sql import ByKey, Ordered, Row, order_by
from resolvers.sql_text import SqlText
from resolvers.touch import Path
from resolvers.work import Work
from resolvers.written import NULL, Holes, Reader, Recorded, hole_at, separator
from schema.graph import Field, Link

_CURSOR = hole_at(-1)


@dataclass(slots=True)
class _Rows:
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


class Writing:
    """Compiles for one statement."""

    def __init__(self, work: Work, connections: Connections) -> None:
        self._work = work
        self._connections = connections
        self._collect = work.collector.collect
        self._recorded: dict[int, Recorded] = {}

    def many(self, place: Place) -> Compiled | None:
        """The connection; None when something it uses but does not show is denied, which refuses the branch."""
        listing = self._connections.listing(place)
        if listing is None:
            return None
        made: list[tuple[_Rows, Reader]] = []

        def write() -> str:
            rows = self._rows(place, listing)
            recorded = [self._recorded[each] for each in rows.recorded]
            reader = Reader(recorded, listing.size, rows.cursors, self._positions(place, listing, rows))
            made.append((rows, reader))
            return self._work.code.value("read", reader)

        shown = show_written(self._work, place, listing.paging, write)
        ((rows, reader),) = made
        keyed = self._by_key(place, rows, reader, listing)
        return Compiled(self._page(rows, listing), shown, listing.beside, keyed)

    def _by_key(self, place: Place, rows: _Rows, reader: Reader, listing: Listing) -> ByKey | None:
        """The statement in two steps; to be made before it reaches for more of a row than is shown."""
        if not is_found_by_key(place.node):
            return None
        parameters = self._connections.parameters
        first, *others = rows.recorded
        told = [f"x.k{first}", "convert_to(x.t, 'UTF8')"]
        for each in others:
            number = f"coalesce(x.n{each}, 0)" if each in rows.lists else f"(x.k{each} is not null)::int4"
            told += [f"convert_to(x.k{each}, 'UTF8')", number]
        source = rows_by_key(place, parameters)
        written = f"select {', '.join(told)} from ({_select(rows, source)}) as x"
        return by_key(place, listing, WrittenRows(written, reader, rows.has_values), parameters)

    def _positions(self, place: Place, listing: Listing, rows: _Rows) -> Sequence[int] | None:
        """Where in the values of a row those of its cursor stand, if any cursor is shown."""
        selected = self._connections.selected(place)
        infos = [
            inner for each in selected if each.name == "pageInfo" for inner in self._collect("PageInfo", each.sets)
        ]
        if rows.cursors is None and all(each.name not in ("startCursor", "endCursor") for each in infos):
            return None
        slots = listing.paging.keyset.slots(place.row, listing.paging.parameters)
        rows.has_values = True
        return [place.row.place(slot) for slot in slots]

    def _page(self, rows: _Rows, listing: Listing) -> str:
        """The statement: how many rows were read, all texts, keys and numbers of those shown, values of cursors.

        Of each row the text is a line, and the keys of each other node recorded with it.
        """
        shown, more = "", ""
        if listing.paging.reads_beyond:
            shown = f" filter (where x.place <= {listing.size})"
            order = order_by([(rows.row.reach(each), way) for each, way in listing.order])
            more += f", row_number() over ({order.strip()}) as place"
        if rows.has_values:
            more += f", {rows.row.texts} as c"
        first, *others = rows.recorded
        texts = ["string_agg(x.t, chr(10))", self._keys(first), *(_lines_of(each) for each in others)]
        told = [f"convert_to({each}{shown}, 'UTF8')" for each in texts]
        told += [f"({_number(rows, each)}{shown})::int4" for each in rows.recorded]
        told += [f"array_agg(x.c){shown}"] if rows.has_values else []
        return f"select count(*)::int4, {', '.join(told)} from ({_page_of(rows, listing, more)}) as x"

    def _rows(self, place: Place, listing: Listing) -> _Rows:
        rows = _Rows(place.row)
        selected = self._connections.selected(place)
        with self._work.pages(listing.size):
            for each in selected:
                path = (*place.path, each.key)
                if each.name == "nodes":
                    self._object(rows, place, each.sets, path, rows.text)
                elif each.name == "edges":
                    self._edge(rows, place, (each, path), listing)
        return rows

    def _edge(self, rows: _Rows, place: Place, member: tuple[Selected, Path], listing: Listing) -> None:
        selected, path = member
        type_name, text, cursors = f"{place.node.name}Edge", rows.text, 0
        index = 0
        for position, each in enumerate(self._collect(type_name, selected.sets)):
            text.add(f'{"," if position else "{"}"{each.key}":')
            if each.name == "node":
                index = self._object(rows, place, each.sets, (*path, each.key), text)
            elif each.name == "cursor":
                text.add(f'"{_CURSOR}"')
                cursors += 1
            else:
                text.add(f'"{type_name}"')
        text.add("}")
        self._recorded[index] = replace(self._recorded[index], quotes=text.quotes)
        rows.cursors = Holes(_CURSOR, cursors, listing.paging.keyset.cursor) if cursors else None

    def _object(self, rows: _Rows, place: Place, sets: Sequence[SelectionSetNode], path: Path, text: SqlText) -> int:
        node, ids = place.node, 0
        index = self._work.touch.enter(path, node.name)
        keys = [place.row.reach(each) for each in key_columns(node, place.row)]
        rows.keys[index] = KEY_PARTS.join(keys)
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
        self._recorded[index] = Recorded(index, node.name, text.quotes, len(keys), holes)
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
            text.add('"')
            text.put(f"coalesce({shown}, '{NULL}')")
            text.add('"')
        else:
            text.put(f"coalesce({shown}::text, 'null')")

    def _follow(self, rows: _Rows, place: Place, member: tuple[Link, Selected, Path], text: SqlText) -> None:
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
            self._list(rows, there, text)
        else:
            self._one(rows, there, text)

    def _one(self, rows: _Rows, place: Place, text: SqlText) -> None:
        self._work.count_rows(1)
        key = key_columns(place.node, place.row)[0]
        place.row.join(self._connections.source(place), place.row.slot(key))
        written = SqlText()
        self._object(rows, place, place.selected.sets, place.path, written)
        text.put(f"case when {place.row.reach(key)} is null then 'null' else {written.sql} end")

    def _list(self, outer: _Rows, place: Place, text: SqlText) -> None:
        listing = self._connections.listing(place)
        if listing is None:
            text.add("null")
            return
        rows = self._rows(place, listing)
        alias = f"l{place.row.number}"
        told = ["string_agg(x.t, ',') as t"]
        told += [f"{self._keys(each)} as k{each}, {_number(rows, each)}::int4 as n{each}" for each in rows.recorded]
        select = f"select {', '.join(told)} from ({_page_of(rows, listing)}) as x"
        outer.joins.append(f" left join lateral ({select}) as {alias} on true")
        outer.lists.update(dict.fromkeys(rows.recorded, alias))
        for position, each in enumerate(self._connections.selected(place)):
            text.add(f'{"," if position else "{"}"{each.key}":')
            if each.name == "nodes":
                text.add("[")
                text.put(f"coalesce({alias}.t, '')")
                text.add("]")
            else:
                text.add(f'"{_type_name(place)}"')
        text.add("}")

    def _keys(self, index: int) -> str:
        """The keys of several rows: what stands between the first quote and the last."""
        return f"string_agg(x.k{index}, '{separator(self._recorded[index].width)}')"


def _page_of(rows: _Rows, listing: Listing, more: str = "") -> str:
    return _select(rows, listing.source, listing.order, listing.paging.limit, more)


def _select(rows: _Rows, source: str, order: Sequence[Ordered] = (), limit: int | None = None, more: str = "") -> str:
    """The select of each row's text, keys and numbers, of rows cut before anything is made of them."""
    keys = [f"{key} as k{index}" for index, key in rows.keys.items()]
    lists = [f"{alias}.k{index}, {alias}.n{index}" for index, alias in rows.lists.items()]
    told = ", ".join((f"{rows.text.sql} as t", *keys, *lists))
    return f"select {told}{more} {rows.row.reached(source, order, limit, rows.joins)}"


def _lines_of(index: int) -> str:
    return f"string_agg(coalesce(x.k{index}, '{NULL}'), chr(10))"


def _number(rows: _Rows, index: int) -> str:
    """How many are recorded of several rows."""
    return f"sum(x.n{index})" if index in rows.lists else f"count(x.k{index})"


def _type_name(place: Place) -> str:
    return f"{place.node.name}Connection"
