"""Principals: the subjects they act as, and what decisions about them may be kept under."""

import pytest

from policies.principal import PUBLIC, Principal, subject_of


def test_the_subjects_are_the_department_and_its_roles() -> None:
    assert Principal("education", ("reviewer", "auditor")).subjects == (
        "department:education",
        "role:auditor",
        "role:reviewer",
    )


def test_the_public_is_one_subject_whatever_roles_it_claims() -> None:
    assert PUBLIC.subjects == ("public",)
    assert Principal("", ("auditor",)).subjects == ("public",)
    assert Principal("", ("auditor",)).fingerprint == PUBLIC.fingerprint


def test_a_department_code_names_a_subject_and_none_the_public() -> None:
    assert subject_of("education") == "department:education"
    assert subject_of("") == "public"


def test_the_fingerprint_leaves_out_user_and_application() -> None:
    assert Principal("education", ("a", "b"), "wang").fingerprint == Principal("education", ("b", "a", "a")).fingerprint
    assert Principal("education", ()).fingerprint != Principal("health", ()).fingerprint
    assert Principal("education", ("a",)).fingerprint != Principal("education", ()).fingerprint


def test_only_a_towns_office_has_a_division() -> None:
    assert Principal("town-330784105", ()).division == "330784105"
    assert Principal("education", ()).division is None


@pytest.mark.parametrize("department", ["*", "Education", "education\n", "a|b", " ", "department:education", "教育局"])
def test_a_department_no_law_could_name_is_refused(department: str) -> None:
    with pytest.raises(ValueError, match="not a department code"):
        Principal(department, ())


@pytest.mark.parametrize("role", ["*", "", "a,b", "audit*", "a b", "auditor\n"])
def test_a_role_that_could_be_read_as_a_pattern_is_refused(role: str) -> None:
    with pytest.raises(ValueError, match="not a role"):
        Principal("education", (role,))
