"""In charge of an event loop that stays awake for a moment while few questions are under way.

A processor that has nothing to do sleeps, and takes tens of microseconds to wake when something comes: two or three
times in a question that reads and is recorded, a tenth to a fifth of it. So as long as a question that is alone goes
on, and for a moment after it, the loop looks for news again and again instead of waiting to be woken. Other servers
that answer within microseconds do the same: ScyllaDB's reactor looks for 200 µs before it sleeps
(`--idle-poll-time-us`). With more questions under way something always comes, and processors are what is short.

It knows nothing of what comes.
"""

import asyncio
import os
import time

from resolvers.load import Load

_FEW = 1


class Wakeful:
    """Keeps one loop awake. `stay` is what its load tells that something has happened."""

    def __init__(self, load: Load, loop: asyncio.AbstractEventLoop, moment_s: float) -> None:
        """`moment_s` is for how long, after something has happened to a question."""
        self._load = load
        self._loop = loop
        self._moment_s = moment_s
        self._until = 0.0
        self._is_looking = False

    def stay(self) -> None:
        """Something has happened: stays awake for a moment, if few questions are under way."""
        if self._load.under_way <= _FEW:
            self._until = time.perf_counter() + self._moment_s
            if not self._is_looking:
                self._is_looking = True
                self._loop.call_soon(self._look)

    def _look(self) -> None:
        if self._load.under_way <= _FEW and time.perf_counter() < self._until:
            os.sched_yield()  # whoever else waits for this processor goes first
            self._loop.call_soon(self._look)
        else:
            self._is_looking = False


def keep_awake(load: Load, moment_s: float) -> None:
    """Keeps the running loop awake for its load, where there is another processor for who makes what it waits for."""
    if moment_s and len(os.sched_getaffinity(0)) > 1:
        load.stirs = Wakeful(load, asyncio.get_running_loop(), moment_s).stay
