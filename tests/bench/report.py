"""In charge of showing figures: tables for people, JSON for programs. It knows nothing of how they came to be."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import orjson

from tests.bench.figures import Figures, Ratio, Spread
from tests.bench.questions import QUESTIONS


@dataclass(frozen=True, slots=True)
class Run:
    """Everything one run has to tell; `notes` are lines about what was left out or is to be read with care."""

    machine: str
    setting: str
    figures: tuple[Figures, ...]
    ratios: tuple[Ratio, ...]
    notes: tuple[str, ...]


def as_json(run: Run) -> str:
    """The run, for a program."""
    return orjson.dumps(asdict(run), option=orjson.OPT_INDENT_2).decode()


def as_text(run: Run) -> str:
    """The run, for people: ratios first, because they alone carry over to other machines."""
    parts = [f"{run.machine}; {run.setting}"]
    for connections in sorted({each.connections for each in run.figures}, reverse=True):
        figures = [each for each in run.figures if each.connections == connections]
        ratios = [each for each in run.ratios if each.connections == connections]
        name = f"{connections} connection{'s' if connections > 1 else ''}"
        if ratios:
            parts.append(_table(("ratio", name, "median", "rounds"), map(_ratio_row, ratios)))
        heads = (name, "answered by", "per second", "rounds", "p50 ms", "p99 ms", "server ms", "database ms", "MB")
        parts.append(_table(heads, map(_figure_row, figures)))
    titles = {each.name: each.title for each in QUESTIONS}
    asked = dict.fromkeys(each.question for each in run.figures)
    parts.append("\n".join(f"{name}: {titles[name]}" for name in asked))
    parts.append("server ms, database ms: processor time per answer; MB: resident memory of the server's process")
    return "\n\n".join([*parts, *run.notes])


def _ratio_row(ratio: Ratio) -> tuple[str, ...]:
    what = f"{ratio.of} ÷ {ratio.to}" + ("" if ratio.what == "throughput" else f", {ratio.what}")
    return what, ratio.question, f"{ratio.value.median:.2f}", _between(ratio.value, 2)


def _figure_row(figures: Figures) -> tuple[str, ...]:
    speed = figures.per_second
    return (
        figures.question,
        figures.target,
        f"{speed.median:,.0f}" if speed.median >= 10 else f"{speed.median:.1f}",
        _between(speed, 0 if speed.median >= 10 else 1),
        f"{figures.p50_ms:.2f}",
        f"{figures.p99_ms:.2f}",
        f"{figures.server_cpu_ms:.3f}",
        f"{figures.database_cpu_ms:.3f}",
        f"{figures.memory_mb:.0f}",
    )


def _between(spread: Spread, digits: int) -> str:
    return f"{spread.low:,.{digits}f} to {spread.high:,.{digits}f}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [tuple(heads), *map(tuple, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
