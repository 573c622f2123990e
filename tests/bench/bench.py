"""In charge of one run: servers up, agreement, rounds, figures. It knows nothing of the command line."""

import os
import platform
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.answers import check_agreement
from tests.bench.disk import Flush, time_flush
from tests.bench.figures import figures_of, ratios_of
from tests.bench.questions import QUESTIONS, County, Question, write_lines
from tests.bench.report import Run
from tests.bench.rounds import Cell, Pace, Range, Rounds
from tests.bench.servers.server import Server, running
from tests.bench.site import Site
from tests.bench.targets import Lineup, Target, line_up

_RATIOS = (
    ("yishu", "floor"),
    ("yishu", "framework"),
    ("yishu", "postgraphile"),
    ("yishu", "naive"),
    ("yishu", "live"),
    ("yishu", "empty"),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be measured."""

    targets: tuple[str, ...]
    questions: tuple[str, ...]
    connections: tuple[int, ...]
    pace: Pace


def run(site: Site, county: County, wish: Wish, told: Callable[[str], None]) -> Run:
    """The figures. Raises Disagreement, LoadError or ServerFailed; the servers are stopped in every case."""
    lineup = line_up(site, wish.targets)
    for line in lineup.missing:
        told(line)
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="yishu-bench-")))
        servers = held.enter_context(_running(lineup, folder))
        questions = [each for each in QUESTIONS if each.name in wish.questions]
        lines = {each.name: write_lines(each, county, folder) for each in questions}
        notes = list(lineup.missing)
        for question in questions:
            _agree(question, lineup, servers, lines[question.name])
        rounds = Rounds(Range(servers, site.postmaster), wish.pace, told)
        before = time_flush(site.folder)
        cells = _measure(rounds, questions, lineup, (lines, wish.connections))
        notes += _repeated(rounds, lines)
        notes.append(_flushes(before, time_flush(site.folder)))
    return Run(
        machine=f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        setting=_setting(len(county.seats), wish.pace),
        figures=tuple(map(figures_of, cells)),
        ratios=tuple(ratios_of(cells, _RATIOS)),
        notes=tuple(notes),
    )


@contextmanager
def _running(lineup: Lineup, folder: Path) -> Iterator[dict[str, Server]]:
    with ExitStack() as held:
        yield {program.name: held.enter_context(running(program, folder)) for program in lineup.programs}


def _agree(question: Question, lineup: Lineup, servers: dict[str, Server], lines: Path) -> None:
    targets = [target for target in lineup.targets if target.calls.get(question.name) and target.is_checked]
    check_agreement(question.name, lines, targets, servers)


def _measure(
    rounds: Rounds, questions: Sequence[Question], lineup: Lineup, over: tuple[dict[str, Path], tuple[int, ...]]
) -> list[Cell]:
    cells: list[Cell] = []
    lines, wished = over
    for connections in wished:
        for question in questions:
            targets = [target for target in lineup.targets if _is_asked(target, question, connections)]
            if targets and connections in question.connections:
                cells += rounds.measure(question, targets, lines[question.name], connections)
    return cells


def _is_asked(target: Target, question: Question, connections: int) -> bool:
    return bool(target.calls.get(question.name)) and connections >= target.connections[0]


def _repeated(rounds: Rounds, lines: dict[str, Path]) -> list[str]:
    """A line for each question whose variables came round again, unless it is meant to repeat itself."""
    made: list[str] = []
    for name, path in lines.items():
        there = path.read_bytes().count(b"\n")
        most = max((used for (question, _), used in rounds.used.items() if question == name), default=0)
        if 1 < there < most:
            made.append(f"{name}: {there} different variables for up to {most} requests: some answers were seen before")
    return made


def _flushes(before: Flush, after: Flush) -> str:
    told = [f"{each.half_ms:.2f} ms (nine of ten: {each.most_ms:.2f} ms)" for each in (before, after)]
    return (
        f"a flush to this disk took {told[0]} before the rounds, {told[1]} after them; a durable record waits for one"
    )


def _setting(enterprises: int, pace: Pace) -> str:
    client = "wrk" if pace.with_wrk else "our own client"
    return f"{enterprises:,} enterprises; {pace.rounds} rounds of {pace.seconds:g} s each by {client}"
