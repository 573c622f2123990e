"""In charge of the memory that rows take, and lists of their keys: by their names, under the newest state that was met.

What is of a state before is let go little by little. It knows nothing of how rows are read, and when they are worth it.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, TypeVar

from resolvers.listed_keys import ListedKeys
from resolvers.row_kinds import LeftOver, Phase, RowKind, Worth

MOST_BYTES = 768 << 20
_MOST_KINDS = _MOST_LISTS = 1_000
_LET_GO_AT_A_TIME = 500
# What was not asked for while others were so often makes room for what is.
_LONG_AGO = 20_000

Held = RowKind | ListedKeys
HeldKind = TypeVar("HeldKind", RowKind, ListedKeys)


class RowStore:
    """The rows of one worker, of so many bytes at most. Safe to use concurrently."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self._size_bytes = 0
        self._state: Any = None
        self._uses = 0
        self._kinds: OrderedDict[Hashable, RowKind] = OrderedDict()
        self._lists: OrderedDict[Hashable, ListedKeys] = OrderedDict()
        self._left_over: list[LeftOver] = []

    @property
    def number(self) -> int:
        """How many rows are here."""
        return sum(len(kind.rows) for kind in self._kinds.values())

    @property
    def left_over(self) -> int:
        """How many rows of a state before still take memory, or keys of lists."""
        return sum(map(len, self._left_over))

    @property
    def size_bytes(self) -> int:
        """How much memory they take, and what is counted to find out which are to be known; about."""
        return self._size_bytes

    def kind(self, name: Hashable, state: Any, worth: Worth) -> RowKind:  # Any: whatever compares
        """The kind of that name under the state, which is greater whenever anything has moved.

        Under one that was left already it is hopeless, and not in the store: a question still under way asks for it.
        """
        if not self._is_now(state):
            return RowKind(worth, Phase.HOPELESS)
        kind = self._kinds.get(name)
        if kind is None:
            kind = RowKind(worth, worth.first, self._left_over)
            self._add(self._kinds, name, kind, _MOST_KINDS)
        self._use(self._kinds, name, kind)
        return kind

    def listed(self, name: Hashable, state: Any) -> ListedKeys | None:
        """The list of that name under the state, if it is here."""
        keys = self._lists.get(name) if self._is_now(state) else None
        if keys is not None:
            self._use(self._lists, name, keys)
        return keys

    def begin_list(self, name: Hashable, state: Any) -> ListedKeys:
        """A list of which nothing is known yet; under a state that was left already not in the store."""
        keys = ListedKeys(self._left_over)
        if self._is_now(state):
            self._add(self._lists, name, keys, _MOST_LISTS)
        return keys

    def let_go(self) -> None:
        """Frees some of what is left over: to free all of it at once would take the time of hundreds of answers."""
        if self._left_over:
            rows = self._left_over[-1]
            if isinstance(rows, list):
                del rows[-_LET_GO_AT_A_TIME:]
            else:
                for _ in range(min(len(rows), _LET_GO_AT_A_TIME)):
                    rows.popitem()
            if not rows:
                self._left_over.pop()

    def has(self, name: Hashable, held: Held) -> bool:
        """Whether it is here by that name; else it has been forgotten: the state has moved, or room was needed."""
        return self._kinds.get(name) is held or self._lists.get(name) is held

    @property
    def is_nearly_full(self) -> bool:
        """Whether what is not asked for yet should not take more: three quarters are what was asked for of late."""
        of_late = sum(held.size_bytes for held in self._all().values() if not self._is_idle(held))
        return of_late > self.most_bytes * 3 // 4

    def weigh(self, name: Hashable, held: Held, before: int) -> None:
        """Counts what it takes more than before, and makes room for it.

        At the cost of what takes most, of that which was not asked for of late if there is any.
        """
        if not self.has(name, held):
            return
        self._size_bytes += held.size_bytes - before
        while self._size_bytes > self.most_bytes:
            every = self._all()
            most, largest = max(
                every.items(), key=lambda item: (self._is_idle(item[1]) and len(item[1].rows) > 0, item[1].size_bytes)
            )
            self._size_bytes -= largest.size_bytes
            largest.forget(self._size_bytes + largest.size_bytes - self.most_bytes)
            if largest.rows:
                self._size_bytes += largest.size_bytes
            else:
                self._kinds.pop(most, None)
                self._lists.pop(most, None)

    def _all(self) -> dict[Hashable, Held]:
        return {**self._kinds, **self._lists}

    def _is_now(self, state: Any) -> bool:
        """Whether the state is not one that was left already. Under a new one nothing is known."""
        if state != self._state:
            if self._state is not None and state < self._state:
                return False
            self._state = state
            self._left_over += [held.rows for held in self._all().values() if held.rows]
            self._kinds.clear()
            self._lists.clear()
            self._size_bytes = 0
        return True

    def _add(self, held_by_name: OrderedDict[Hashable, HeldKind], name: Hashable, held: HeldKind, most: int) -> None:
        held_by_name[name] = held
        self._size_bytes += held.size_bytes
        if len(held_by_name) > most:
            _, oldest = held_by_name.popitem(last=False)
            self._size_bytes -= oldest.size_bytes
            if oldest.rows:
                self._left_over.append(oldest.rows)

    def _use(self, held_by_name: OrderedDict[Hashable, HeldKind], name: Hashable, held: HeldKind) -> None:
        held_by_name.move_to_end(name)
        self._uses += 1
        held.used = self._uses

    def _is_idle(self, held: Held) -> bool:
        return self._uses - held.used > _LONG_AGO
