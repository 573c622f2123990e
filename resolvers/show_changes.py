"""Writes the assembler function of `changed`: its lists from the rows that changed and the rows that left."""

from collections.abc import Callable

from resolvers.code import dict_literal
from resolvers.connection import Connections
from resolvers.ids import GlobalId
from resolvers.place import Place
from resolvers.rows import key_literal
from resolvers.selection import Selected
from resolvers.sql import Row
from resolvers.touch import Path
from resolvers.work import Work
from schema.changes import CHANGED

IS_NEW = "(before.shown is null)"
EPOCHS = ("since", "epoch")  # whoever runs an event gives it these


class _Writer:
    def __init__(self, work: Work, compiler: Connections, place: Place, gone: Row) -> None:
        self._work = work
        self._compiler = compiler
        self._place = place
        self._rows = {"rows": place.row, "gone": gone}
        self._keys = {name: compiler.rows.key(place.node, row) for name, row in self._rows.items()}
        self._nodes_shown: list[tuple[str, str]] = []
        self._lines: list[str] = []

    def write(self, size: int) -> str:
        """Adds the function to the assembler and returns its name."""
        place, touch = self._place, self._work.touch
        told = touch.enter(place.path, CHANGED)
        touch.note_plain(told, place.path, f"Subscription.{place.selected.name}")
        is_new = place.row.place(place.row.slot(IS_NEW))
        makers = self._makers(f"row[{is_new}]")
        with self._work.pages(size), self._work.code.body() as below:
            members = {
                each.key: makers[each.name](each, (*place.path, each.key))
                for each in self._work.collector.collect(CHANGED, place.selected.sets)
            }
        lines = [
            f"is_complete = len(rows) <= {size} and len(gone) <= {size}",
            f"rows, gone = rows[:{size}], gone[:{size}]",
            f"keys[{told}].append(())",
            *(f"{name} = [{literal} for {place.row.target} in rows]" for name, literal in self._nodes_shown),
            *self._lines,
            *below,
        ]
        name = self._work.code.name("changed")
        self._work.code.function(name, "rows, gone, keys, computed", [*lines, f"return {dict_literal(members)}"])
        return name

    def _makers(self, is_new: str) -> dict[str, Callable[[Selected, Path], str]]:
        return {
            "__typename": lambda *_: repr(CHANGED),
            "isComplete": lambda *_: "is_complete",
            "nodes": self._nodes,
            "inserted": lambda _, path: self._ids(path, "rows", f" if {is_new}"),
            "updated": lambda _, path: self._ids(path, "rows", f" if not {is_new}"),
            "removed": lambda _, path: self._ids(path, "gone", ""),
            **{name: lambda selected, _: f"computed[{selected.name!r}]" for name in EPOCHS},
        }

    def _nodes(self, selected: Selected, path: Path) -> str:
        place, name = self._place, self._work.code.name("nodes")
        literal, index = self._compiler.rows.literal(place.node, place.row, selected.sets, path, self._compiler)
        self._nodes_shown.append((name, literal))
        self._record(index, "rows", "")
        return name

    def _ids(self, path: Path, rows: str, condition: str) -> str:
        """A list of ids; the rows they stand for are recorded as shown."""
        node, name = self._place.node, self._work.code.name("ids")
        index = self._work.touch.enter(path, node.name)
        self._work.touch.note_plain(index, path, f"{node.name}.id")
        maker = self._work.code.value("id", GlobalId(self._work.seal, node.name))
        self._lines.append(f"{name} = [{maker}({', '.join(self._taken(rows))}) for row in {rows}{condition}]")
        self._record(index, rows, condition)
        return name

    def _record(self, index: int, rows: str, condition: str) -> None:
        self._lines.append(f"keys[{index}] += [{key_literal(self._taken(rows))} for row in {rows}{condition}]")

    def _taken(self, rows: str) -> list[str]:
        return [f"row[{self._rows[rows].place(slot)}]" for slot in self._keys[rows]]


def show_changes(work: Work, compiler: Connections, place: Place, gone: tuple[Row, int]) -> str:
    """The name of the function that shows an event; adds it to the assembler.

    `gone` are the row of what left and how many rows an event has of either at most.
    """
    row, size = gone
    return _Writer(work, compiler, place, row).write(size)
