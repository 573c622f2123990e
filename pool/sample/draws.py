"""In charge of chance: streams of random numbers by name, and pools of ready-made pieces to draw from.

The same seed gives the same bytes on every machine and every Python: only `Random.random`, addition, multiplication and
division are used, never the mathematical library of the platform. It refuses to know what is drawn for.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import reduce
from operator import add
from random import Random
from typing import TypeVar

Piece = TypeVar("Piece")

_SEED = "330784"
_POOL_SIZE = 1024
_NORMAL_TERMS = 12
_HALVINGS = 10


def stream(*names: str) -> Random:
    """A stream of random numbers of its own for these names: equal names, equal numbers."""
    return Random("/".join((_SEED, *names)))


def pick(random: Random, pool: Sequence[Piece], count: int) -> list[Piece]:
    """So many pieces of the pool, each as likely as the others."""
    number = random.random
    size = len(pool)
    return [pool[int(number() * size)] for _ in range(count)]


def one(random: Random, pool: Sequence[Piece]) -> Piece:
    """One piece of the pool."""
    return pool[int(random.random() * len(pool))]


def shuffled(random: Random, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces in another order (Fisher and Yates)."""
    order = list(pieces)
    for last in range(len(order) - 1, 0, -1):
        other = int(random.random() * (last + 1))
        order[last], order[other] = order[other], order[last]
    return order


def weighted(weight_by_piece: dict[Piece, int]) -> list[Piece]:
    """A pool in which each piece stands as often as its weight says."""
    return [piece for piece, weight in weight_by_piece.items() for _ in range(weight)]


def lognormal(median: float, sigma: float, size: int = _POOL_SIZE) -> list[float]:
    """A pool of log-normally distributed numbers around a median."""
    number = stream("log-normal").random
    return [
        median * _exponential(sigma * (_total(number() for _ in range(_NORMAL_TERMS)) - _NORMAL_TERMS / 2))
        for _ in range(size)
    ]


def _total(numbers: Iterable[float]) -> float:
    """The sum from left to right: `sum` rounds differently since Python 3.12."""
    return reduce(add, numbers, 0.0)


def _exponential(power: float) -> float:
    """The exponential of a small number, by series and squaring: `math.exp` may differ in its last digit."""
    part = power / (1 << _HALVINGS)
    result = 1 + part + part * part / 2 + part * part * part / 6
    for _ in range(_HALVINGS):
        result *= result
    return result


def days(first: date, last: date) -> list[str]:
    """Every day from first to last, as ISO dates."""
    return [str(first + timedelta(days=number)) for number in range((last - first).days + 1)]


def shares(total: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers in proportion to the weights that sum up to the total exactly (largest remainder, first come)."""
    scale = total / _total(weights)
    exact = [weight * scale for weight in weights]
    parts = [int(number) for number in exact]
    by_remainder = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts
