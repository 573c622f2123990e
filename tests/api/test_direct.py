"""What is answered without a task has its time, its turn and its end like anything else."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import uvloop

from api.config import Settings
from api.deadlines import Deadlines
from api.endpoint import Call, Endpoint
from api.incoming import Incoming
from api.metrics import Metrics
from api.reply import Reply
from api.spool import SpoolSpace
from api.spooled import SpooledAnswer
from resolvers.pieces import Piece
from tests.api.listening import Listening, listening
from tests.api.tiny_service import Soon, TinyService
from tests.api.wire import BODY, LAST, request_of, send

_LATE = json.dumps({"query": "query late { hello }"}).encode()


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Listening]:
    async with listening(Settings(home=tmp_path, request_timeout_s=0.5)) as opened:
        yield opened


async def _until(is_so: Callable[[], bool]) -> None:
    for _ in range(500):
        if is_so():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it is not so")


async def test_what_is_answered_without_a_task_has_its_time_too(served: Listening) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(request_of(_LATE))
    assert b"504 Gateway Timeout" in await reader.readuntil(b"}}")
    assert served.metrics.in_flight == 0
    assert served.service.given_up

    served.service.late.pop()()  # too late: it is told to nobody, and what comes after it is answered
    writer.write(request_of())
    answer = await reader.readuntil(b"}}")
    writer.close()

    assert b"200 OK" in answer
    assert b"hello world" in answer
    assert 'code="TIMEOUT"} 1' in served.metrics.exposition()


async def test_a_client_that_is_gone_is_not_answered_without_a_task_either(served: Listening) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(request_of(_LATE))
    await _until(lambda: bool(served.service.late))
    writer.close()
    await _until(lambda: not served.server.server_state.connections)

    assert (served.service.given_up, served.metrics.in_flight) == (True, 0)
    served.service.late.pop()()

    assert served.metrics.in_flight == 0
    assert 'code="CLIENT_GONE"} 1' in served.metrics.exposition()
    assert b"200 OK" in await send(served.port, request_of(BODY, LAST))


async def test_a_client_that_goes_when_it_is_answered_gives_nothing_up(served: Listening) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    for _ in range(2):
        writer.write(request_of())
        await reader.readuntil(b"}}")
    writer.close()
    await _until(lambda: not served.server.server_state.connections)

    assert (served.service.given_up, served.metrics.in_flight) == (False, 0)
    assert "CLIENT_GONE" not in served.metrics.exposition()


async def test_a_shutdown_waits_for_what_is_answered_without_a_task(served: Listening) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(request_of(_LATE))
    await _until(lambda: bool(served.service.late))
    await served.stop()

    served.service.late.pop()()
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()

    assert b"200 OK" in answer
    assert answer.endswith(b"}}")


async def test_what_comes_behind_a_request_waits_for_its_reply(served: Listening) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(request_of())
    await reader.readuntil(b"}}")
    writer.write(request_of(_LATE))
    await _until(lambda: bool(served.service.late))
    writer.write(request_of())
    await asyncio.sleep(0.05)

    served.service.late.pop()()
    answers = [await asyncio.wait_for(reader.readuntil(b"}}"), 5) for _ in range(2)]
    writer.close()

    assert [b"hello world" in answer for answer in answers] == [True, True]


async def test_what_beginning_to_answer_raises_is_told_as_a_code(tmp_path: Path) -> None:
    async with listening(Settings(home=tmp_path)) as served:
        served.service.failure = ZeroDivisionError("secret inside")

        answer = await send(served.port, request_of(BODY, LAST))

    assert b"500 Internal Server Error" in answer
    assert b"secret" not in answer


async def test_a_spooled_answer_that_comes_too_late_is_closed(tmp_path: Path) -> None:
    told: list[Reply | None] = []

    async def never(_: Incoming) -> Reply:
        raise AssertionError("it is answered without a task")

    deadlines, metrics = Deadlines(1, asyncio.get_running_loop()), Metrics()
    call = Call(Endpoint("/graphql", ("POST",), never, Settings(home=tmp_path), metrics, deadlines), told.append)
    call.begin(Soon(TinyService()))
    space = SpoolSpace(tmp_path, memory_bytes=0)
    spooled = SpooledAnswer(space)
    await spooled.take(Piece(("large",), b'{"large":', range(0), str, None), "x" * 1_000, [])
    assert space.used_bytes > 1_000
    call.cancel()

    call.finish(Reply(200, b"", "application/json", spooled=spooled))

    assert [reply.code for reply in told if reply is not None] == ["TIMEOUT"]
    assert (space.used_bytes, metrics.in_flight) == (0, 0)


async def _cut_off_and_late(home: Path) -> bytes:
    async with listening(Settings(home=home, request_timeout_s=0.3)) as served:
        _, lost = await asyncio.open_connection("127.0.0.1", served.port)
        lost.write(request_of(_LATE))
        await _until(lambda: len(served.service.late) == 1)
        lost.write(request_of() + b"\0garbage\r\n\r\n")
        await asyncio.sleep(0.1)
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(request_of(_LATE))
        answer = await asyncio.wait_for(reader.readuntil(b"}}"), 3)
        assert served.metrics.in_flight == 0
        writer.close()
        lost.close()
        return answer


def test_a_connection_cut_off_keeps_nobody_else_from_being_told(tmp_path: Path) -> None:
    assert b"504 Gateway Timeout" in uvloop.run(_cut_off_and_late(tmp_path))  # on the loop that serves
