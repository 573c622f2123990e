"""Our decisions are Casbin's: compared with a plain enforcer, for the default policy whole and for random policies."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.decision import Right
from policies.governed import CLASSES
from policies.law import Law
from policies.principal import PUBLIC, Principal
from policies.rules import default_text
from tests.policies.coordinates import (
    AUDITOR,
    COORDINATES,
    DERIVED_DENIED,
    ECONOMY_INFORMATION,
    EDUCATION,
    EMPLOYEES,
    MARKET_REGULATION,
    NAME,
    PHONE,
    PRINCIPALS,
    TAX_PAID,
    TOWN,
    Coordinate,
)
from tests.policies.oracle import Oracle, oracle

_ASKING = (PUBLIC, EDUCATION, MARKET_REGULATION, ECONOMY_INFORMATION, TOWN, AUDITOR)
_ASKED = (NAME, EMPLOYEES, PHONE, TAX_PAID, DERIVED_DENIED, *COORDINATES[::5])

_WHO = "g, department, public\ng, department:*, department\ng, town, department\ng, department:town-*, town\n"
_subjects = st.sampled_from(
    [
        "public",
        "department",
        "town",
        "oversight",
        "role:auditor",
        *(f"department:{each.department}" for each in _ASKING[1:]),
    ]
)
_objects = st.sampled_from(
    sorted(CLASSES) + ["special", "type:Enterprise", "provider:taxation"] + [each.coordinate for each in _ASKED]
)
_cells = st.tuples(_subjects, _objects, st.sampled_from(list(Right)))
_rules = st.dictionaries(_cells, st.sampled_from(["allow", "allow", "deny"]), min_size=1, max_size=25)
_members = st.sets(st.sampled_from(["department:education", "role:auditor", "town", "department:town-3*"]))
_special = st.sets(st.sampled_from(["grade:3", "type:TaxPayment", "open", "Enterprise.phone", "derived"]))


@st.composite
def _policies(draw: st.DrawFn) -> str:
    rules = [f"p, {', '.join(cell)}, {effect}" for cell, effect in draw(_rules).items()]
    groups = [f"g, {member}, oversight" for member in sorted(draw(_members) | {"department:audit"})]
    classes = [f"g2, {name}, special" for name in sorted(draw(_special) | {"grade:4"})]
    return _WHO + "\n".join([*rules, *groups, *classes])


def _compare(law: Law, plain: Oracle, principal: Principal, governed: Coordinate) -> None:
    for right in Right:
        decision = law.decide(principal, governed, right)
        assert decision.effect is plain.effect(principal, governed, right), (principal.subjects, governed, right)
        line = plain.reason(principal, governed, right)
        if line:
            assert decision.rule == ", ".join(["p", *line]) or decision.effect == "masked"


@pytest.mark.slow
def test_every_department_coordinate_and_right_of_the_default_policy_is_decided_as_casbin_decides() -> None:
    plain = oracle(default_text(), COORDINATES, PRINCIPALS)
    law = Law.from_rules(1, default_text())

    for principal in PRINCIPALS:
        for governed in COORDINATES:
            _compare(law, plain, principal, governed)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(text=_policies())
def test_random_policies_are_decided_as_casbin_decides(text: str) -> None:
    plain = oracle(text, _ASKED, _ASKING)
    law = Law.from_rules(1, text)

    for principal in _ASKING:
        for governed in _ASKED:
            _compare(law, plain, principal, governed)
