"""Compiles a large operation's answer into pieces that are made, and let go, one after the other.

A piece is one root field; a connection at the root is read and shown in portions of its rows. All pieces in order, with
the texts between them, are to the byte what the plan's assembler gives as a whole.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from resolvers.page import page_of
from resolvers.place import Place
from resolvers.touch import Path
from resolvers.work import Work
from schema.figures import CONNECTION

_LISTS = ("nodes", "edges")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field of the root or of a space: its path, its expression, its statements, and the rows it may read."""

    path: Path
    expression: str
    statements: range
    rows: int


@dataclass(frozen=True, slots=True)
class Pages:
    """How a connection is shown in portions of `rows` rows, of `size` altogether.

    `members` are its response keys, of which `lists` grow with each portion and `infos` are page infos, each with its
    own response keys and their fields. What is recorded at `counted` is of all rows together.
    """

    rows: int
    size: int
    backward: bool
    members: tuple[str, ...]
    lists: frozenset[str]
    infos: Mapping[str, Mapping[str, str]]
    counted: tuple[int, ...]

    def rest(self, first: Mapping[str, object], last: Mapping[str, object], *, has_more: bool) -> Mapping[str, object]:
        """The members that are no lists, from those of the portion read first and of the one read last."""
        shown = {key: value for key, value in last.items() if key not in self.lists}
        for key, fields in self.infos.items():
            shown[key] = self._info(fields, (first[key], last[key]), has_more=has_more)
        return shown

    def _info(self, fields: Mapping[str, str], told: tuple[object, object], *, has_more: bool) -> Mapping[str, object]:
        first, last = told
        assert isinstance(first, dict)
        assert isinstance(last, dict)
        # Backward pages are read from their end.
        of_first, of_all = ("endCursor", "hasPreviousPage") if self.backward else ("startCursor", "hasNextPage")
        return {
            key: has_more if name == of_all else (first if name == of_first else last)[key]
            for key, name in fields.items()
        }


@dataclass(frozen=True, slots=True)
class Piece:
    """One field of the answer: the JSON before it, its statements, its function, and its pages if it has portions.

    Of a connection the first statement reads the rows. `show(results, keys, computed)` is as the plan's assembler.
    """

    path: Path
    before: bytes
    statements: range
    show: Callable[..., object]
    pages: Pages | None


@dataclass(frozen=True, slots=True)
class Pieces:
    """The answer's data: its pieces, and the JSON after the last."""

    pieces: tuple[Piece, ...]
    after: bytes


def add_functions(work: Work, leaves: Sequence[Leaf]) -> list[str]:
    """Adds a function for each field to the assembler; their names."""
    names = [work.code.name("piece") for _ in leaves]
    for name, leaf in zip(names, leaves, strict=True):
        work.code.function(name, "results, keys, computed", [f"return {leaf.expression}"])
    return names


def make_pieces(
    work: Work, leaves: Sequence[Leaf], functions: Sequence[Callable[..., object]], connections: Mapping[Path, Place]
) -> Pieces:
    """The pieces of an answer with these fields, in their order, shown by these functions."""
    made: list[Piece] = []
    within: Path = ()
    for leaf, function in zip(leaves, functions, strict=True):
        place = connections.get(leaf.path)
        is_paged = place is not None and leaf.rows > work.touch.limits.portion_rows
        pages = _pages(work, place, leaf) if place is not None and is_paged else None
        before = _between(within, leaf.path, is_first=not made)
        made.append(Piece(leaf.path, before, leaf.statements, function, pages))
        within = leaf.path[:-1]
    return Pieces(tuple(made), b"}" * (len(within) + 1))


def _between(within: Path, path: Path, *, is_first: bool) -> bytes:
    """The JSON from the end of a member of one object to the value of a member of another."""
    outer = path[:-1]
    common = 0
    while common < min(len(within), len(outer)) and within[common] == outer[common]:
        common += 1
    opened = b"".join(orjson.dumps(key) + b":{" for key in outer[common:])
    parted = b"{" if is_first else b"}" * (len(within) - common) + b","
    return b"".join((parted, opened, orjson.dumps(path[-1]), b":"))


def _pages(work: Work, place: Place, leaf: Leaf) -> Pages:
    page = page_of(work.connection_arguments(place.node, place.selected))
    type_name = f"{place.node.name}{CONNECTION}"
    selected = work.collector.collect(type_name, place.selected.sets)
    rows_below = max(leaf.rows // max(page.size, 1), 1)
    return Pages(
        rows=max(work.touch.limits.portion_rows // rows_below, 1),
        size=page.size,
        backward=page.backward,
        members=tuple(each.key for each in selected),
        lists=frozenset(each.key for each in selected if each.name in _LISTS),
        infos={
            each.key: {inner.key: inner.name for inner in work.collector.collect("PageInfo", each.sets)}
            for each in selected
            if each.name == "pageInfo"
        },
        counted=tuple(
            index
            for index, node in enumerate(work.touch.nodes)
            if node.path == leaf.path and node.type_name == type_name
        ),
    )
