"""Says which connections the database can write as JSON, by what is selected of them.

It can write what PostgreSQL puts out as the answer has it: texts, integers, booleans, and objects and lists of them.
Sealed ids and the cursors of edges are filled in when it has written.
"""

from collections.abc import Collection, Sequence

from graphql import SelectionSetNode

from resolvers.place import Place
from resolvers.selection import Selected
from resolvers.work import Work
from schema.graph import Field, Node, leads_to_one_at_most
from schema.scalars import BOOLEAN, INT, JSON

_BESIDE_ROOT = ("__typename", "totalCount", "pageInfo")


def can_write(work: Work, place: Place) -> bool:
    """Whether the rows of a connection at the root can be written: its nodes or its edges, shown once and forward."""
    node, collect = place.node, work.collector.collect
    selected = collect(f"{node.name}Connection", place.selected.sets)
    if "last" in work.connection_arguments(node, place.selected):
        return False
    if _is_list(selected, "nodes", _BESIDE_ROOT):
        return _are_writable(work, node, named(selected, "nodes").sets)
    if not _is_list(selected, "edges", _BESIDE_ROOT):
        return False
    edge = collect(f"{node.name}Edge", named(selected, "edges").sets)
    return _is_list(edge, "node", ("__typename", "cursor")) and _are_writable(work, node, named(edge, "node").sets)


def can_write_one(work: Work, place: Place) -> bool:
    """Whether one object at the root can be written whole: with what it links to one of, and without lists."""
    return _are_writable(work, place.node, place.selected.sets, with_lists=False)


def named(selected: Sequence[Selected], name: str) -> Selected:
    """The first that is selected of a field."""
    return next(each for each in selected if each.name == name)


def _are_writable(work: Work, node: Node, sets: Sequence[SelectionSetNode], *, with_lists: bool = True) -> bool:
    """Whether objects can be written: of something, by which they are counted, and no value more than once."""
    selected = work.collector.collect(node.name, sets)
    values = [each.name for each in selected if each.name in node.fields]
    is_single = len(values) == len(set(values))
    return (
        bool(selected) and is_single and all(_is_writable(work, node, each, with_lists=with_lists) for each in selected)
    )


def _is_writable(work: Work, node: Node, selected: Selected, *, with_lists: bool) -> bool:
    link = node.links.get(selected.name)
    if link is None:
        is_own = selected.name == "__typename" or (selected.name == "id" and "id" not in node.fields)
        return is_own or _is_plain(node.fields.get(selected.name))
    target = work.graph.nodes[link.target]
    if not link.many:
        is_one = leads_to_one_at_most(link, target)
        return is_one and _are_writable(work, target, selected.sets, with_lists=with_lists)
    inner = work.collector.collect(f"{target.name}Connection", selected.sets)
    is_backward = "last" in work.connection_arguments(target, selected)
    is_listed = _is_list(inner, "nodes", ("__typename",)) and not is_backward
    return with_lists and is_listed and _are_writable(work, target, named(inner, "nodes").sets)


def _is_plain(field: Field | None) -> bool:
    """Whether PostgreSQL puts a field out as the answer has it; what is not of the node is none."""
    return field is not None and field.scalar is not JSON and (field.scalar.is_text or field.scalar in (INT, BOOLEAN))


def _is_list(selected: Sequence[Selected], name: str, beside: Collection[str]) -> bool:
    """Whether one field is selected once, and nothing else but what may stand beside it."""
    names = [each.name for each in selected]
    return names.count(name) == 1 and set(names) <= {name, *beside}
