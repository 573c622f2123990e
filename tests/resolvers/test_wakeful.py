"""A loop stays awake for one question, for a moment, and for nobody else: told by the processor time it takes.

Where others want the processors it hands its own on each time it has looked, and is told by that.
"""

import asyncio
import resource
import time
from collections.abc import AsyncIterator, Callable

import pytest

from resolvers.load import Load
from resolvers.wakeful import Wakeful, keep_awake

_MOMENT_S = 0.3
_MANY = 1_000

Kept = Callable[[float], Load]


@pytest.fixture
async def kept() -> AsyncIterator[Kept]:
    """Makes loads that keep the loop awake for so many seconds, until the test is over."""
    loads: list[Load] = []

    def make(moment_s: float) -> Load:
        load = Load()
        load.stirs = Wakeful(load, asyncio.get_running_loop(), moment_s).stay
        loads.append(load)
        return load

    yield make
    for load in loads:
        load.under_way = _MANY
    await asyncio.sleep(0)


async def _share_awake(rest_s: float = _MOMENT_S) -> float:
    """Which part of some time the process was busy while this waits."""
    began, busy = time.perf_counter(), time.process_time()
    await asyncio.sleep(rest_s)
    return (time.process_time() - busy) / (time.perf_counter() - began)


async def _is_awake(rest_s: float) -> bool:
    """Whether the process was busy while this waits, or handed its processor on again and again."""
    handed_on = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
    share = await _share_awake(rest_s)
    return share > 0.2 or resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw - handed_on > 10


async def test_a_question_alone_keeps_the_loop_awake_and_so_does_its_end_for_a_moment(kept: Kept) -> None:
    load = kept(_MOMENT_S)
    load.begin()
    assert await _is_awake(_MOMENT_S / 2)
    load.end()
    assert await _is_awake(_MOMENT_S / 2)


async def test_after_a_moment_it_sleeps_until_something_stirs(kept: Kept) -> None:
    load = kept(_MOMENT_S / 2)
    load.begin()
    await asyncio.sleep(_MOMENT_S)
    assert await _share_awake() < 0.1
    load.stirs()
    assert await _is_awake(_MOMENT_S / 2)


async def test_with_many_under_way_it_sleeps(kept: Kept) -> None:
    load = kept(_MOMENT_S)
    load.under_way = 7
    load.begin()
    assert await _share_awake() < 0.1


async def test_one_more_who_comes_ends_that_it_is_awake(kept: Kept) -> None:
    load = kept(_MOMENT_S)
    load.begin()
    load.begin()
    assert await _share_awake() < 0.1


async def test_what_comes_is_heard_while_it_is_awake(kept: Kept) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(1))
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        kept(10 * _MOMENT_S).begin()
        writer.write(b"x")
        assert await asyncio.wait_for(reader.read(), 2 * _MOMENT_S) == b"x"
        writer.close()
        await writer.wait_closed()


async def test_no_moment_is_no_waking() -> None:
    load = Load()
    keep_awake(load, 0.0)
    load.begin()
    assert await _share_awake() < 0.1
