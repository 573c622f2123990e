"""Large answers wait for a place of their own; what only might be large does not."""

from api.lanes import LARGE_ROWS, Lanes


def test_what_cannot_be_large_is_small() -> None:
    assert not Lanes().is_large(object(), LARGE_ROWS - 1)


def test_what_may_be_large_is_taken_for_large_until_it_is_known_not_to_be() -> None:
    lanes, plan = Lanes(), object()
    taken_for = [lanes.is_large(plan, LARGE_ROWS)]

    lanes.saw(plan, LARGE_ROWS, 270)

    assert [*taken_for, lanes.is_large(plan, LARGE_ROWS)] == [True, False]


def test_one_large_answer_is_remembered_whatever_follows() -> None:
    lanes, plan = Lanes(), object()
    lanes.saw(plan, LARGE_ROWS, 270)
    lanes.saw(plan, LARGE_ROWS, LARGE_ROWS)

    lanes.saw(plan, LARGE_ROWS, 0)

    assert lanes.is_large(plan, LARGE_ROWS)
