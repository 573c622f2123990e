"""A server as its operator runs it: a process of its own, found by the address it prints."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

_ADDRESS = re.compile(r"serving (http://\S+)/graphql")
_START_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A running `yishu serve` or `yishu demo`."""

    process: Process
    url: str

    async def end(self, number: int = signal.SIGTERM, *, with_workers: bool = False) -> int:
        """Its exit status after this signal, sent to it alone or to its workers too."""
        if with_workers:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        return await self.process.wait()

    async def printed(self) -> str:
        """What it has written to stdout by its end."""
        assert self.process.stdout is not None
        return (await self.process.stdout.read()).decode()


@asynccontextmanager
async def serving(settings: Mapping[str, str], *arguments: str, command: str = "serve") -> AsyncIterator[ServerProcess]:
    """A server with these settings, once it has said its address; killed at the end if it is still there."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("YISHU_")}
    started = (sys.executable, "-m", "api.cli", command, "--port", "0", *arguments)
    process = await asyncio.create_subprocess_exec(
        *started, env={**environment, **settings}, stdout=PIPE, stderr=PIPE, start_new_session=True
    )
    try:
        yield ServerProcess(process, await asyncio.wait_for(_address(process), _START_TIMEOUT_S))
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.communicate()


async def _address(process: Process) -> str:
    assert process.stderr is not None
    said = ""
    while line := (await process.stderr.readline()).decode():
        said += line
        if found := _ADDRESS.search(line):
            return found[1]
    raise AssertionError(f"the server did not start: {said}")
