"""In charge of the memory that rows take: of all kinds by their names, under the newest state that was met.

Rows of a state before are let go little by little. It knows nothing of how rows are read, and when they are worth it.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

from resolvers.row_kinds import Phase, RowKind, Worth

MOST_BYTES = 768 << 20
_MOST_KINDS = 1_000
_LET_GO_AT_A_TIME = 500


class RowStore:
    """The rows of one worker, of so many bytes at most. Safe to use concurrently."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self._size_bytes = 0
        self._state: Any = None
        self._kinds: OrderedDict[Hashable, RowKind] = OrderedDict()
        self._left_over: list[dict[str, bytes]] = []

    @property
    def number(self) -> int:
        """How many rows are here."""
        return sum(len(kind.rows) for kind in self._kinds.values())

    @property
    def left_over(self) -> int:
        """How many rows of a state before still take memory."""
        return sum(map(len, self._left_over))

    @property
    def size_bytes(self) -> int:
        """How much memory they take, and what is counted to find out which are to be known; about."""
        return self._size_bytes

    def kind(self, name: Hashable, state: Any, worth: Worth) -> RowKind:  # Any: whatever compares
        """The kind of that name under the state, which is greater whenever anything has moved.

        Under one that was left already it is hopeless, and not in the store: a question still under way asks for it.
        """
        if state != self._state:
            if self._state is not None and state < self._state:
                return RowKind(worth, Phase.HOPELESS)
            self._state = state
            self._left_over += [kind.rows for kind in self._kinds.values() if kind.rows]
            self._kinds.clear()
            self._size_bytes = 0
        kind = self._kinds.get(name)
        if kind is None:
            kind = self._kinds[name] = RowKind(worth, worth.first, self._left_over)
            self._size_bytes += kind.size_bytes
            if len(self._kinds) > _MOST_KINDS:
                _, oldest = self._kinds.popitem(last=False)
                self._size_bytes -= oldest.size_bytes
                self._left_over.append(oldest.rows)
        else:
            self._kinds.move_to_end(name)
        return kind

    def let_go(self) -> None:
        """Frees some of what is left over: to free all of it at once would take the time of hundreds of answers."""
        if self._left_over:
            rows = self._left_over[-1]
            for _ in range(min(len(rows), _LET_GO_AT_A_TIME)):
                rows.popitem()
            if not rows:
                self._left_over.pop()

    def has(self, name: Hashable, kind: RowKind) -> bool:
        """Whether it is the kind of that name; else it has been forgotten: the state has moved, or room was needed."""
        return self._kinds.get(name) is kind

    @property
    def is_nearly_full(self) -> bool:
        """Whether what is not asked for yet should not take more."""
        return self._size_bytes > self.most_bytes * 3 // 4

    def weigh(self, name: Hashable, kind: RowKind, before: int) -> None:
        """Counts what the kind takes more than before, and makes room for it, at the cost of the largest kinds."""
        if not self.has(name, kind):
            return
        self._size_bytes += kind.size_bytes - before
        while self._size_bytes > self.most_bytes:
            most, largest = max(self._kinds.items(), key=lambda item: item[1].size_bytes)
            self._size_bytes -= largest.size_bytes
            largest.forget(self._size_bytes + largest.size_bytes - self.most_bytes)
            if largest.rows:
                self._size_bytes += largest.size_bytes
            else:
                del self._kinds[most]
