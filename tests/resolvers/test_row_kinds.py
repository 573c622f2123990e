"""Rows of a kind are known if, while and as far as that is worth it."""

import itertools
import random

import pytest

from resolvers.row_kinds import Phase, RowKind, Worth
from tests.resolvers.asking import computing_less_than


def _keys(first: int, number: int) -> list[bytes]:
    return [str(each).encode() for each in range(first, first + number)]


def _learn(kind: RowKind, first: int, number: int) -> None:
    kind.learn({str(each): b"x" * 60 for each in range(first, first + number)})


def _read(kind: RowKind, first: int, number: int) -> int:
    """Reads a page as its phase wants it; how many of its rows were not known."""
    keys = _keys(first, number)
    if kind.phase is Phase.COUNTED:
        kind.see(keys)
        return number
    unknown = number - sum(key.decode() in kind.rows for key in keys)
    _learn(kind, first, number)
    kind.met(number, unknown)
    return unknown


@pytest.mark.parametrize(
    ("size", "new", "phase"),
    [
        (50, 5, Phase.KNOWN),
        (50, 20, Phase.LEARNED),
        (50, 45, Phase.COUNTED),
        (8, 0, Phase.KNOWN),
        (8, 1, Phase.COUNTED),
    ],
)
def test_few_rows_of_a_page_may_be_new_and_of_a_small_one_none(size: int, new: int, phase: Phase) -> None:
    kind, first = RowKind(Worth(), Phase.COUNTED), 0
    for _ in range(100):
        _read(kind, first, size)
        first += new

    assert kind.phase is phase


def test_rows_that_come_in_no_order_are_learned_with_their_pages_and_then_known() -> None:
    kind, draw, unknown = RowKind(Worth(), Phase.COUNTED), random.Random(1), 0
    phases: list[Phase] = []
    for _ in range(1_000):
        unknown += _read(kind, draw.randrange(5_000), 50) if kind.phase is Phase.KNOWN else 0
        if kind.phase is not Phase.KNOWN:
            _read(kind, draw.randrange(5_000), 50)
        phases.append(kind.phase)

    assert [phase for phase, _ in itertools.groupby(phases)] == [Phase.COUNTED, Phase.LEARNED, Phase.KNOWN]
    assert len(kind.rows) > 4_900
    assert unknown < 1_500


def test_rows_that_do_not_come_again_are_read_as_a_whole_and_counted_again() -> None:
    kind, first = RowKind(Worth(), Phase.COUNTED), 0
    for _ in range(60):
        _read(kind, 0, 50)
    phases = [kind.phase]
    for _ in range(60):
        first += 50
        _read(kind, first, 50)
        phases.append(kind.phase)

    assert phases[0] is Phase.KNOWN
    assert phases.index(Phase.LEARNED) < 16
    assert phases[-1] is Phase.COUNTED
    assert (kind.rows, kind.size_bytes < 200_000) == ({}, True)


def test_what_is_known_longest_is_forgotten_first_and_what_it_took_is_free() -> None:
    kind = RowKind(Worth(), Phase.KNOWN)
    empty = kind.size_bytes
    _learn(kind, 0, 100)
    full = kind.size_bytes

    kind.forget(10 * (full - empty) // 100)
    assert list(kind.rows) == [str(each) for each in range(len(kind.rows) and 100 - len(kind.rows), 100)]
    assert 88 <= len(kind.rows) <= 90
    kind.forget(full)
    assert (kind.rows, kind.size_bytes) == ({}, empty)


def test_forgetting_takes_no_longer_the_more_was_forgotten() -> None:
    kind = RowKind(Worth(), Phase.KNOWN)
    _learn(kind, 0, 200_000)

    with computing_less_than(4.0):
        for first in range(200_000, 400_000, 20):
            before = kind.size_bytes
            _learn(kind, first, 20)
            kind.forget(kind.size_bytes - before)

    assert len(kind.rows) <= 200_000


def test_what_comes_too_late_changes_nothing() -> None:
    kind = RowKind(Worth(), Phase.KNOWN)
    _learn(kind, 0, 50)
    kind.give_up()
    size_bytes = kind.size_bytes

    _learn(kind, 0, 50)
    kind.met(50, 0)

    assert (kind.rows, kind.size_bytes, kind.phase) == ({}, size_bytes, Phase.HOPELESS)


def test_rows_of_which_there_are_too_many_are_not_even_counted() -> None:
    kind = RowKind(Worth(), Phase.COUNTED)
    for first in range(0, 505_000, 5_000):
        assert kind.phase is Phase.COUNTED
        kind.see(_keys(first, 5_000))

    assert kind.phase is Phase.HOPELESS
    assert kind.size_bytes < 10_000


def test_what_rows_take_when_they_are_learned_is_given_back_when_they_are_forgotten() -> None:
    kind = RowKind(Worth(), Phase.LEARNED)
    empty_bytes = kind.size_bytes
    for first in range(0, 300, 40):  # of sixty rows a page, of which some were known
        page = range(first, first + 60)
        kind.learn({str(row): b"x" * (row * 7 % 90) for row in page})
    whole_bytes = kind.size_bytes

    kind.forget(1)
    assert empty_bytes < kind.size_bytes < whole_bytes
    kind.forget(whole_bytes)

    assert (len(kind.rows), kind.size_bytes) == (0, empty_bytes)
