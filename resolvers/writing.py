"""Compiles connections whose rows the database writes as JSON, so that the process joins texts instead of objects.

The rows of a page come as one text, put together in SQL from constants and columns, and beside it the keys of every
node shown and how many there are. Nothing is escaped there: that would cost more than all the rest. Instead the text is
looked through when it comes: if anything but the quotes that were written is left of it beside what JSON lets stand,
some value holds a quote, a backslash or a control character, and the operation is prepared again without this.

What can be written says writable.py. It knows nothing of how texts are read.
"""

from collections.abc import Sequence
from dataclasses import replace

from resolvers.by_key import WrittenRows, by_key, is_found_by_key, rows_after_key, rows_by_key, so_many
from resolvers.connection import Compiled, Connections, Listing
from resolvers.lookup import has_ordered_key
from resolvers.place import Place
from resolvers.selection import Selected
from resolvers.show import show_written
from resolvers.sql import ByKey, Ordered, order_by
from resolvers.sql_text import SqlText
from resolvers.touch import Path
from resolvers.work import Work
from resolvers.writing_objects import MARKED, Objects, RowsWritten
from resolvers.written import APART, NULL, Holes, Reader, hole_at, separator

_CURSOR = hole_at(-1)


class Writing:
    """Compiles for one statement."""

    def __init__(self, work: Work, connections: Connections) -> None:
        self._work = work
        self._connections = connections
        self._collect = work.collector.collect
        self._objects = Objects(work, connections, MARKED, self._list)

    def many(self, place: Place) -> Compiled | None:
        """The connection; None when something it uses but does not show is denied, which refuses the branch."""
        listing = self._connections.listing(place)
        if listing is None:
            return None
        made: list[tuple[RowsWritten, Reader]] = []

        def write() -> str:
            rows = self._rows(place, listing)
            recorded = [self._objects.recorded[each] for each in rows.recorded]
            reader = Reader(recorded, listing.size, rows.cursors, self._positions(place, listing, rows))
            made.append((rows, reader))
            return self._work.code.value("read", reader)

        shown = show_written(self._work, place, listing.paging, write)
        ((rows, reader),) = made
        keyed = self._by_key(place, rows, reader, listing)
        return Compiled(self._page(rows, listing), shown, listing.beside, keyed)

    def _by_key(self, place: Place, rows: RowsWritten, reader: Reader, listing: Listing) -> ByKey | None:
        """The statement in two steps; to be made before it reaches for more of a row than is shown."""
        if not is_found_by_key(place.node):
            return None
        parameters = self._connections.parameters
        first, *others = rows.recorded
        told = [f"x.k{first}", "convert_to(x.t, 'UTF8')"]
        told += [f"convert_to(x.k{each}, 'UTF8')" for each in others]
        select = f"select {', '.join(told)} from"
        written, portion = f"{select} ({_select(rows, rows_by_key(place, parameters))}) as x", ""
        if has_ordered_key(place.node):
            order = [(f"{place.row.alias}.{place.node.key_columns[0]}", "")]
            portion = f"{select} ({_select(rows, rows_after_key(place, parameters), order, so_many(parameters))}) as x"
        return by_key(place, listing, WrittenRows(written, portion, reader, rows.has_values), parameters)

    def _positions(self, place: Place, listing: Listing, rows: RowsWritten) -> Sequence[int] | None:
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

    def _page(self, rows: RowsWritten, listing: Listing) -> str:
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
        keys = _keys(first, separator(self._objects.recorded[first].width))
        text, keys, *lines = (
            f"convert_to({each}{shown}, 'UTF8')"
            for each in ("string_agg(x.t, chr(10))", keys, *(_lines_of(each) for each in others))
        )
        told = [text, keys, f"(count(x.k{first}){shown})::int4", *lines]
        told += [f"array_agg(x.c){shown}"] if rows.has_values else []
        return f"select count(*)::int4, {', '.join(told)} from ({_page_of(rows, listing, more)}) as x"

    def _rows(self, place: Place, listing: Listing) -> RowsWritten:
        rows = RowsWritten(place.row)
        selected = self._connections.selected(place)
        with self._work.pages(listing.size):
            for each in selected:
                path = (*place.path, each.key)
                if each.name == "nodes":
                    self._objects.write(rows, place, each.sets, path, rows.text)
                elif each.name == "edges":
                    self._edge(rows, place, (each, path), listing)
        return rows

    def _edge(self, rows: RowsWritten, place: Place, member: tuple[Selected, Path], listing: Listing) -> None:
        selected, path = member
        type_name, text, cursors = f"{place.node.name}Edge", rows.text, 0
        index = 0
        for position, each in enumerate(self._collect(type_name, selected.sets)):
            text.add(f'{"," if position else "{"}"{each.key}":')
            if each.name == "node":
                index = self._objects.write(rows, place, each.sets, (*path, each.key), text)
            elif each.name == "cursor":
                text.add(f'"{_CURSOR}"')
                cursors += 1
            else:
                text.add(f'"{type_name}"')
        text.add("}")
        self._objects.recorded[index] = replace(self._objects.recorded[index], quotes=text.quotes)
        rows.cursors = Holes(_CURSOR, cursors, listing.paging.keyset.cursor) if cursors else None

    def _list(self, outer: RowsWritten, place: Place, text: SqlText) -> None:
        listing = self._connections.listing(place)
        if listing is None:
            text.add("null")
            return
        rows = self._rows(place, listing)
        alias = f"l{place.row.number}"
        told = ["string_agg(x.t, ',') as t"]
        told += [f"{_keys(each, APART)} as k{each}" for each in rows.recorded]
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


def _page_of(rows: RowsWritten, listing: Listing, more: str = "") -> str:
    return _select(rows, listing.source, listing.order, listing.paging.limit, more)


def _select(
    rows: RowsWritten, source: str, order: Sequence[Ordered] = (), limit: int | str | None = None, more: str = ""
) -> str:
    """The select of each row's text, keys and numbers, of rows cut before anything is made of them."""
    keys = [f"{key} as k{index}" for index, key in rows.keys.items()]
    lists = [f"{alias}.k{index}" for index, alias in rows.lists.items()]
    told = ", ".join((f"{rows.text.sql} as t", *keys, *lists))
    return f"select {told}{more} {rows.row.reached(source, order, limit, rows.joins)}"


def _keys(index: int, apart: str) -> str:
    """The keys of several rows: what stands between the first quote and the last."""
    return f"string_agg(x.k{index}, '{apart}')"


def _lines_of(index: int) -> str:
    return f"string_agg(coalesce(x.k{index}, '{NULL}'), chr(10))"


def _type_name(place: Place) -> str:
    return f"{place.node.name}Connection"
