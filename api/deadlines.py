"""In charge of requests that take too long: one timer for all of them, because one each costs more than routing does.

It knows nothing of what a request does; it cancels the task that does it, and can tell afterwards that it was this.
"""

import asyncio


class Deadlines:
    """The tasks under way, all with the same time. One per event loop."""

    def __init__(self, limit_s: float, loop: asyncio.AbstractEventLoop, longest_s: float | None = None) -> None:
        self._loop = loop
        self._limit_s = limit_s
        self._longest_s = longest_s or limit_s
        # In the order they began, which is the order they become due.
        self._due_by_task: dict[asyncio.Task[object], float] = {}
        self._overdue: set[asyncio.Task[object]] = set()
        self._latest_by_task: dict[asyncio.Task[object], float] = {}  # of those that went on
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> asyncio.Task[object]:
        """From now on the task that calls this has its time; then it is cancelled."""
        task = asyncio.current_task(self._loop)
        assert task is not None  # whoever is in charge of a request is in a task
        self._due_by_task[task] = self._loop.time() + self._limit_s
        if self._timer is None:
            self._timer = self._loop.call_later(self._limit_s, self._cancel_overdue)
        return task

    def go_on(self) -> None:
        """The task that calls this has its time anew, for it makes progress; altogether no more than the longest."""
        task = asyncio.current_task(self._loop)
        if task is None or task not in self._due_by_task:
            return
        due = self._due_by_task.pop(task)
        latest = self._latest_by_task.setdefault(task, due - self._limit_s + self._longest_s)
        # At the end of the order, where the last bit of the longest time may be noticed late, by one limit at most.
        self._due_by_task[task] = min(self._loop.time() + self._limit_s, latest)

    def end(self, task: asyncio.Task[object]) -> None:
        """The task needs no more time. To be called once for every begin()."""
        self._due_by_task.pop(task, None)
        self._latest_by_task.pop(task, None)
        self._overdue.discard(task)

    def is_overdue(self, task: asyncio.Task[object]) -> bool:
        """Whether the cancellation the task has just met was for taking too long."""
        return task in self._overdue

    def _cancel_overdue(self) -> None:
        self._timer = None
        now = self._loop.time()
        for task, due in list(self._due_by_task.items()):
            if due > now:
                self._timer = self._loop.call_later(due - now, self._cancel_overdue)
                return
            del self._due_by_task[task]
            self._overdue.add(task)
            task.cancel()
