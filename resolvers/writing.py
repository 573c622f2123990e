"""Compiles connections whose rows the database writes as JSON, so that the process joins texts instead of objects.

The rows of a page come as one text, put together in SQL from constants and columns, and beside it the keys of every
node shown and how many there are. Nothing is escaped there: that would cost more than all the rest. Instead the text is
looked through when it comes: if anything but the quotes that were written is left of it beside what JSON lets stand,
some value holds a quote, a backslash or a control character, and the operation is prepared again without this.

Only what PostgreSQL puts out as the answer has it can be written: texts, integers, booleans, and objects and lists of
them. It knows nothing of cursors, sealed ids and figures.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from graphql import SelectionSetNode

from policies.decision import Effect
from policies.masks import mask_sql
from resolvers.columns import join_beside
from resolvers.connection import Compiled, Connections, Listing
from resolvers.place import Place
from resolvers.rows import key_columns
from resolvers.selection import Selected
from resolvers.show import show_written
from resolvers.sql import Row, order_by
from resolvers.touch import Path
from resolvers.work import Work
from resolvers.written import NULL, Reader, Recorded
from schema.graph import Field, Link, Node, leads_to_one_at_most
from schema.scalars import BOOLEAN, INT, JSON

_MOST_JOINED = 12


class _Text:
    """A text put together of constants and SQL expressions, none of them null; its own `quotes` are the constants'."""

    def __init__(self) -> None:
        self.quotes = 0
        self._parts: list[str] = []
        self._constant = ""

    def add(self, constant: str) -> None:
        """Adds what stands there in every row."""
        self._constant += constant
        self.quotes += constant.count('"')

    def put(self, expression: str) -> None:
        """Adds what a row says."""
        self._end_constant()
        self._parts.append(expression)

    @property
    def sql(self) -> str:
        """The expression. Each `||` copies what is before it, so there are never many in a row."""
        self._end_constant()
        parts = self._parts
        if len(parts) <= _MOST_JOINED:
            return " || ".join(parts)
        groups = [" || ".join(parts[start : start + _MOST_JOINED]) for start in range(0, len(parts), _MOST_JOINED)]
        return f"concat({', '.join(groups)})"

    def _end_constant(self) -> None:
        if self._constant:
            self._parts.append("'" + self._constant.replace("'", "''") + "'")
            self._constant = ""


@dataclass(slots=True)
class _Rows:
    """Rows being written: what is recorded of each, the lists joined to each, and what is recorded in those.

    By the index of a recorded node, `keys` has the SQL of its key, `lists` the alias of the list it is shown in.
    """

    row: Row
    text: _Text = field(default_factory=_Text)
    keys: dict[int, str] = field(default_factory=dict)
    joins: list[str] = field(default_factory=list)
    lists: dict[int, str] = field(default_factory=dict)

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

    def can_write(self, place: Place) -> bool:
        """Whether the rows of a connection at the root can be written."""
        selected = self._connections.selected(place)
        beside = ("__typename", "totalCount", "pageInfo")
        is_backward = "last" in self._work.connection_arguments(place.node, place.selected)
        return _is_list(selected, beside) and not is_backward and self._are_writable(place.node, _nodes(selected).sets)

    def many(self, place: Place) -> Compiled | None:
        """The connection; None when something it uses but does not show is denied, which refuses the branch."""
        listing = self._connections.listing(place)
        if listing is None:
            return None
        paging = listing.paging
        made: list[_Rows] = []
        has_cursors = self._shows_cursors(place)

        def write() -> str:
            rows = self._rows(place, listing)
            made.append(rows)
            recorded = [self._recorded[each] for each in rows.recorded]
            return self._work.code.value("read", Reader(recorded, listing.size, has_cursors=has_cursors))

        shown = show_written(self._work, place, paging, write)
        return Compiled(self._page(made[0], listing, has_cursors=has_cursors), shown, listing.beside)

    def _page(self, rows: _Rows, listing: Listing, *, has_cursors: bool) -> str:
        """The statement: how many rows were read, all texts, keys and numbers of those shown, values of cursors."""
        shown, more = "", ""
        if listing.paging.reads_beyond:
            shown = f" filter (where x.place <= {listing.size})"
            order = order_by([(rows.row.reach(each), way) for each, way in listing.order])
            more += f", row_number() over ({order.strip()}) as place"
        if has_cursors:
            more += f", {rows.row.texts} as c"
        texts = ["string_agg(x.t, ',')", *(self._keys(index) for index in rows.recorded)]
        told = [*(f"convert_to({each}{shown}, 'UTF8')" for each in texts)]
        told += [f"({_number(rows, each)}{shown})::int4" for each in rows.recorded]
        told += [f"array_agg(x.c){shown}"] if has_cursors else []
        return f"select count(*)::int4, {', '.join(told)} from ({_select(rows, listing, more)}) as x"

    def _shows_cursors(self, place: Place) -> bool:
        infos = [each for each in self._connections.selected(place) if each.name == "pageInfo"]
        members = [each for info in infos for each in self._collect("PageInfo", info.sets)]
        return any(each.name in ("startCursor", "endCursor") for each in members)

    def _are_writable(self, node: Node, sets: Sequence[SelectionSetNode]) -> bool:
        return all(self._is_writable(node, each) for each in self._collect(node.name, sets))

    def _is_writable(self, node: Node, selected: Selected) -> bool:
        link = node.links.get(selected.name)
        if link is None:
            scalar = node.fields[selected.name].scalar if selected.name in node.fields else JSON
            return selected.name == "__typename" or (
                scalar is not JSON and (scalar.is_text or scalar in (INT, BOOLEAN))
            )
        target = self._work.graph.nodes[link.target]
        if not link.many:
            return leads_to_one_at_most(link, target) and self._are_writable(target, selected.sets)
        inner = self._collect(f"{target.name}Connection", selected.sets)
        is_backward = "last" in self._work.connection_arguments(target, selected)
        return _is_list(inner) and not is_backward and self._are_writable(target, _nodes(inner).sets)

    def _rows(self, place: Place, listing: Listing) -> _Rows:
        rows = _Rows(place.row)
        selected = _nodes(self._connections.selected(place))
        with self._work.pages(listing.size):
            self._object(rows, place, selected.sets, (*place.path, selected.key), rows.text)
        return rows

    def _object(self, rows: _Rows, place: Place, sets: Sequence[SelectionSetNode], path: Path, text: _Text) -> None:
        node = place.node
        index = self._work.touch.enter(path, node.name)
        keys = [place.row.reach(each) for each in key_columns(node, place.row)]
        rows.keys[index] = """ || '","' || """.join(keys)
        text.add("{")
        for position, each in enumerate(self._collect(node.name, sets)):
            text.add(f'{"," if position else ""}"{each.key}":')
            inner = (*path, each.key)
            if each.name == "__typename":
                text.add(f'"{node.name}"')
            elif each.name in node.links:
                self._follow(rows, place, (node.links[each.name], each, inner), text)
            else:
                self._value(index, place.row, (node.fields[each.name], inner), text)
        text.add("}")
        self._recorded[index] = Recorded(index, text.quotes, len(keys))

    def _value(self, index: int, row: Row, member: tuple[Field, Path], text: _Text) -> None:
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

    def _follow(self, rows: _Rows, place: Place, member: tuple[Link, Selected, Path], text: _Text) -> None:
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

    def _one(self, rows: _Rows, place: Place, text: _Text) -> None:
        self._work.count_rows(1)
        key = key_columns(place.node, place.row)[0]
        place.row.join(self._connections.source(place), place.row.slot(key))
        written = _Text()
        self._object(rows, place, place.selected.sets, place.path, written)
        text.put(f"case when {place.row.reach(key)} is null then 'null' else {written.sql} end")

    def _list(self, outer: _Rows, place: Place, text: _Text) -> None:
        listing = self._connections.listing(place)
        if listing is None:
            text.add("null")
            return
        rows = self._rows(place, listing)
        alias = f"l{place.row.number}"
        told = ["string_agg(x.t, ',') as t"]
        told += [f"{self._keys(each)} as k{each}, {_number(rows, each)}::int4 as n{each}" for each in rows.recorded]
        select = f"select {', '.join(told)} from ({_select(rows, listing)}) as x"
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
        separator = '","' if self._recorded[index].width == 1 else '"],["'
        return f"string_agg(x.k{index}, '{separator}')"


def _select(rows: _Rows, listing: Listing, more: str = "") -> str:
    """The select of each row's text, keys and numbers, of rows cut before anything is made of them."""
    keys = [f"{key} as k{index}" for index, key in rows.keys.items()]
    lists = [f"{alias}.k{index}, {alias}.n{index}" for index, alias in rows.lists.items()]
    told = ", ".join((f"{rows.text.sql} as t", *keys, *lists))
    limit = listing.paging.limit
    return f"select {told}{more} {rows.row.reached(listing.source, listing.order, limit, rows.joins)}"


def _number(rows: _Rows, index: int) -> str:
    """How many are recorded of several rows."""
    return f"sum(x.n{index})" if index in rows.lists else f"count(x.k{index})"


def _is_plain(field: Field | None) -> bool:
    """Whether PostgreSQL puts a field out as the answer has it; what is not of the node is none."""
    return field is not None and field.scalar is not JSON and (field.scalar.is_text or field.scalar in (INT, BOOLEAN))


def _is_list(selected: Sequence[Selected], beside: Collection[str] = ("__typename",)) -> bool:
    """Whether of a connection nothing is selected but its nodes, once, and what may stand beside them."""
    names = [each.name for each in selected]
    return names.count("nodes") == 1 and set(names) <= {"nodes", *beside}


def _nodes(selected: Sequence[Selected]) -> Selected:
    return next(each for each in selected if each.name == "nodes")


def _type_name(place: Place) -> str:
    return f"{place.node.name}Connection"
