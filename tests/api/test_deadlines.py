"""A request has its time; one that makes progress has it again and again, up to the longest."""

import asyncio
import time

import pytest

from api.deadlines import Deadlines


async def _work(deadlines: Deadlines, steps: int) -> float:
    """How long it takes until the steps are done, or until it is too late."""
    task, started = deadlines.begin(), time.perf_counter()
    try:
        for _ in range(steps):
            await asyncio.sleep(0.05)
            deadlines.go_on()
    except asyncio.CancelledError:
        assert deadlines.is_overdue(task)
        task.uncancel()
    finally:
        deadlines.end(task)
    return time.perf_counter() - started


async def test_progress_gives_a_request_its_time_anew() -> None:
    deadlines = Deadlines(0.2, asyncio.get_running_loop(), 10)

    assert await asyncio.create_task(_work(deadlines, 10)) > 0.45


async def test_progress_counts_up_to_the_longest_time_alone() -> None:
    deadlines = Deadlines(0.2, asyncio.get_running_loop(), 0.4)

    assert await asyncio.create_task(_work(deadlines, 100)) == pytest.approx(0.5, abs=0.15)


async def test_without_a_longest_time_progress_changes_nothing() -> None:
    deadlines = Deadlines(0.2, asyncio.get_running_loop())

    assert await asyncio.create_task(_work(deadlines, 100)) == pytest.approx(0.25, abs=0.1)


async def test_a_task_without_a_deadline_may_tell_of_progress_too() -> None:
    Deadlines(0.2, asyncio.get_running_loop()).go_on()
