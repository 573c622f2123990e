"""Explaining: every right of a principal on a coordinate."""

from policies.decision import Effect, Right
from policies.explain import explain
from policies.law import Law
from policies.rules import default_text
from tests.policies.coordinates import EDUCATION, PHONE


def test_an_explanation_has_one_decision_per_right() -> None:
    decisions = explain(Law.from_rules(1, default_text()), EDUCATION, PHONE)

    assert {decision.right: decision.effect for decision in decisions} == {
        Right.READ: Effect.MASKED,
        Right.MASK: Effect.CLEAR,
        Right.FILTER: Effect.DENIED,
        Right.AGGREGATE: Effect.DENIED,
        Right.VERIFY: Effect.DENIED,
        Right.EXPORT: Effect.DENIED,
    }
