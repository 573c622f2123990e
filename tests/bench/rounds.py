"""In charge of the order of measuring: every question to every target in turn, round after round, each shot bounded.

It knows nothing of how figures are compared.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.load import Hits, LoadError, Shot, fire
from tests.bench.questions import Question
from tests.bench.servers.server import Server, usage
from tests.bench.targets import Target


@dataclass(frozen=True, slots=True)
class Pace:
    """How long and how often."""

    seconds: float
    rounds: int
    warm_up_s: float
    with_wrk: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """One shot's figures: what came back, and what the server and the database used meanwhile."""

    hits: Hits
    server_cpu_s: float
    database_cpu_s: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Cell:
    """The samples of one question at one target, one for each round."""

    question: str
    connections: int
    target: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """The servers that run, and the process above the database's, if it is on this machine."""

    server_by_name: Mapping[str, Server]
    postmaster: int | None


class Rounds:
    """Fires, and remembers how far each target has come in each question's variables, so that none comes twice."""

    def __init__(self, servers: Range, pace: Pace, told: Callable[[str], None]) -> None:
        self._servers = servers
        self._pace = pace
        self._told = told
        self.used: dict[tuple[str, str], int] = {}

    def measure(self, question: Question, targets: Sequence[Target], lines: Path, connections: int) -> list[Cell]:
        """A cell for each target; their shots interleave: A B C, A B C, …"""
        self._told(f"{question.name} over {connections}: {', '.join(target.name for target in targets)}")
        samples: dict[str, list[Sample]] = {target.name: [] for target in targets}
        for target in targets:
            if self._pace.warm_up_s and (question.name, target.name) not in self.used:
                self._fire(question, target, lines, (connections, self._pace.warm_up_s))
        for _ in range(self._pace.rounds):
            for target in targets:
                samples[target.name].append(self._fire(question, target, lines, (connections, self._pace.seconds)))
        return [Cell(question.name, connections, name, tuple(each)) for name, each in samples.items()]

    def _fire(self, question: Question, target: Target, lines: Path, size: tuple[int, float]) -> Sample:
        connections, seconds = min(size[0], target.connections[1]), size[1] * target.patience
        server = self._servers.server_by_name[target.server]
        used = self.used.get((question.name, target.name), 0)
        shot = Shot(server.port, target.calls[question.name], lines, used, connections, seconds)
        server_before, database_before = usage(server.pid), self._database_cpu_s()
        hits = fire(shot, with_wrk=self._pace.with_wrk)
        if hits.errors:
            raise LoadError(f"{question.name}: {target.name} gave {hits.errors} errors, {hits.requests} answers")
        server_after, database_after = usage(server.pid), self._database_cpu_s()
        self.used[question.name, target.name] = used + hits.requests + connections
        return Sample(
            hits,
            server_after.cpu_s - server_before.cpu_s,
            database_after - database_before,
            server_after.memory_bytes,
        )

    def _database_cpu_s(self) -> float:
        return 0.0 if self._servers.postmaster is None else usage(self._servers.postmaster).cpu_s
