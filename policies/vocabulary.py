"""Which names a policy may use: the rights, effects, dimensions, subjects and objects that exist.

A misspelt name is no error to Casbin but a line that never matches: a grant that does not work or, worse, a refusal
that does not. Refuses to do I/O: what exists is handed in as `Known`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policies.decision import Right
from policies.governed import CLASSES, OWN
from policies.rules import Line
from policies.scopes import DIMENSIONS

_EFFECTS = ("allow", "deny")
_PUBLIC = "public"
_COORDINATE = re.compile(r"[A-Z][A-Za-z0-9_]*\.[a-z_][A-Za-z0-9_]*")
_TOWN = re.compile(r"town-[0-9]{9}")
_PREFIXES = ("department:", "role:", "provider:", "type:")


@dataclass(frozen=True, slots=True)
class Known:
    """What exists. `departments` are codes; `town-` and nine digits always counts as one, its rows say if it exists."""

    departments: frozenset[str]
    roles: frozenset[str]
    coordinates: frozenset[str]


@dataclass(frozen=True, slots=True)
class Fault:
    """A name that means nothing: the code of the finding and the message."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names one policy may use. Without `known`, names of what exists are checked for their form alone."""

    known: Known | None
    types: frozenset[str]
    subject_groups: frozenset[str]
    object_groups: frozenset[str]


def vocabulary(lines: Iterable[Line], known: Known | None) -> Vocabulary:
    """The vocabulary of a policy: what exists, and the groups that its own lines introduce."""
    kept = tuple(lines)
    types = {coordinate.partition(".")[0] for coordinate in known.coordinates} if known else set()
    return Vocabulary(known, frozenset(types), _groups(kept, "g"), _groups(kept, "g2"))


def faults(words: Vocabulary, line: Line) -> Iterator[Fault]:
    """The faults in the names of one line of sound shape."""
    match line.kind, line.fields:
        case "p", (subject, governed, right, effect):
            found = [_subject(words, subject), _object(words, governed), _right(right), _effect(effect)]
        case "p2", (subject, dimension):
            found = [_subject(words, subject), _dimension(dimension)]
        case "g", (member, group):
            found = [_member(words, member), _subject(words, group)]
        case _, (member, group):
            found = [_grouped(words, member), _grouped(words, group)]
        case _:
            raise ValueError(f"not a line of sound shape: {line.text}")
    yield from (fault for fault in found if fault is not None)


def _groups(lines: Iterable[Line], kind: str) -> frozenset[str]:
    names = frozenset(line.fields[1] for line in lines if line.kind == kind) - CLASSES - {_PUBLIC}
    return frozenset(name for name in names if not name.startswith(_PREFIXES) and not _COORDINATE.fullmatch(name))


def _right(right: str) -> Fault | None:
    return None if right in tuple(Right) else Fault("unknown-right", f"unknown right {right!r}")


def _effect(effect: str) -> Fault | None:
    return None if effect in _EFFECTS else Fault("unknown-effect", f"the effect is allow or deny, not {effect!r}")


def _dimension(dimension: str) -> Fault | None:
    return None if dimension in DIMENSIONS else Fault("unknown-dimension", f"unknown dimension {dimension!r}")


def _member(words: Vocabulary, member: str) -> Fault | None:
    if member.endswith("*"):
        is_pattern = member.startswith(("department:", "role:"))
        return None if is_pattern else Fault("unknown-subject", f"{member!r} matches neither departments nor roles")
    return _subject(words, member)


def _subject(words: Vocabulary, subject: str) -> Fault | None:
    prefix, colon, name = subject.partition(":")
    if prefix + colon == "department:":
        return _department(words, name, "unknown-department")
    if prefix + colon == "role:":
        is_known = words.known is None or name in words.known.roles
        return None if is_known else Fault("unknown-role", f"unknown role {name!r}")
    if subject == _PUBLIC or subject in words.subject_groups:
        return None
    return Fault("unknown-subject", f"unknown subject {subject!r}: no department, role or group of this policy")


def _department(words: Vocabulary, name: str, code: str) -> Fault | None:
    is_known = words.known is None or name in words.known.departments or _TOWN.fullmatch(name) is not None
    return None if is_known else Fault(code, f"unknown department {name!r}")


def _object(words: Vocabulary, governed: str) -> Fault | None:
    prefix, colon, name = governed.partition(":")
    if prefix + colon == "provider:":
        return _department(words, name, "unknown-class")
    if prefix + colon == "type:":
        is_known = words.known is None or name in words.types
        return None if is_known else Fault("unknown-class", f"no type {name!r} in the graph")
    if _COORDINATE.fullmatch(governed):
        is_known = words.known is None or governed in words.known.coordinates
        return None if is_known else Fault("unknown-coordinate", f"no coordinate {governed!r} in the graph")
    if governed in CLASSES or governed in words.object_groups:
        return None
    return Fault("unknown-class", f"unknown object {governed!r}: no coordinate, class or group of this policy")


def _grouped(words: Vocabulary, governed: str) -> Fault | None:
    if governed == OWN:
        return Fault("unknown-class", "own is a relation between asker and provider; it cannot be grouped")
    return _object(words, governed)
