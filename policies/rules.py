"""The text of a policy: its lines, and how one is added or taken out.

The format is Casbin's policy CSV narrowed to what reads one way only: one line, one rule; `#` opens a comment line; no
quotes, brackets or trailing comments. Refuses to know what a line means.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a policy. `kind` is its type (`p`, `p2`, `g`, `g2`), `number` counts from 1."""

    number: int
    kind: str
    fields: tuple[str, ...]

    @property
    def text(self) -> str:
        """The line as it is kept in decisions and records."""
        return ", ".join((self.kind, *self.fields))


def parse(text: str) -> tuple[Line, ...]:
    r"""The lines of a policy in their order, comments and blank lines left out.

    >>> parse("# who\ng, town, department")
    (Line(number=2, kind='g', fields=('town', 'department')),)
    """
    stripped = ((number, line.strip()) for number, line in enumerate(text.split("\n"), start=1))
    return tuple(_line(number, line) for number, line in stripped if line and not line.startswith("#"))


def replaced(text: str, *, removed: Line, added: Line) -> str:
    """The text without the rules equal to `removed` and with `added` at the end, unless it is there already."""
    gone = {line.number for line in parse(text) if line.text == removed.text}
    kept = [line for number, line in enumerate(text.split("\n"), start=1) if number not in gone]
    if not any(line.text == added.text for line in parse(text)):
        kept = [*_without_blank_end(kept), added.text, ""]
    return "\n".join(kept)


def default_text() -> str:
    """The default policy, by sharing type."""
    return resources.files("policies").joinpath("rules", "default.csv").read_text("utf-8")


def _line(number: int, line: str) -> Line:
    kind, *fields = (field.strip() for field in line.split(","))
    return Line(number, kind, tuple(fields))


def _without_blank_end(lines: Iterable[str]) -> list[str]:
    kept = list(lines)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept
