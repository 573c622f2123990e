"""What a refusal says: what is missing, and who could give it.

Casbin answers a refusal by default with an empty list, so the reason is put together here from the sharing type, the
grade and the kind of the coordinate. To the public nothing is hinted: what is not open does not exist for it. Refuses
to decide anything.
"""

from policies.decision import Decision, Effect, Right
from policies.governed import Governed, grade_of, provider_of, sharing_of
from policies.principal import Principal

COMPLIANCE_REVIEWER = "big-data"

_KIND_TITLES = {
    "catalog": "the catalog's metadata",
    "log": "the access log",
    "system": "the platform's own fields",
    "derived": "a derived field without inputs",
}


def denial(principal: Principal, governed: Governed, right: Right, rule: str) -> Decision:
    """The decision that refuses: by the deny line `rule`, or by default when it is empty."""
    if not principal.department:
        reason = rule or f"default-deny: {right} is not open to the public"
        return Decision(governed.coordinate, right, Effect.DENIED, reason, "", None)
    reason = rule or f"default-deny: {_missing(governed, right)}"
    hint = _withdrawn(governed, right) if rule else _remedy(governed, right)
    return Decision(governed.coordinate, right, Effect.DENIED, reason, hint, None)


def input_hint(principal: Principal, governed: Governed, decision: Decision) -> str:
    """The hint of a derived coordinate that the decision on one of its inputs denies."""
    if not principal.department:
        return ""
    return f"Derived from {governed.coordinate}. {decision.hint or _remedy(governed, decision.right)}"


def _remedy(governed: Governed, right: Right) -> str:
    if governed.kind == "log":
        return "The access log is read with the role auditor, which the audit office (audit) gives."
    if governed.kind != "item":
        return f"The right {right} is not given on {_kind_title(governed)}."
    sharing, grade, provider = sharing_of(governed), grade_of(governed), provider_of(governed)
    if sharing == "not_shared":
        return f"Not shared: kept by its provider ({provider}) on the legal ground in the catalog; nobody can grant it."
    if sharing == "conditional":
        return (
            f"Conditionally shared: apply for this item; first the big-data bureau ({COMPLIANCE_REVIEWER}) reviews "
            f"compliance, then its provider ({provider}) decides."
        )
    if grade == 3:
        return f"Unconditionally shared, grade 3: given masked; its provider ({provider}) grants {right} after review."
    return f"Unconditionally shared, grade {grade}: its provider ({provider}) grants {right}."


def _withdrawn(governed: Governed, right: Right) -> str:
    provider = provider_of(governed)
    whom = f"its provider ({provider}) or the big-data bureau" if provider else "the big-data bureau"
    return f"The right {right} is refused to you by an explicit rule; ask {whom} ({COMPLIANCE_REVIEWER})."


def _missing(governed: Governed, right: Right) -> str:
    if governed.kind != "item":
        return f"no rule gives {right} on {_kind_title(governed)}"
    sharing, grade = sharing_of(governed), grade_of(governed)
    needed = {"conditional": "a grant after two levels of review", "not_shared": "to be its provider"}
    return f"{sharing}, grade {grade}: {right} needs {needed.get(sharing, 'a grant of its provider')}"


def _kind_title(governed: Governed) -> str:
    return _KIND_TITLES.get(governed.kind, f"a field of unknown kind {governed.kind!r}")
