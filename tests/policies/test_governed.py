"""Object classes: what a coordinate counts as, and that what is unknown counts as the strictest."""

from dataclasses import replace

import pytest

from policies.governed import CLASSES, classes_of
from tests.policies.coordinates import COORDINATES, ENTRY_TITLE, NAME, TAX_PAID


def test_an_open_item_has_its_classes_and_itself_last() -> None:
    assert classes_of(NAME) == (
        "sharing:unconditional",
        "grade:1",
        "sharing:unconditional/grade:1",
        "open",
        "provider:market-regulation",
        "type:Enterprise",
        "Enterprise.name",
    )


def test_metadata_has_neither_sharing_type_nor_provider() -> None:
    assert classes_of(replace(ENTRY_TITLE, provider="education")) == (
        "catalog",
        "type:CatalogEntry",
        "CatalogEntry.title",
    )


@pytest.mark.parametrize("change", [{"sharing": "conditional"}, {"grade": 3}, {"openness": "restricted"}])
def test_open_needs_unconditional_sharing_and_a_low_grade(change: dict[str, object]) -> None:
    assert "open" not in classes_of(replace(NAME, **change))  # type: ignore[arg-type]  # the values fit their fields


def test_an_item_without_a_sharing_type_is_not_shared() -> None:
    assert "sharing:not_shared/grade:1" in classes_of(replace(NAME, sharing=""))


def test_an_item_of_unknown_grade_has_the_highest() -> None:
    assert "sharing:conditional/grade:4" in classes_of(replace(TAX_PAID, grade=0))


def test_an_item_without_a_provider_has_no_provider_class() -> None:
    assert not any(name.startswith("provider:") for name in classes_of(replace(NAME, provider="")))


def test_every_class_is_in_the_vocabulary_of_policies() -> None:
    named = {name for governed in COORDINATES for name in classes_of(governed)[:-2]}

    assert {name for name in named if not name.startswith("provider:")} <= CLASSES
