"""Writes the assembler function of a connection: nodes, edges, cursors, page info and count from its rows.

Only what the document selects is made; a cursor costs a cipher, so it is made only where it is asked for.
"""

from collections.abc import Callable

from resolvers.code import dict_literal
from resolvers.page import Keyset, Page
from resolvers.place import Place
from resolvers.rows import Links, Rows, key_literal
from resolvers.selection import Selected
from resolvers.sql import position_of
from resolvers.touch import Path
from resolvers.work import Work


class _Writer:
    def __init__(self, work: Work, rows: Rows, links: Links, place: Place, paging: tuple[Page, Keyset]) -> None:
        self._work = work
        self._rows = rows
        self._links = links
        self._place = place
        self._page, self._keyset = paging
        self._lists: list[tuple[str, str]] = []
        self._recorded: list[int] = []
        self._counted: list[int] = []

    def write(self) -> str:
        """Adds the function to the assembler and returns its name."""
        place = self._place
        key = self._rows.key(place.node, place.row)
        members = {each.key: self._member(each) for each in self._selected(place.node.name + "Connection")}
        size = self._page.size
        lines = [f"more = len(rows) > {size}", f"if more: rows = rows[:{size}]"]
        lines += ["rows = rows[::-1]"] if self._page.backward else []
        # One comprehension a list: the loop that costs least in Python.
        lines += [f"{name} = [{expression} for {place.row.target} in rows]" for name, expression in self._lists]
        taken = key_literal([f"row[{position_of(slot)}]" for slot in key])
        lines += [f"keys[{index}] += [{taken} for row in rows]" for index in self._recorded]
        lines += [f"keys[{index}].append(())" for index in self._counted]
        name = self._work.code.name("many")
        self._work.code.function(name, "rows, keys, count", [*lines, f"return {dict_literal(members)}"])
        return name

    def _selected(self, type_name: str) -> tuple[Selected, ...]:
        return self._work.collector.collect(type_name, self._place.selected.sets)

    def _member(self, selected: Selected) -> str:
        node = self._place.node
        path = (*self._place.path, selected.key)
        makers: dict[str, Callable[[], str]] = {
            "__typename": lambda: repr(f"{node.name}Connection"),
            "totalCount": lambda: self._count(path),
            "pageInfo": lambda: self._page_info(selected),
            "nodes": lambda: self._list(self._object(selected, path)),
            "edges": lambda: self._list(self._edge(selected, path)),
        }
        return makers[selected.name]()

    def _count(self, path: Path) -> str:
        """A count is of no row in particular: its key is empty."""
        type_name = f"{self._place.node.name}Connection"
        index = self._work.touch.enter(self._place.path, type_name)
        self._work.touch.note_plain(index, path, f"{type_name}.totalCount")
        self._counted.append(index)
        return "count"

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
                members[each.key] = f"{self._cursor()}({', '.join(self._keyset.slots(self._place.row))})"
            else:
                members[each.key] = repr(type_name)
        return dict_literal(members)

    def _page_info(self, selected: Selected) -> str:
        page = self._page
        expressions = {
            "__typename": "'PageInfo'",
            "hasNextPage": repr("before" in page.cursors) if page.backward else "more",
            "hasPreviousPage": "more" if page.backward else repr("after" in page.cursors),
        }
        members: dict[str, str] = {}
        for each in self._work.collector.collect("PageInfo", selected.sets):
            if each.name in ("startCursor", "endCursor"):
                row = "rows[0]" if each.name == "startCursor" else "rows[-1]"
                values = ", ".join(f"{row}[{position_of(slot)}]" for slot in self._keyset.slots(self._place.row))
                members[each.key] = f"{self._cursor()}({values}) if rows else None"
            else:
                members[each.key] = expressions[each.name]
        return dict_literal(members)

    def _cursor(self) -> str:
        return self._work.code.value("cursor", self._keyset.cursor)


def show_connection(work: Work, rows: Rows, links: Links, place: Place, paging: tuple[Page, Keyset]) -> str:
    """The name of the function that shows a connection's rows; adds it to the assembler."""
    return _Writer(work, rows, links, place, paging).write()
