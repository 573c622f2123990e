"""The client for where wrk is not installed: keep-alive connections that each ask again as soon as they are answered.

Run as a process of its own with a Shot as JSON on stdin; prints what load.lua prints. It costs about as much processor
time per request as the fastest servers, so compare its figures with each other only.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import orjson
import uvloop

_GRACE_S = 30


class _Answers(asyncio.Protocol):
    """One connection: counts whole answers by their Content-Length (RFC 9112, section 6)."""

    def __init__(self, requests: Iterator[bytes], tally: "_Tally") -> None:
        self._requests = requests
        self._tally = tally
        self._transport: asyncio.WriteTransport | None = None
        self._received = bytearray()
        self._asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's is none by inheritance
        self._ask()

    def _ask(self) -> None:
        assert self._transport is not None
        if self._tally.is_over():
            self._transport.close()
            return
        self._asked_at = time.perf_counter()
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        received = self._received
        received += data
        end = received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(received[:end]).lower()
        length = int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        if len(received) < end + 4 + length:
            return
        received.clear()
        self._tally.count(time.perf_counter() - self._asked_at, is_ok=head.startswith(b"http/1.1 200"))
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._tally.leave()


class _Tally:
    """What all connections of one shot have seen."""

    def __init__(self, connections: int, seconds: float) -> None:
        self._started = time.perf_counter()
        self._ends = self._started + seconds
        self._connections = connections
        self._latencies: list[float] = []
        self._errors = 0
        self._last = self._started
        self.finished = asyncio.Event()

    def is_over(self) -> bool:
        """Whether no more is to be asked."""
        return time.perf_counter() >= self._ends

    def count(self, latency_s: float, *, is_ok: bool) -> None:
        """One answer."""
        self._last = time.perf_counter()
        self._latencies.append(latency_s)
        self._errors += not is_ok

    def leave(self) -> None:
        """A connection has ended; before its time that is an error."""
        self._errors += not self.is_over()
        self._connections -= 1
        if self._connections == 0:
            self.finished.set()

    def summary(self) -> dict[str, object]:
        """As load.lua has it."""
        ordered = sorted(self._latencies) or [0.0]
        return {
            "requests": len(self._latencies),
            "seconds": max(self._last - self._started, 1e-9),
            "p50_us": round(ordered[len(ordered) // 2] * 1e6),
            "p99_us": round(ordered[len(ordered) * 99 // 100] * 1e6),
            "errors": self._errors,
        }


def _requests(shot: dict[str, object], lines: list[bytes]) -> Iterator[bytes]:
    calls: list[dict[str, str]] = shot["calls"]  # type: ignore[assignment]  # JSON of load.Call
    parts = [(call["head"].encode(), call["prefix"].encode(), call["suffix"].encode()) for call in calls]
    at = int(str(shot["skip"]))
    while True:
        number, _, variables = lines[at % len(lines)].partition(b"\t")
        head, prefix, suffix = parts[int(number)]
        body = prefix + variables + suffix
        if calls[int(number)]["has_body"]:
            yield b"%sContent-Length: %d\r\n\r\n%s" % (head, len(body), body)
        else:
            yield head + b"\r\n"
        at += 1


async def _shoot(shot: dict[str, object]) -> dict[str, object]:
    lines = Path(str(shot["lines"])).read_bytes().splitlines()
    connections, seconds = int(str(shot["connections"])), float(str(shot["seconds"]))
    requests = _requests(shot, lines)
    loop = asyncio.get_running_loop()
    tally = _Tally(connections, seconds)
    for _ in range(connections):
        await loop.create_connection(lambda: _Answers(requests, tally), "127.0.0.1", int(str(shot["port"])))
    async with asyncio.timeout(seconds + _GRACE_S):
        await tally.finished.wait()
    return tally.summary()


if __name__ == "__main__":
    sys.stdout.buffer.write(orjson.dumps(uvloop.run(_shoot(orjson.loads(sys.stdin.buffer.read())))) + b"\n")
