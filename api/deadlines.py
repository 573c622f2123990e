"""In charge of requests that take too long: one timer for all of them, because one each costs more than routing does.

It knows nothing of what a request does; it cancels the task that does it, and can tell afterwards that it was this.
"""

import asyncio
from typing import Protocol


class Cancellable(Protocol):
    """What is under way: a task, or what is answered without one."""

    def cancel(self) -> object:
        """Its time is over."""


class Deadlines:
    """What is under way, all of it with the same time. One per event loop."""

    def __init__(self, limit_s: float, loop: asyncio.AbstractEventLoop, longest_s: float | None = None) -> None:
        self._loop = loop
        self._limit_s = limit_s
        self._longest_s = longest_s or limit_s
        # In the order they began, which is the order they become due.
        self._due: dict[Cancellable, float] = {}
        self._overdue: set[Cancellable] = set()
        self._latest: dict[Cancellable, float] = {}  # of those that went on
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> asyncio.Task[object]:
        """From now on the task that calls this has its time; then it is cancelled."""
        task = asyncio.current_task(self._loop)
        assert task is not None  # whoever is in charge of a request is in a task
        self.add(task)
        return task

    def add(self, under_way: Cancellable) -> None:
        """As begin(), for what is no task."""
        self._due[under_way] = self._loop.time() + self._limit_s
        if self._timer is None:
            self._timer = self._loop.call_later(self._limit_s, self._cancel_overdue)

    def go_on(self, added: Cancellable | None = None) -> None:
        """What was added, or else the task that calls this, has its time anew, for it makes progress.

        Altogether it has no more than the longest.
        """
        under_way = added if added in self._due else asyncio.current_task(self._loop)
        if under_way is None or under_way not in self._due:
            return
        due = self._due.pop(under_way)
        latest = self._latest.setdefault(under_way, due - self._limit_s + self._longest_s)
        # At the end of the order, where the last bit of the longest time may be noticed late, by one limit at most.
        self._due[under_way] = min(self._loop.time() + self._limit_s, latest)

    def end(self, under_way: Cancellable) -> None:
        """It needs no more time. To be called once for every begin() and add()."""
        self._due.pop(under_way, None)
        self._latest.pop(under_way, None)
        self._overdue.discard(under_way)

    def is_overdue(self, task: asyncio.Task[object]) -> bool:
        """Whether the cancellation the task has just met was for taking too long."""
        return task in self._overdue

    def _cancel_overdue(self) -> None:
        self._timer = None
        now = self._loop.time()
        try:
            for under_way, due in list(self._due.items()):
                if due > now:
                    break
                del self._due[under_way]
                self._overdue.add(under_way)
                under_way.cancel()
        finally:  # also where one could not be told: the others are, as soon as the loop goes round
            first_due = next(iter(self._due.values()), None)
            if first_due is not None and self._timer is None:
                self._timer = self._loop.call_later(max(first_due - now, 0), self._cancel_overdue)
