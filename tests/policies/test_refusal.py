"""What a refusal says, by sharing type and kind, and that the public is told nothing."""

import pytest

from policies.decision import Right
from policies.law import Law
from policies.principal import PUBLIC
from policies.rules import default_text
from tests.policies.coordinates import (
    EDUCATION,
    EMPLOYEES,
    ENTRY_TITLE,
    EVALUATION_SCORE,
    INCOME_TAX,
    LEGAL_PERSON_ID,
    ME,
    OPERATION,
    PHONE,
    SECRET,
    Coordinate,
)

_LAW = Law.from_rules(1, default_text())
_ODD = Coordinate("Odd.kind", kind="unheard-of")


@pytest.mark.parametrize(
    ("governed", "right", "rule", "hint"),
    [
        (
            LEGAL_PERSON_ID,
            Right.READ,
            "default-deny: conditional, grade 3: read needs a grant after two levels of review",
            (
                "Conditionally shared: apply for this item; first the big-data bureau (big-data) reviews compliance, "
                "then its provider (market-regulation) decides."
            ),
        ),
        (
            INCOME_TAX,
            Right.READ,
            "default-deny: not_shared, grade 3: read needs to be its provider",
            "Not shared: kept by its provider (taxation) on the legal ground in the catalog; nobody can grant it.",
        ),
        (
            PHONE,
            Right.FILTER,
            "default-deny: unconditional, grade 3: filter needs a grant of its provider",
            (
                "Unconditionally shared, grade 3: given masked; "
                "its provider (market-regulation) grants filter after review."
            ),
        ),
        (
            SECRET,
            Right.READ,
            "default-deny: unconditional, grade 4: read needs a grant of its provider",
            "Unconditionally shared, grade 4: its provider (market-regulation) grants read.",
        ),
        (
            OPERATION,
            Right.READ,
            "default-deny: no rule gives read on the access log",
            "The access log is read with the role auditor, which the audit office (audit) gives.",
        ),
        (
            ENTRY_TITLE,
            Right.EXPORT,
            "default-deny: no rule gives export on the catalog's metadata",
            "The right export is not given on the catalog's metadata.",
        ),
        (
            ME,
            Right.FILTER,
            "default-deny: no rule gives filter on the platform's own fields",
            "The right filter is not given on the platform's own fields.",
        ),
        (
            _ODD,
            Right.READ,
            "default-deny: no rule gives read on a field of unknown kind 'unheard-of'",
            "The right read is not given on a field of unknown kind 'unheard-of'.",
        ),
    ],
    ids=lambda value: value.coordinate if isinstance(value, Coordinate) else "",
)
def test_a_department_is_told_what_is_missing_and_who_could_give_it(
    governed: Coordinate, right: Right, rule: str, hint: str
) -> None:
    decision = _LAW.decide(EDUCATION, governed, right)

    assert (decision.rule, decision.hint, decision.mask) == (rule, hint, None)


@pytest.mark.parametrize("governed", [PHONE, LEGAL_PERSON_ID, INCOME_TAX, OPERATION, EVALUATION_SCORE, _ODD])
def test_the_public_is_told_nothing(governed: Coordinate) -> None:
    decision = _LAW.decide(PUBLIC, governed, Right.READ)

    assert decision.rule.endswith("default-deny: read is not open to the public")
    assert decision.hint == ""


def test_an_explicit_refusal_says_whom_to_ask() -> None:
    refused = "p, department, type:Enterprise, read, deny\np, public, type:Operation, read, deny\n"
    law = Law.from_rules(1, default_text() + refused)

    assert law.decide(EDUCATION, EMPLOYEES, Right.READ).hint == (
        "The right read is refused to you by an explicit rule; "
        "ask its provider (market-regulation) or the big-data bureau (big-data)."
    )
    assert law.decide(EDUCATION, OPERATION, Right.READ).hint == (
        "The right read is refused to you by an explicit rule; ask the big-data bureau (big-data)."
    )
    assert law.decide(PUBLIC, OPERATION, Right.READ).rule == "p, public, type:Operation, read, deny"
    assert law.decide(PUBLIC, OPERATION, Right.READ).hint == ""
