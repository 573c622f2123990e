"""In charge of what an answer tells of its own making, for those who ask: what it cost, and where the time went.

Nobody else pays for it. It counts only what the answer shows, and adds to the finished body without touching a byte of
what was there.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from resolvers.cost import counted, estimated
from resolvers.plan import Plan


@dataclass(slots=True)
class Stopwatch:
    """Milliseconds by phase, in the order the phases came first; of a question asked anew they add up."""

    elapsed_ms: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.perf_counter)

    def end(self, phase: str) -> None:
        """What has passed since the last phase ended was this one."""
        now = time.perf_counter()
        self.elapsed_ms[phase] = self.elapsed_ms.get(phase, 0.0) + (now - self._since) * 1000
        self._since = now

    def rounded(self) -> Mapping[str, float]:
        """The phases to the microsecond."""
        return {phase: round(elapsed, 3) for phase, elapsed in self.elapsed_ms.items()}


def explained(body: bytes, plan: Plan, limit: int, stopwatch: Stopwatch) -> bytes:
    """The body of an answer with `cost` and `phases` as its last extensions; it has one before."""
    # Numbers stay text: those in JSON values may be of any size, and only objects are counted.
    answer = json.loads(body, parse_float=str, parse_int=str)
    cost = {"estimated": estimated(plan.weights), "actual": counted(plan.weights, answer["data"]), "limit": limit}
    added = orjson.dumps({"cost": cost, "phases": stopwatch.rounded()})
    return body[:-2] + b"," + added[1:] + b"}"


def server_timing(stopwatch: Stopwatch) -> bytes:
    """The phases as the header Server-Timing has them (W3C Server Timing).

    >>> server_timing(Stopwatch({"prepare": 0.05, "record": 1.25}))
    b'prepare;dur=0.05, record;dur=1.25'
    """
    return ", ".join(f"{phase};dur={elapsed:g}" for phase, elapsed in stopwatch.rounded().items()).encode()
