"""What is wrong with the text of a policy, found before it can become law.

Casbin drops a line of unknown type, ignores a misspelt effect and raises on a short line only when a question reaches
it; so every line is checked here first, and a policy with errors is refused. Refuses to do I/O.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from policies.rules import Line, parse
from policies.vocabulary import Known, Vocabulary, faults, vocabulary

_FIELD_COUNTS = {"p": 4, "p2": 2, "g": 2, "g2": 2}
_FIELD = re.compile(r"[A-Za-z0-9_.:@/-]+")
_PATTERN = re.compile(r"[A-Za-z0-9_.:@/-]+\*")


class Severity(StrEnum):
    """An error refuses the policy, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a policy. `line` counts from 1; 0 is the policy as a whole."""

    line: int
    code: str
    message: str
    severity: Severity = Severity.ERROR


class PolicyRefused(Exception):
    """The text is not fit to be law; `findings` says why, warnings included."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        errors = (finding for finding in findings if finding.severity is Severity.ERROR)
        super().__init__("; ".join(f"line {error.line}: {error.message}" for error in errors))


def lint(text: str, known: Known | None = None) -> tuple[Finding, ...]:
    """The findings in the order of their lines. Without `known`, names are checked for their form alone."""
    lines = parse(text)
    malformed = {line: finding for line in lines if (finding := _shape(line)) is not None}
    sound = [line for line in lines if line not in malformed]
    words = vocabulary(sound, known)
    findings = [
        *malformed.values(),
        *(Finding(line.number, fault.code, fault.message) for line in sound for fault in faults(words, line)),
        *_repeated(sound),
        *_contradictory(sound),
        *_circular(sound),
        *_idle_groups(sound, words),
    ]
    if not any(line.kind == "p" for line in sound):
        findings.append(Finding(0, "empty-policy", "no line gives anybody anything"))
    return tuple(sorted(findings, key=lambda finding: (finding.line, finding.code)))


def refuse_faulty(text: str, known: Known | None = None) -> None:
    """Raises PolicyRefused if the text has an error."""
    findings = lint(text, known)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise PolicyRefused(findings)


def _shape(line: Line) -> Finding | None:
    count = _FIELD_COUNTS.get(line.kind)
    if count is None:
        return Finding(line.number, "unknown-line-type", f"unknown line type {line.kind!r}")
    if len(line.fields) != count:
        return Finding(line.number, "field-count", f"a {line.kind} line has {count} fields, not {len(line.fields)}")
    for position, field in enumerate(line.fields):
        is_member = line.kind == "g" and position == 0
        if not (_FIELD.fullmatch(field) or (is_member and _PATTERN.fullmatch(field))):
            return Finding(line.number, "unreadable-field", f"field {field!r} is empty or has an odd character")
    return None


def _repeated(lines: Iterable[Line]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for line in lines:
        before = first.setdefault(line.text, line.number)
        if before != line.number:
            yield Finding(line.number, "duplicate", f"the same as line {before}", Severity.WARNING)


def _contradictory(lines: Iterable[Line]) -> Iterator[Finding]:
    """A cell that one line allows and another denies: the deny wins, so the allow only misleads its reader."""
    effects: dict[tuple[str, ...], tuple[str, int]] = {}
    for line in lines:
        if line.kind == "p":
            *cell, effect = line.fields
            before, number = effects.setdefault(tuple(cell), (effect, line.number))
            if {before, effect} == {"allow", "deny"}:
                yield Finding(line.number, "contradiction", f"{effect} against {before} of line {number}")


def _circular(lines: Iterable[Line]) -> Iterator[Finding]:
    """A group that is a member of itself, through others, makes all of them one: the public could be a department."""
    links: dict[str, dict[str, list[str]]] = {"g": {}, "g2": {}}
    patterns: list[str] = []
    for line in lines:
        if line.kind in links:
            member, group = line.fields
            if any(_covers(member, name) for name in _reached(links[line.kind], patterns, group)):
                yield Finding(line.number, "cycle", f"{group} is already a member of {member}")
            links[line.kind].setdefault(member, []).append(group)
            if member.endswith("*"):
                patterns.append(member)


def _reached(groups_by_member: dict[str, list[str]], patterns: list[str], start: str) -> set[str]:
    reached, waiting = {start}, [start]
    while waiting:
        name = waiting.pop()
        members = [name, *(pattern for pattern in patterns if _covers(pattern, name))]
        found = {group for member in members for group in groups_by_member.get(member, ())} - reached
        reached |= found
        waiting.extend(found)
    return reached


def _covers(member: str, name: str) -> bool:
    return name.startswith(member[:-1]) if member.endswith("*") else name == member


def _idle_groups(lines: list[Line], words: Vocabulary) -> Iterator[Finding]:
    """Groups that no line uses: most often a misspelt name."""
    used = {line.fields[0] for line in lines} | {line.fields[1] for line in lines if line.kind == "p"}
    for line in lines:
        is_new = line.kind in ("g", "g2") and line.fields[1] in words.subject_groups | words.object_groups
        if is_new and line.fields[1] not in used:
            yield Finding(line.number, "unused-group", f"no line uses the group {line.fields[1]}", Severity.WARNING)
