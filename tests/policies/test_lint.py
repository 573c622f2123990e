"""Lint: every fault of a policy's text is found, with its line, before the text can become law."""

import pytest

from policies.lint import Finding, PolicyRefused, Severity, lint, refuse_faulty
from policies.rules import default_text, parse
from policies.vocabulary import Known, faults, vocabulary
from tests.policies.coordinates import COORDINATES, DEPARTMENTS

_SOUND = "p, public, open, read, allow"
_TOWNS = "g, department:town-*, town"
_KNOWN = Known(
    departments=frozenset(DEPARTMENTS),
    roles=frozenset(["auditor"]),
    coordinates=frozenset(governed.coordinate for governed in COORDINATES),
)


def _found(text: str, known: Known | None = None) -> list[tuple[int, str]]:
    return [(finding.line, finding.code) for finding in lint(text, known)]


def test_the_default_policy_has_no_findings() -> None:
    named = {line.fields[1] for line in parse(default_text()) if line.kind == "p" and "." in line.fields[1]}
    known = Known(_KNOWN.departments, _KNOWN.roles, frozenset(named))

    assert lint(default_text()) == ()
    assert lint(default_text(), known) == ()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("x, public, open, read, allow", "unknown-line-type"),
        ("P, public, open, read, allow", "unknown-line-type"),
        ("p3, public, open", "unknown-line-type"),
        ("p, public, open, read", "field-count"),
        ("p, public, open, read, allow, always", "field-count"),
        ("p2, town", "field-count"),
        ("g, town", "field-count"),
        ("p, public, open, read, allow # why", "unreadable-field"),
        ('p, "public", open, read, allow', "unreadable-field"),
        ("p, public, f(x), read, allow", "unreadable-field"),
        ("p, public, , read, allow", "unreadable-field"),
        ("p, department:*, open, read, allow", "unreadable-field"),
        ("p, public, type:*, read, allow", "unreadable-field"),
        ("g2, type:*, special", "unreadable-field"),
        ("p, public, open, read, alow", "unknown-effect"),
        ("p, public, open, raed, allow", "unknown-right"),
        ("p, publik, open, read, allow", "unknown-subject"),
        ("p, department, open, read, allow", "unknown-subject"),
        ("g, village, town", "unknown-subject"),
        ("p, auditor, log, read, allow", "unknown-subject"),
        ("g, tow*, department", "unknown-subject"),
        ("p, public, opn, read, allow", "unknown-class"),
        ("p, public, sharing:unconditional/grade:5, read, allow", "unknown-class"),
        ("g2, own, special", "unknown-class"),
        ("p2, public, place", "unknown-dimension"),
    ],
)
def test_a_fault_is_found_whatever_exists(line: str, code: str) -> None:
    found = [finding for finding in lint(f"{_SOUND}\n{_TOWNS}\n{line}\n") if finding.severity is Severity.ERROR]

    assert [(finding.line, finding.code) for finding in found] == [(3, code)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("p, department:educaton, open, read, allow", "unknown-department"),
        ("p, department:town-33078410, open, read, allow", "unknown-department"),
        ("p, role:auditer, log, read, allow", "unknown-role"),
        ("p, public, Enterprise.nmae, read, allow", "unknown-coordinate"),
        ("p, public, type:Enterprize, read, allow", "unknown-class"),
        ("p, public, provider:tax, read, allow", "unknown-class"),
        ("g, department:educaton, department:education", "unknown-department"),
        ("g2, Enterprise.nmae, open", "unknown-coordinate"),
    ],
)
def test_a_name_that_does_not_exist_is_found_when_it_is_known_what_does(line: str, code: str) -> None:
    assert _found(f"{_SOUND}\n{line}", _KNOWN) == [(2, code)]
    assert _found(f"{_SOUND}\n{line}") == []


@pytest.mark.parametrize(
    "line",
    [
        "p, department:town-330784999, open, read, allow",
        "p, role:auditor, type:Enterprise, read, allow",
        "p, department:health, provider:taxation, read, deny",
        "p2, department:health, division",
        "g, role:auditor, public",
        "g2, Enterprise.phone, open",
    ],
)
def test_a_name_that_exists_is_no_fault(line: str) -> None:
    assert _found(f"{_SOUND}\n{line}", _KNOWN) == []


def test_a_group_of_the_policy_itself_is_a_subject_or_an_object() -> None:
    text = "g, department:audit, oversight\ng2, grade:4, special\np, oversight, special, read, allow"

    assert _found(text, _KNOWN) == []


def test_a_group_that_no_line_uses_is_a_warning() -> None:
    findings = lint(f"{_SOUND}\ng, role:auditor, oversigt\ng2, grade:4, specal")

    assert findings == (
        Finding(2, "unused-group", "no line uses the group oversigt", Severity.WARNING),
        Finding(3, "unused-group", "no line uses the group specal", Severity.WARNING),
    )


def test_a_repeated_line_is_a_warning() -> None:
    findings = lint(f"{_SOUND}\np,public,open,read,allow")

    assert findings == (Finding(2, "duplicate", "the same as line 1", Severity.WARNING),)
    refuse_faulty(f"{_SOUND}\n{_SOUND}")


def test_allow_and_deny_of_one_cell_contradict() -> None:
    assert _found(f"{_SOUND}\np, public, open, read, deny") == [(2, "contradiction")]


@pytest.mark.parametrize(
    "text",
    [
        "g, department, public\ng, public, department",
        "g, town, department\ng, department, public\ng, public, town",
        "g, department:*, department\ng, department, department:education",
        "g, department:h*, town\ng, town, department:health",
        "g, town, department:health\ng, department:h*, town",
        "g2, grade:3, open\ng2, open, grade:3",
        "g, public, public",
    ],
)
def test_a_group_inside_itself_is_found(text: str) -> None:
    findings = lint(f"{_SOUND}\n{_TOWNS}\n{text}")

    assert [(finding.line, finding.code) for finding in findings if finding.severity is Severity.ERROR] == [
        (text.count("\n") + 3, "cycle")
    ]


def test_a_policy_without_rules_is_found() -> None:
    assert _found("# nothing\n") == [(0, "empty-policy")]
    assert _found("") == [(0, "empty-policy")]


def test_a_refused_policy_says_all_its_errors_and_no_warning() -> None:
    with pytest.raises(PolicyRefused) as refused:
        refuse_faulty(f"{_SOUND}\n{_SOUND}\nx\np, public, open, red, alow")

    assert str(refused.value) == (
        "line 3: unknown line type 'x'; line 4: the effect is allow or deny, not 'alow'; line 4: unknown right 'red'"
    )
    assert [finding.code for finding in refused.value.findings] == [
        "duplicate",
        "unknown-line-type",
        "unknown-effect",
        "unknown-right",
    ]


def test_names_are_checked_in_lines_of_sound_shape_only() -> None:
    (line,) = parse("p, public")

    with pytest.raises(ValueError, match="not a line of sound shape: p, public"):
        list(faults(vocabulary([line], None), line))
