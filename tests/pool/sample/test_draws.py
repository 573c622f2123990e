"""Chance is the same everywhere, and shares add up."""

import math

from hypothesis import given
from hypothesis import strategies as st

from pool.sample.draws import lognormal, one, pick, shares, shuffled, stream, weighted


def test_a_stream_gives_the_same_numbers_for_the_same_names() -> None:
    first, second, other = stream("a", "b"), stream("a", "b"), stream("a", "c")

    drawn = [first.random() for _ in range(5)]

    assert drawn == [second.random() for _ in range(5)]
    assert drawn != [other.random() for _ in range(5)]
    assert drawn[0] == 0.8329205608388796


def test_log_normal_numbers_lie_around_their_median_as_the_mathematical_library_would_have_them() -> None:
    pool = sorted(lognormal(100, 0.5, 4001))

    logarithms = [math.log(number / 100) for number in pool]
    spread = math.sqrt(sum(number * number for number in logarithms) / len(logarithms))

    assert abs(pool[2000] - 100) < 3
    assert abs(spread - 0.5) < 0.02


@given(st.integers(0, 10_000), st.lists(st.floats(0.01, 100), min_size=1, max_size=40))
def test_shares_add_up_and_keep_to_their_weights(total: int, weights: list[float]) -> None:
    parts = shares(total, weights)

    assert sum(parts) == total
    exact = [total * weight / math.fsum(weights) for weight in weights]
    assert all(abs(part - number) < 1.000001 for part, number in zip(parts, exact, strict=True))


@given(st.lists(st.integers(), min_size=1), st.integers(0, 50))
def test_picking_gives_pieces_of_the_pool(pool: list[int], count: int) -> None:
    random = stream("test")

    drawn = pick(random, pool, count)

    assert len(drawn) == count
    assert {*drawn, one(random, pool)} <= set(pool)


@given(st.lists(st.integers()))
def test_shuffling_keeps_every_piece(pieces: list[int]) -> None:
    assert sorted(shuffled(stream("test"), pieces)) == sorted(pieces)


def test_a_weighted_pool_holds_each_piece_as_often_as_its_weight() -> None:
    assert weighted({"a": 2, "b": 0, "c": 1}) == ["a", "a", "c"]
