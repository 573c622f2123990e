"""Rows of a kind are known if, while and as far as that is worth it."""

import math

import pytest

from resolvers.row_kinds import RowKind, Worth
from tests.resolvers.asking import computing_less_than


def _keys(first: int, number: int) -> list[bytes]:
    return [str(each).encode() for each in range(first, first + number)]


def _seen(kind: RowKind, number: int, pages: int = 60) -> RowKind:
    for _ in range(pages):
        kind.see(_keys(0, number))
    return kind


def _learn(kind: RowKind, first: int, number: int, text: bytes = b"x" * 60) -> None:
    kind.learn({str(each): text for each in range(first, first + number)})


@pytest.mark.parametrize(("size", "new", "is_worth_it"), [(50, 5, True), (50, 20, False), (8, 1, False), (8, 0, True)])
def test_few_rows_of_a_page_may_be_new_and_of_a_small_one_none(size: int, new: int, is_worth_it: bool) -> None:
    kind, first = RowKind(Worth()), 0
    for _ in range(100):
        kind.see(_keys(first, size))
        first += new

    assert kind.is_known == is_worth_it


def test_what_was_seen_before_is_learned_before_it_is_judged() -> None:
    kind = _seen(RowKind(Worth()), 5_000)
    for first in range(0, 5_000, 50):
        _learn(kind, first, 50)
        kind.met(50, 50)

    assert (kind.is_known, len(kind.rows)) == (True, 5_000)


def test_rows_that_do_not_come_again_are_read_as_a_whole_again_and_in_the_end_for_good() -> None:
    kind = RowKind(Worth())
    for times in range(3):
        _seen(kind, 50)
        assert (kind.is_known, kind.is_hopeless) == (True, False), times
        pages = 0
        while kind.is_known:
            kind.met(50, 50)
            pages += 1
        assert pages < 20
        assert kind.rows == {}

    assert kind.is_hopeless


def test_what_is_known_longest_is_forgotten_first_and_what_it_took_is_free() -> None:
    kind = RowKind(Worth())
    empty = kind.size_bytes
    _learn(kind, 0, 100)
    full = kind.size_bytes

    kind.forget(10 * (full - empty) // 100)
    assert list(kind.rows) == [str(each) for each in range(len(kind.rows) and 100 - len(kind.rows), 100)]
    assert 88 <= len(kind.rows) <= 90
    kind.forget(full)
    assert (kind.rows, kind.size_bytes) == ({}, empty)


def test_forgetting_takes_no_longer_the_more_was_forgotten() -> None:
    kind = RowKind(Worth())
    _learn(kind, 0, 200_000)

    with computing_less_than(4.0):
        for first in range(200_000, 400_000, 20):
            before = kind.size_bytes
            _learn(kind, first, 20)
            kind.forget(kind.size_bytes - before)

    assert len(kind.rows) <= 200_000


def test_rows_of_which_there_are_too_many_are_not_even_counted() -> None:
    kind = RowKind(Worth(-math.inf))
    for first in range(0, 505_000, 5_000):
        assert not kind.is_hopeless
        kind.see(_keys(first, 5_000))

    assert kind.is_hopeless
    assert kind.size_bytes < 10_000
