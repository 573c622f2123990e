"""Writes the assembler function of a connection: nodes, edges, cursors, page info and count from its rows.

Only what the document selects is made; a cursor costs a cipher, so it is made only where it is asked for.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from resolvers.beside import COUNT, ESTIMATE, OUTSIDE, Paging, count_mode
from resolvers.code import dict_literal
from resolvers.place import Place
from resolvers.rows import Links, Rows, key_literal
from resolvers.selection import Selected
from resolvers.touch import Path
from resolvers.work import Work
from schema.paging import PLANNED


class _Writer(ABC):
    """What is told of a page, however its nodes are made."""

    def __init__(self, work: Work, place: Place, paging: Paging) -> None:
        self._work = work
        self._place = place
        self._paging = paging
        self._page, self._keyset = paging.page, paging.keyset
        self._counted: list[int] = []

    def _selected(self, type_name: str) -> tuple[Selected, ...]:
        return self._work.collector.collect(type_name, self._place.selected.sets)

    def _members(self) -> dict[str, str]:
        return {each.key: self._member(each) for each in self._selected(f"{self._place.node.name}Connection")}

    def _member(self, selected: Selected) -> str:
        path = (*self._place.path, selected.key)
        makers: dict[str, Callable[[], str]] = {
            "__typename": lambda: repr(f"{self._place.node.name}Connection"),
            "totalCount": lambda: self._count(selected, path),
            "pageInfo": lambda: self._page_info(selected),
            "nodes": lambda: self._nodes(selected, path),
            "edges": lambda: self._edges(selected, path),
        }
        return makers[selected.name]()

    @abstractmethod
    def _nodes(self, selected: Selected, path: Path) -> str:
        """The expression of the list of nodes."""

    @abstractmethod
    def _edges(self, selected: Selected, path: Path) -> str:
        """The expression of the list of edges."""

    def _count(self, selected: Selected, path: Path) -> str:
        """A count is of no row in particular: its key is empty."""
        type_name = f"{self._place.node.name}Connection"
        index = self._work.touch.enter(self._place.path, type_name)
        self._work.touch.note_plain(index, path, f"{type_name}.totalCount")
        self._counted.append(index)
        is_planned = count_mode(self._work, selected) == PLANNED and self._paging.has(ESTIMATE)
        return ESTIMATE if is_planned else COUNT

    def _page_info(self, selected: Selected) -> str:
        is_backward = self._page.backward
        outside = f"{OUTSIDE} is not None" if self._paging.has(OUTSIDE) else "False"
        expressions = {
            "__typename": "'PageInfo'",
            "hasNextPage": outside if is_backward else "more",
            "hasPreviousPage": "more" if is_backward else outside,
        }
        members: dict[str, str] = {}
        for each in self._work.collector.collect("PageInfo", selected.sets):
            if each.name in ("startCursor", "endCursor"):
                row = "rows[0]" if each.name == "startCursor" else "rows[-1]"
                values = ", ".join(f"{row}[{self._place.row.place(slot)}]" for slot in self._slots())
                members[each.key] = f"{self._cursor()}({values}) if rows else None"
            else:
                members[each.key] = expressions[each.name]
        return dict_literal(members)

    def _slots(self) -> list[str]:
        return self._keyset.slots(self._place.row, self._paging.parameters)

    def _cursor(self) -> str:
        return self._work.code.value("cursor", self._keyset.cursor)

    def _function(self, lines: Sequence[str], members: Mapping[str, str]) -> str:
        name = self._work.code.name("many")
        told = "".join(f", {each.name}" for each in self._paging.beside)
        counted = [f"keys[{index}].append(())" for index in self._counted]
        self._work.code.function(name, f"rows, keys{told}", [*lines, *counted, f"return {dict_literal(members)}"])
        return name


class _RowsWriter(_Writer):
    """Makes nodes and edges of rows."""

    def __init__(self, work: Work, rows: Rows, links: Links, place: Place, paging: Paging) -> None:
        super().__init__(work, place, paging)
        self._rows = rows
        self._links = links
        self._lists: list[tuple[str, str]] = []
        self._recorded: list[int] = []

    def write(self) -> str:
        """Adds the function to the assembler and returns its name."""
        place = self._place
        self._rows.key(place.node, place.row)  # every slot is there before a row is unpacked
        with self._work.code.body() as below:
            members = self._members()
        size = self._page.size
        lines = [f"more = len(rows) > {size}", f"if more: rows = rows[:{size}]"] if self._paging.reads_beyond else []
        lines += ["rows = rows[::-1]"] if self._page.backward else []
        # One comprehension a list: the loop that costs least in Python.
        lines += [f"{name} = [{expression} for {place.row.target} in rows]" for name, expression in self._lists]
        lines += [self._recording(index) for index in self._recorded] + below
        return self._function(lines, members)

    def inline(self) -> str:
        """The expression of a connection that selects only its nodes, over the list in which its rows stand."""
        row = self._place.row
        self._rows.key(self._place.node, row)
        members = self._members()
        listed = {name: f"[{expression} for {row.target} in {row.stands}]" for name, expression in self._lists}
        for index in self._recorded:
            self._work.code.add(self._recording(index))
        return dict_literal({key: listed.get(member, member) for key, member in members.items()})

    def _recording(self, index: int) -> str:
        row = self._place.row
        slots = self._rows.key(self._place.node, row)
        return f"keys[{index}] += [{key_literal([f'{row.name}[{row.place(slot)}]' for slot in slots])} {row.each}]"

    def _nodes(self, selected: Selected, path: Path) -> str:
        return self._list(self._object(selected, path))

    def _edges(self, selected: Selected, path: Path) -> str:
        return self._list(self._edge(selected, path))

    def _list(self, expression: str) -> str:
        name = self._work.code.name("list")
        self._lists.append((name, expression))
        return name

    def _object(self, selected: Selected, path: tuple[str, ...]) -> str:
        literal, index = self._rows.literal(self._place.node, self._place.row, selected.sets, path, self._links)
        self._recorded.append(index)
        return literal

    def _edge(self, selected: Selected, path: tuple[str, ...]) -> str:
        type_name = f"{self._place.node.name}Edge"
        members: dict[str, str] = {}
        for each in self._work.collector.collect(type_name, selected.sets):
            if each.name == "node":
                members[each.key] = self._object(each, (*path, each.key))
            elif each.name == "cursor":
                members[each.key] = f"{self._cursor()}({', '.join(self._slots())})"
            else:
                members[each.key] = repr(type_name)
        return dict_literal(members)


class _WrittenWriter(_Writer):
    """Takes the nodes, or the edges, as they were written."""

    def __init__(self, work: Work, place: Place, paging: Paging, write: Callable[[], str]) -> None:
        super().__init__(work, place, paging)
        self._write = write
        self._reader = ""

    def write(self) -> str:
        """Adds the function to the assembler and returns its name."""
        members = self._members()
        return self._function([f"listed, more, rows = {self._reader}(rows[0], keys)"], members)

    def _nodes(self, selected: Selected, path: Path) -> str:
        self._reader = self._write()
        return "listed"

    def _edges(self, selected: Selected, path: Path) -> str:
        return self._nodes(selected, path)


def show_connection(work: Work, rows: Rows, links: Links, place: Place, paging: Paging) -> str:
    """The name of the function that shows a connection's rows, which is added to the assembler.

    Of rows that stand within another row it is the expression that shows them, without a call for each.
    """
    writer = _RowsWriter(work, rows, links, place, paging)
    return writer.inline() if place.row.stands else writer.write()


def show_written(work: Work, place: Place, paging: Paging, write: Callable[[], str]) -> str:
    """The name of the function that shows a connection whose nodes the database writes.

    `write` has them compiled, where their turn comes, and gives the name of what reads them.
    """
    return _WrittenWriter(work, place, paging, write).write()
