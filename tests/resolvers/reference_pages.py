"""In charge of ordering and paging in plain Python, with cursors that say which row they are."""

import functools
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.resolvers.reference_filter import Follow
from tests.resolvers.reference_rows import Row

_CURSOR = "ref:"
DEFAULT_PAGE = 20
# Stands for what a planner may expect: any count.
ESTIMATE = -2_071_423_517
PHANTOM_PAGE: Mapping[str, object] = {
    "hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """A total order of a node's rows: what was asked for, then the key, or a digest of it where that is hidden.

    A term is the links to follow, the name of a field, and a direction.
    """

    terms: tuple[tuple[tuple[str, ...], str, str], ...]
    hidden_by: str | None
    follow: Follow

    def compare(self, one: Row, other: Row) -> int:
        """Negative, zero or positive, as one comes before, with or after the other."""
        for links, name, direction in self.terms:
            found = compare_values(self._value(one, links, name), self._value(other, links, name), direction)
            if found:
                return found
        return _compare_keys(one, other) if self.hidden_by is None else _compare_digests(one, other, self.hidden_by)

    def _value(self, row: Row | None, links: tuple[str, ...], name: str) -> object:
        for link in links:
            found = self.follow(row, row.node.links[link]) if row else []
            row = found[0] if found else None
        return row.values[name] if row else None

    def sorted(self, rows: Iterable[Row]) -> list[Row]:
        """The rows in this order."""
        return sorted(rows, key=functools.cmp_to_key(self.compare))


def order_of(order_by: object, hidden_by: str | None, follow: Follow) -> Order:
    """The order that an `orderBy` argument asks for; `hidden_by` is the secret that hides the key, if it is hidden."""
    assert order_by is None or isinstance(order_by, list)
    return Order(tuple(term for each in order_by or [] for term in _terms(each, ())), hidden_by, follow)


def _terms(order: Mapping[str, object], links: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    for name, value in order.items():
        if isinstance(value, Mapping):
            yield from _terms(value, (*links, name))
        else:
            yield links, name, str(value)


def _compare_digests(one: Row, other: Row, secret: str) -> int:
    if one.node.order_column is not None:
        return compare_values(one.order, other.order, "ASC")
    here, there = (_digest(row, secret) for row in (one, other))
    return int(here > there) - int(here < there)


def _digest(row: Row, secret: str) -> bytes:
    parts = row.key if len(row.key) == 1 else [f"{len(part)}:{part}" for part in row.key]
    return hashlib.sha256((secret + "".join(parts)).encode()).digest()


def _compare_keys(one: Row, other: Row) -> int:
    for here, there in zip(one.key_values, other.key_values, strict=True):
        found = compare_values(here, there, "ASC")
        if found:
            return found
    return 0


def compare_values(one: object, other: object, direction: str) -> int:
    """Negative, zero or positive, as one comes before, with or after the other."""
    if one is None or other is None:
        if one is other:
            return 0
        nulls_first = direction in ("DESC", "ASC_NULLS_FIRST")
        return -1 if (one is None) is nulls_first else 1
    found = int(one > other) - int(one < other)  # type: ignore[operator]  # values of one column
    return -found if direction.startswith("DESC") else found


def cursor_of(row: Row) -> str:
    """The reference's cursor: the key itself."""
    return _CURSOR + json.dumps([row.node.name, *row.key])


def is_token(value: object) -> bool:
    """Whether a value of the reference's answer stands for a sealed one."""
    return isinstance(value, str) and value.startswith(_CURSOR)


def page_of(
    order: Order, rows: Iterable[Row], cursors: tuple[Row | None, Row | None], arguments: Mapping[str, object]
) -> tuple[list[Row], Mapping[str, object]]:
    """The page that the arguments ask for, between the rows of the cursors, and its page info."""
    after, before = cursors
    ordered = order.sorted(rows)
    shown = [
        row
        for row in ordered
        if (after is None or order.compare(row, after) > 0) and (before is None or order.compare(row, before) < 0)
    ]
    first, last = arguments.get("first"), arguments.get("last")
    size = first if isinstance(first, int) else last if isinstance(last, int) else DEFAULT_PAGE
    is_backward = isinstance(last, int)
    page = shown[max(len(shown) - size, 0) :] if is_backward else shown[:size]
    more = len(shown) > size
    return page, {
        "hasNextPage": _is_any(order, ordered, before, 1) if is_backward else more,
        "hasPreviousPage": more if is_backward else _is_any(order, ordered, after, -1),
        "startCursor": cursor_of(page[0]) if page else None,
        "endCursor": cursor_of(page[-1]) if page else None,
    }


def _is_any(order: Order, rows: Iterable[Row], cursor: Row | None, side: int) -> bool:
    """Whether any row is where the cursor's is, or on that side of it."""
    return cursor is not None and any(order.compare(row, cursor) * side >= 0 for row in rows)
