"""In charge of what the samples come to: medians with their spread, and ratios between targets of one run.

Pure. It knows nothing of how samples came to be and nothing of how figures are shown.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.rounds import Cell, Sample


@dataclass(frozen=True, slots=True)
class Spread:
    """A median and what it lies between."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figures:
    """One question at one target. Processor time is per request, of the server and of all of PostgreSQL."""

    question: str
    connections: int
    target: str
    per_second: Spread
    p50_ms: float
    p99_ms: float
    server_cpu_ms: float
    database_cpu_ms: float
    memory_mb: float
    requests: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """One figure of a target divided by the same of another; the spread is that of the rounds, each taken by itself."""

    question: str
    connections: int
    what: str
    of: str
    to: str
    value: Spread


def figures_of(cell: Cell) -> Figures:
    """The figures of one cell."""
    samples = cell.samples
    requests = sum(sample.hits.requests for sample in samples)
    each = max(requests, 1) / 1000
    return Figures(
        question=cell.question,
        connections=cell.connections,
        target=cell.target,
        per_second=_spread([sample.hits.per_second for sample in samples]),
        p50_ms=median(sample.hits.p50_us for sample in samples) / 1000,
        p99_ms=median(sample.hits.p99_us for sample in samples) / 1000,
        server_cpu_ms=sum(sample.server_cpu_s for sample in samples) / each,
        database_cpu_ms=sum(sample.database_cpu_s for sample in samples) / each,
        memory_mb=max(sample.memory_bytes for sample in samples) / 2**20,
        requests=requests,
    )


def ratios_of(cells: Sequence[Cell], wanted: Iterable[tuple[str, str]]) -> list[Ratio]:
    """Throughput of one target by another's, and at one connection also p99, for every pair that was measured."""
    by_place = {(cell.question, cell.connections, cell.target): cell for cell in cells}
    made: list[Ratio] = []
    for (question, connections, name), cell in by_place.items():
        for of, to in wanted:
            other = by_place.get((question, connections, to))
            if name != of or other is None or not median(map(_throughput, other.samples)):
                continue
            made.append(_ratio("throughput", cell, other, _throughput))
            if connections == 1:
                made.append(_ratio("p99", cell, other, _p99))
    return made


def _throughput(sample: Sample) -> float:
    return sample.hits.per_second


def _p99(sample: Sample) -> float:
    return float(sample.hits.p99_us)


def _ratio(what: str, cell: Cell, other: Cell, figure: Callable[[Sample], float]) -> Ratio:
    of, to = [figure(sample) for sample in cell.samples], [figure(sample) for sample in other.samples]
    rounds = [one / another for one, another in zip(of, to, strict=True) if another]
    spread = Spread(median(of) / median(to), min(rounds, default=0.0), max(rounds, default=0.0))
    return Ratio(cell.question, cell.connections, what, cell.target, other.target, spread)


def _spread(values: Sequence[float]) -> Spread:
    return Spread(median(values), min(values), max(values))
