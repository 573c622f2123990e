"""In charge of load: one shot of requests at one server, fired by wrk where it is installed, else by client.py.

It knows nothing of what is asked and nothing of what is compared. Loopback only.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

ROOT = Path(__file__).parents[2]
_SCRIPT = Path(__file__).with_name("load.lua")
_GRACE_S = 60


class LoadError(Exception):
    """The load could not be fired, or what came back was not what a healthy server answers."""


@dataclass(frozen=True, slots=True)
class Call:
    """One kind of request: its head without the length, and what stands before and after the variables in its body."""

    head: str
    prefix: str = ""
    suffix: str = ""
    has_body: bool = True

    def body(self, variables: bytes) -> bytes:
        """The body of one request."""
        return self.prefix.encode() + variables + self.suffix.encode() if self.has_body else b""


@dataclass(frozen=True, slots=True)
class Shot:
    """What to fire: `lines` is a file of call numbers and variables, used from line `skip` on, round and round."""

    port: int
    calls: tuple[Call, ...]
    lines: Path
    skip: int
    connections: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Hits:
    """What came back. Latencies are of single requests."""

    requests: int
    seconds: float
    p50_us: int
    p99_us: int
    errors: int

    @property
    def per_second(self) -> float:
        """The throughput."""
        return self.requests / self.seconds


def has_wrk() -> bool:
    """Whether the Debian package wrk (or another build of it) is there."""
    return shutil.which("wrk") is not None


def fire(shot: Shot, *, with_wrk: bool) -> Hits:
    """Fires for the seconds asked for (wrk: whole seconds, one at least). Raises LoadError."""
    output = _by_wrk(shot) if with_wrk else _by_client(shot)
    return Hits(**orjson.loads(output.splitlines()[-1]))


def _by_client(shot: Shot) -> bytes:
    told = asdict(shot) | {"lines": str(shot.lines)}
    return _run([sys.executable, "-m", "tests.bench.client"], shot.seconds, orjson.dumps(told))


def _by_wrk(shot: Shot) -> bytes:
    calls = shot.lines.with_suffix(".lua")
    calls.write_text(f"return {{{', '.join(map(_table, shot.calls))}}}\n", encoding="utf-8")
    seconds = max(1, round(shot.seconds))
    options = ["-t1", f"-c{shot.connections}", f"-d{seconds}s", "--timeout", f"{_GRACE_S}s", "-s", str(_SCRIPT)]
    arguments = [str(calls), str(shot.lines), str(shot.skip)]
    return _run(["wrk", *options, f"http://127.0.0.1:{shot.port}/", "--", *arguments], seconds, b"")


def _table(call: Call) -> str:
    """A Lua table."""
    members = (_quoted(call.head), _quoted(call.prefix), _quoted(call.suffix), str(call.has_body).lower())
    return f"{{{', '.join(members)}}}"


def _quoted(text: str) -> str:
    """A Lua string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n")
    return f'"{escaped}"'


def _run(command: Sequence[str], seconds: float, told: bytes) -> bytes:
    try:
        finished = subprocess.run(
            command, input=told, capture_output=True, check=True, cwd=ROOT, timeout=seconds + 2 * _GRACE_S
        )
    except subprocess.CalledProcessError as error:
        raise LoadError(f"the client failed: {error.stderr.decode(errors='replace')[-500:]}") from error
    except subprocess.TimeoutExpired as error:
        raise LoadError("a server stopped answering") from error
    return finished.stdout
