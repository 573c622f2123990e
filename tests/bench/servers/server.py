"""In charge of a server under test: started as a process of its own on a free loopback port, watched, stopped.

It knows nothing of what it answers.
"""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench.load import ROOT

_START_TIMEOUT_S = 60
_STOP_TIMEOUT_S = 15


class ServerFailed(Exception):
    """A server did not start; the message has the end of what it said."""


@dataclass(frozen=True, slots=True)
class Program:
    """How a server is run. `{port}` in the command is its port; `path` answers once it is ready."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    path: str = "/"


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs."""

    name: str
    port: int
    pid: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What processes have used so far: processor seconds, and resident memory."""

    cpu_s: float
    memory_bytes: int


@contextmanager
def running(program: Program, folder: Path) -> Iterator[Server]:
    """The server, running while the block lasts; what it says goes to a file in the folder. Raises ServerFailed."""
    port = _free_port()
    said = folder / f"{program.name}.log"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [part.replace("{port}", str(port)) for part in program.command],
            cwd=ROOT,
            env=_environment(program.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        if not _is_ready(process, port, program.path):
            raise ServerFailed(f"{program.name} does not start: {said.read_text(errors='replace')[-1500:]}")
        yield Server(program.name, port, process.pid)
    finally:
        _stop(process)


def uvicorn(application: str, python: str) -> tuple[str, ...]:
    """The command for an ASGI application in one process, set as `yishu serve` sets its own."""
    options = ("--host", "127.0.0.1", "--port", "{port}", "--http", "httptools", "--loop", "uvloop", "--ws", "none")
    quiet = ("--no-access-log", "--no-server-header", "--no-proxy-headers", "--log-level", "warning")
    return (python, "-m", "uvicorn", application, *options, *quiet, "--timeout-keep-alive", "75")


def usage(pid: int) -> Usage:
    """Of a process and all below it, those that have ended included; nothing if it has gone."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        ended = process.cpu_times()
    except psutil.NoSuchProcess:
        return Usage(0.0, 0)
    cpu_s, memory_bytes = ended.children_user + ended.children_system, 0
    for each in family:
        try:
            times = each.cpu_times()
            cpu_s += times.user + times.system
            memory_bytes += each.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return Usage(cpu_s, memory_bytes)


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without settings of the platform that are meant for something else."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YISHU_")}
    return {**kept, **more}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_ready(process: "subprocess.Popen[bytes]", port: int, path: str) -> bool:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            connection.getresponse().read()
            return True
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        finally:
            connection.close()
    return False


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
