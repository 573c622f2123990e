"""Every right of one principal on one coordinate, with reasons. Pure; refuses to print."""

from policies.decision import Decision, Right
from policies.governed import Governed
from policies.law import Law
from policies.principal import Principal


def explain(law: Law, principal: Principal, governed: Governed) -> tuple[Decision, ...]:
    """One decision per right, in the order the rights are declared in."""
    return tuple(law.decide(principal, governed, right) for right in Right)
