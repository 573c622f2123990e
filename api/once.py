"""In charge of making a thing once for all who ask for it while it is being made. It knows nothing of what is made."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(slots=True)
class _Shared(Generic[Value]):
    """A thing being made, and how many wait for it."""

    task: asyncio.Task[Value]
    waiting: int = 0


@dataclass(slots=True)
class Once(Generic[Key, Value]):
    """What is being made, by key. Nothing made is kept, and nothing goes on that nobody waits for."""

    _making: dict[Key, _Shared[Value]] = field(default_factory=dict)

    async def make(self, key: Key, make: Callable[[], Coroutine[None, None, Value]]) -> Value:
        """What `make` gives; who asks for the same while it is being made waits for the same.

        It is given up when the last who waits for it is cancelled.
        """
        shared = self._making.get(key)
        if shared is None:
            shared = self._making[key] = _Shared(asyncio.create_task(make()))
            shared.task.add_done_callback(lambda task: self._forget(key, task))
        shared.waiting += 1
        try:
            return await asyncio.shield(shared.task)
        finally:
            shared.waiting -= 1
            if shared.waiting == 0 and not shared.task.done():
                self._forget(key, shared.task)
                shared.task.cancel()

    def _forget(self, key: Key, task: asyncio.Task[Value]) -> None:
        shared = self._making.get(key)
        if shared is not None and shared.task is task:
            del self._making[key]
