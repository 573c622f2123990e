"""What one operation touches: every coordinate with the right it needs, the decision, and where it stands in the
answer.

This is the access decision of the plan and, with the keys of the nodes shown, its record. Each coordinate is
decided once per plan; a denied one gives one problem per coordinate and path. Refuses to know SQL.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from policies.decision import Decision, Effect, Right
from policies.law import Law
from policies.principal import Principal
from policies.scopes import Scope
from resolvers.limits import Limits
from resolvers.refusal import Problem
from schema.figures import AGGREGATE, CONNECTION
from schema.graph import Field, Link, Node

Path = tuple[str, ...]

_DOINGS = {Right.READ: "read", Right.AGGREGATE: "aggregated"}


@dataclass(slots=True)
class TouchedNode:
    """A node at a path of the answer, with what was asked of it; the record keeps its keys."""

    path: Path
    type_name: str
    fields: list[dict[str, str]] = field(default_factory=list)


class Touch:
    """Collects the decisions of one plan. `hiding_conditions` counts those that keep rows from the principal."""

    def __init__(self, law: Law, principal: Principal, limits: Limits) -> None:
        self._law = law
        self._principal = principal
        self.limits = limits
        self.scope: Scope = law.scope(principal)
        self.nodes: list[TouchedNode] = []
        self.problems: list[Problem] = []
        self.hiding_conditions = 0
        self._decided: dict[tuple[str, Right], Decision] = {}
        self._used: list[tuple[Path, Decision]] = []
        self._reported: set[tuple[str, Path]] = set()
        self._masked: dict[tuple[str, Path], dict[str, object]] = {}
        self._branches: list[Branch] = []

    def decide(self, governed: Field, right: Right) -> Decision:
        """The decision, made once per plan."""
        asked = (governed.coordinate, right)
        known = self._decided.get(asked)
        if known is None:
            known = self._decided[asked] = self._law.decide(self._principal, governed, right)
        return known

    def is_readable(self, node: Node) -> bool:
        """True when any field of the node may be read, clear or masked: then its rows may be known to exist."""
        if self.scope.division is not None and node.division is None and not node.is_metadata:
            return False
        return any(self.decide(each, Right.READ).effect is not Effect.DENIED for each in node.fields.values())

    def enter(self, path: Path, type_name: str) -> int:
        """Opens a node at a path; returns the index under which its keys are recorded."""
        self.nodes.append(TouchedNode(path, type_name))
        return len(self.nodes) - 1

    def show(self, index: int, path: Path, governed: Field) -> Decision:
        """Decides a selected field of an opened node and notes it; a denied one is a problem at its path."""
        decision = self.decide(governed, Right.READ)
        use = "denied" if decision.effect is Effect.DENIED else "shown"
        self._note(index, path, decision, use)
        if decision.effect is Effect.DENIED:
            self._report(decision, governed, path)
        elif decision.effect is Effect.MASKED:
            self._masked[decision.coordinate, path] = {
                "path": list(path),
                "coordinate": decision.coordinate,
                "mask": decision.mask,
                "hint": self._mask_hint(governed),
            }
        return decision

    def note_plain(self, index: int, path: Path, coordinate: str) -> None:
        """Notes a field that every caller may have, such as a sealed id or what is computed about the caller."""
        self._note(index, path, Decision(coordinate, Right.READ, Effect.CLEAR, "system", "", None), "shown")

    def show_together(self, index: int, path: Path, governed: Field, right: Right) -> None:
        """Notes a value shown of several rows together, such as a group's key or a sum, that use() has decided."""
        self._note(index, path, self.decide(governed, right), "shown")

    def withdraw(self, index: int) -> None:
        """Takes back what was noted at an opened node, because its branch is refused."""
        self.nodes[index].fields.clear()

    @contextmanager
    def branch(self, path: Path) -> Iterator["Branch"]:
        """A branch of the answer that is refused whole if a coordinate used below, but not shown, is denied."""
        branch = Branch(path)
        self._branches.append(branch)
        try:
            yield branch
        finally:
            self._branches.pop()

    def use(self, governed: Field, right: Right = Right.FILTER) -> None:
        """Decides a coordinate that shapes the current branch without being shown: filter, order, key, link, figure.

        Only a clear decision will do: what is masked for reading tells too much when it is used.
        """
        decision = self.decide(governed, right)
        branch = self._branches[-1]
        self._used.append((branch.path, decision))
        if decision.effect is not Effect.CLEAR:
            branch.is_refused = True
            self._report(decision, governed, branch.path)

    def use_link(self, node: Node, link: Link, target: Node) -> None:
        """Decides both ends of a link: following it tells that they are equal."""
        for here, there in link.on:
            self.use(node.fields[here])
            self.use(target.fields[there])

    def refuse_node(self, node: Node, path: Path) -> None:
        """Refuses a branch because no row of its node may be known of."""
        first = next(iter(node.fields.values()))
        decision = self.decide(first, Right.READ)
        if decision.effect is not Effect.DENIED:
            hint = f"Rows of {node.name} carry no division, and your office sees the rows of its own division only."
            decision = Decision(first.coordinate, Right.READ, Effect.DENIED, "scope: division", hint, None)
        self._used.append((path, decision))
        self._report(decision, first, path)

    def _mask_hint(self, governed: Field) -> str:
        if not self._principal.department:
            return "Shown masked to the public."
        provider = governed.provider or "its provider"
        return f"Shown masked (grade {governed.grade}); {provider} may permit it clear after review."

    def type_names(self) -> set[str]:
        """The types of all nodes shown, counted or used."""
        shown = {each.type_name.removesuffix(AGGREGATE).removesuffix(CONNECTION) for each in self.nodes}
        return shown | {decision.coordinate.partition(".")[0] for _, decision in self._used}

    def notes(self) -> dict[str, object]:
        """What a caller should know of an answer that is no error: what is masked and why, the scope of rows."""
        notes: dict[str, object] = {"masked": list(self._masked.values())} if self._masked else {}
        if self.scope.division is not None:
            notes["scope"] = {"division": self.scope.division}
        return notes

    def _note(self, index: int, path: Path, decision: Decision, use: str) -> None:
        self.nodes[index].fields.append(_entry(path, decision, use))

    def _report(self, decision: Decision, governed: Field, path: Path) -> None:
        reported = (decision.coordinate, path)
        if reported in self._reported:
            return
        self._reported.add(reported)
        what = _DOINGS.get(decision.right, "used to filter, sort, group, link or look up")
        self.problems.append(
            Problem(
                "FIELD_DENIED",
                f"{governed.title} ({decision.coordinate}) may not be {what} by you.",
                path,
                decision.coordinate,
                decision.effect.value,
                decision.hint or None,
            )
        )

    def content_nodes(self) -> list[dict[str, object]]:
        """All nodes as the record has them; what was used but not shown stands at the branch it shaped."""
        made: list[dict[str, object]] = [
            {"path": ".".join(node.path), "type": node.type_name, "fields": list(node.fields)} for node in self.nodes
        ]
        seen: set[tuple[Path, str, Right]] = set()
        for path, decision in self._used:
            if (path, decision.coordinate, decision.right) in seen:
                continue
            seen.add((path, decision.coordinate, decision.right))
            use = "used" if decision.effect is Effect.CLEAR else "denied"
            type_name = decision.coordinate.partition(".")[0]
            made.append({"path": ".".join(path), "type": type_name, "fields": [_entry(path, decision, use)]})
        return made


def _entry(path: Path, decision: Decision, use: str) -> dict[str, str]:
    return {
        "path": ".".join(path),
        "coordinate": decision.coordinate,
        "use": use,
        "right": decision.right.value,
        "effect": decision.effect.value,
        "rule": decision.rule,
    }


@dataclass(slots=True)
class Branch:
    """A branch under way."""

    path: Path
    is_refused: bool = False
