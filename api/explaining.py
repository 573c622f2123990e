"""In charge of what an answer tells of its own making, for those who ask: what it cost, and where the time went.

Nobody else pays for it. It counts only what the answer shows, and adds to the finished body without touching a byte of
what was there.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from resolvers.cost import Weight, counted, estimated
from resolvers.pieces import Piece
from resolvers.plan import Plan
from resolvers.portions import Keys, Taker


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
    return _with(body, cost, stopwatch)


def with_explanation(ending: bytes, told: tuple[Plan, int, int], stopwatch: Stopwatch) -> bytes:
    """The end of such a body with the same, where the actual cost was counted: of a plan, the cost, and the limit."""
    plan, actual, limit = told
    return _with(ending, {"estimated": estimated(plan.weights), "actual": actual, "limit": limit}, stopwatch)


def _with(ending: bytes, cost: Mapping[str, int], stopwatch: Stopwatch) -> bytes:
    added = orjson.dumps({"cost": cost, "phases": stopwatch.rounded()})
    return ending[:-2] + b"," + added[1:] + b"}"


class Counting:
    """A taker that counts what the pieces of an answer cost, on their way to another."""

    def __init__(self, taker: Taker, weights: Sequence[Weight]) -> None:
        self._taker = taker
        self._weights = weights
        self._spaces: dict[str, object] = {}
        self._counted = 0

    @property
    def counted(self) -> int:
        """What the data taken so far has cost."""
        return counted(self._weights, self._spaces) + self._counted

    async def take(self, piece: Piece, value: object, keys: Keys) -> None:
        """See Taker."""
        self._count(piece, value)
        await self._taker.take(piece, value, keys)

    async def take_portion(self, piece: Piece, value: Mapping[str, object], keys: Keys) -> None:
        """See Taker."""
        assert piece.pages is not None
        for weight in self._of(piece.path):
            self._counted += counted(weight.inner, {key: value[key] for key in piece.pages.lists})
        await self._taker.take_portion(piece, value, keys)

    async def take_rest(self, piece: Piece, rest: Mapping[str, object], keys: Keys) -> None:
        """See Taker."""
        self._count(piece, rest)
        await self._taker.take_rest(piece, rest, keys)

    def _count(self, piece: Piece, value: object) -> None:
        space: dict[str, object] = self._spaces
        for key in piece.path[:-1]:
            inner = space.setdefault(key, {})
            assert isinstance(inner, dict)
            space = inner
        self._counted += counted(self._of(piece.path), {piece.path[-1]: value})

    def _of(self, path: Sequence[str]) -> Sequence[Weight]:
        """The weight of what stands at a path; none where nothing is weighed."""
        weights = self._weights
        for key in path[:-1]:
            weights = next((weight.inner for weight in weights if weight.key == key), ())
        return [weight for weight in weights if weight.key == path[-1]]


def server_timing(stopwatch: Stopwatch) -> bytes:
    """The phases as the header Server-Timing has them (W3C Server Timing).

    >>> server_timing(Stopwatch({"prepare": 0.05, "record": 1.25}))
    b'prepare;dur=0.05, record;dur=1.25'
    """
    return ", ".join(f"{phase};dur={elapsed:g}" for phase, elapsed in stopwatch.rounded().items()).encode()
