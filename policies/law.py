"""One version of the law: the only place that asks Casbin.

Decisions are made by Casbin's own enforcer over `model.conf`, once per group of subjects, object classes and right, and
kept; never per row. Refuses to know where policies are stored, and has no switch that turns a check off.
"""

import hashlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from operator import attrgetter

import casbin
from casbin.core_enforcer import EnforceContext

from policies.decision import Decision, Effect, Right
from policies.governed import OWN, Governed, classes_of, provider_of
from policies.lint import refuse_faulty
from policies.masks import NULL_MASK
from policies.principal import Principal
from policies.refusal import denial, input_hint
from policies.rules import Line, parse
from policies.scopes import DIVISION, Scope, scope_of

# Decisions are cheap to make again; the bound only keeps a law that outlives many graphs from growing.
_KEPT_DECISIONS = 200_000


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What Casbin answered, and the line it gave as the reason; no line when none matched."""

    is_allowed: bool
    rule: str


class Law:
    """One immutable policy version. Equal questions get equal decisions for as long as it lives.

    Decisions are kept by the value of the coordinate's attributes, so a law may outlive the graphs it is asked about.
    """

    __slots__ = ("_benches", "_decisions", "_lines", "_lock", "digest", "version")

    def __init__(self, version: int, digest: bytes, lines: tuple[Line, ...]) -> None:
        self.version = version
        self.digest = digest
        self._lines = lines
        self._lock = threading.Lock()
        self._benches: dict[tuple[str, ...], _Bench] = {}
        self._decisions: dict[tuple[object, ...], Decision] = {}

    @classmethod
    def from_rules(cls, version: int, text: str) -> "Law":
        """The law of a policy text. Raises PolicyRefused if the text has an error."""
        refuse_faulty(text)
        return cls(version, hashlib.sha256(text.encode()).digest(), parse(text))

    def decide(self, principal: Principal, governed: Governed, right: Right) -> Decision:
        """The decision: reading is clear, masked or denied, every other right clear or denied.

        A derived coordinate is decided by a line that matches it; if none does, it takes the strictest of its inputs.
        A kept decision costs less than a microsecond, except for derived coordinates: their inputs are asked each time.
        """
        if governed.inputs:
            return self._decide(principal, governed, right)
        key = (
            principal.department, principal.roles, right, governed.coordinate, governed.kind, governed.provider,
            governed.sharing, governed.grade, governed.openness, governed.mask,
        )  # fmt: skip
        kept = self._decisions.get(key)
        if kept is None:
            if len(self._decisions) >= _KEPT_DECISIONS:
                self._decisions.clear()
            kept = self._decisions[key] = self._decide(principal, governed, right)
        return kept

    def scope(self, principal: Principal) -> Scope:
        """The rows that exist for a principal."""
        return scope_of(principal, is_scoped=self._bench(principal).is_scoped)

    def _bench(self, principal: Principal) -> "_Bench":
        bench = self._benches.get(principal.subjects)
        if bench is None:
            with self._lock:
                bench = self._benches[principal.subjects] = _Bench(self._lines, principal, self._lock)
        return bench

    def _decide(self, principal: Principal, governed: Governed, right: Right) -> Decision:
        bench = self._bench(principal)
        verdict = bench.ask(governed, right)
        if verdict.is_allowed:
            return Decision(governed.coordinate, right, Effect.CLEAR, verdict.rule, "", None)
        if right is Right.READ and (masked := bench.ask(governed, Right.MASK)).is_allowed:
            mask = governed.mask or NULL_MASK
            return Decision(governed.coordinate, right, Effect.MASKED, masked.rule, "", mask)
        if governed.inputs and not verdict.rule:
            return self._strictest(principal, governed, right)
        return denial(principal, governed, right, verdict.rule)

    def _strictest(self, principal: Principal, governed: Governed, right: Right) -> Decision:
        """Clear if every input is. An input given masked denies what is derived from it, as no mask would fit that."""
        made_of = [(entry, self.decide(principal, entry, right)) for entry in governed.inputs]
        withheld = [(entry, decision) for entry, decision in made_of if decision.effect is not Effect.CLEAR]
        entry, worst = max(withheld or made_of, key=lambda pair: pair[1].effect is Effect.DENIED)
        rule = f"derived from {entry.coordinate}, {worst.effect}: {worst.rule}"
        if not withheld:
            return Decision(governed.coordinate, right, Effect.CLEAR, rule, "", None)
        return Decision(governed.coordinate, right, Effect.DENIED, rule, input_hint(principal, entry, worst), None)


class _Bench:
    """What one group of subjects comes before: an enforcer, and the lines that can concern them by the object named.

    Casbin's time grows with the number of lines it holds, so a question is put before the lines that name its object or
    one of the object's classes, in the order of the policy. The lock is the law's, for callers in threads: a question
    swaps the lines, and Casbin parses its matcher at every question, which CPython 3.11 fails to do in two threads.
    """

    __slots__ = ("_department", "_enforcer", "_groups", "_lines", "_lock", "_subject", "_verdicts", "is_scoped")

    def __init__(self, lines: tuple[Line, ...], principal: Principal, lock: threading.Lock) -> None:
        self._department = principal.department
        self._subject = f"principal:{principal.fingerprint}"
        self._enforcer = _enforcer(lines)
        roles = self._enforcer.get_role_manager()
        for subject in principal.subjects:
            roles.add_link(self._subject, subject)
        rules = (line for line in lines if line.kind == "p")
        self._lines = _by_object(line for line in rules if roles.has_link(self._subject, line.fields[0]))
        self._groups = _by_object(line for line in lines if line.kind == "g2")
        self._verdicts: dict[tuple[object, ...], _Verdict] = {}
        self._lock = lock
        scoping = EnforceContext("r2", "p2", "e", "m2")
        self.is_scoped: bool = self._enforcer.enforce(scoping, self._subject, DIVISION)

    def ask(self, governed: Governed, right: Right) -> _Verdict:
        """Casbin's answer to one right on one coordinate."""
        named = tuple(name for name in classes_of(governed) if name in self._lines or name in self._groups)
        provider = provider_of(governed)
        key = (named, provider == self._department, right)
        verdict = self._verdicts.get(key)
        if verdict is None:
            with self._lock:
                verdict = self._verdicts[key] = self._enforced(named, provider, right)
        return verdict

    def _enforced(self, named: tuple[str, ...], provider: str, right: Right) -> _Verdict:
        # Policies cannot write a space, so no group of theirs is ever called like this.
        name = f"object {' '.join(named)}"
        objects = self._enforcer.get_named_role_manager("g2")
        for group in named:
            objects.add_link(name, group)
        model = self._enforcer.get_model()
        model["p"]["p"].policy = [line.fields for line in self._candidates(named)]
        is_allowed, reason = self._enforcer.enforce_ex(self._subject, self._department, name, provider, right.value)
        return _Verdict(is_allowed, ", ".join(("p", *reason)) if reason else "")

    def _candidates(self, named: tuple[str, ...]) -> list[Line]:
        reached, waiting = {OWN, *named}, [*named]
        while waiting:
            found = {line.fields[1] for line in self._groups.get(waiting.pop(), ())} - reached
            reached |= found
            waiting.extend(found)
        candidates = (line for name in reached for line in self._lines.get(name, ()))
        return sorted(candidates, key=attrgetter("number"))


def _enforcer(lines: tuple[Line, ...]) -> casbin.Enforcer:
    """Casbin's own enforcer with the groups and the scopes of a policy, and no rule yet."""
    model = casbin.Model()
    model.load_model_from_text(resources.files("policies").joinpath("model.conf").read_text("utf-8"))
    enforcer = casbin.Enforcer(model)
    enforcer.get_role_manager().add_matching_func(casbin.util.key_match)
    model["p"]["p2"].policy = [line.fields for line in lines if line.kind == "p2"]
    for line in lines:
        if line.kind in ("g", "g2"):
            enforcer.get_named_role_manager(line.kind).add_link(*line.fields)
    return enforcer


def _by_object(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """The lines by the object they are about: the second field of a rule, the member of a group."""
    kept: dict[str, list[Line]] = {}
    for line in lines:
        kept.setdefault(line.fields[1 if line.kind == "p" else 0], []).append(line)
    return kept
