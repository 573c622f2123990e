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


class _Late:
    """What is answered without a task, and cannot be told if it is broken."""

    def __init__(self, *, is_broken: bool) -> None:
        self.is_broken = is_broken
        self.is_over = asyncio.Event()

    def cancel(self) -> None:
        self.is_over.set()
        if self.is_broken:
            raise RuntimeError("the handler is closed")


async def test_one_that_cannot_be_told_keeps_no_other_from_it() -> None:
    deadlines = Deadlines(0.1, asyncio.get_running_loop())
    late = [_Late(is_broken=is_broken) for is_broken in (True, False, True, False)]
    errors: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context["exception"]))

    for each in late:
        deadlines.add(each)
    async with asyncio.timeout(2):
        await asyncio.gather(*(each.is_over.wait() for each in late))

    assert [type(error) for error in errors] == [RuntimeError, RuntimeError]


async def test_progress_in_another_task_counts_for_what_was_added() -> None:
    deadlines, late = Deadlines(0.2, asyncio.get_running_loop(), 10), _Late(is_broken=False)
    deadlines.add(late)

    for _ in range(8):
        await asyncio.sleep(0.05)
        deadlines.go_on(late)
    assert not late.is_over.is_set()
    await asyncio.wait_for(late.is_over.wait(), 1)
