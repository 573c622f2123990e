"""In charge of operation ids: UUID version 7 of RFC 9562, section 5.7, each greater than the one before it.

It refuses to know what they are given to.
"""

import os
import time
from collections.abc import Callable, Iterator
from uuid import UUID

from asyncpg.pgproto import pgproto

_RANDOM_BITS = 74
# Section 6.2, method 2: within a millisecond the random part grows by a random step, so the next id cannot be guessed.
_STEP_BITS = 40
_DRAWN_NUMBERS = 512  # a call of the system's generator costs as much as all the rest of an id


class OperationIds:
    """Gives out operation ids in ascending order. One per process; not shared between threads."""

    def __init__(self, clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self._clock_ms = clock_ms
        self._unix_ms = 0
        self._random = 0
        self._numbers = _random_numbers()

    def next(self) -> UUID:
        """The next id. Its time is the clock's, or that of the id before it while the clock is behind."""
        unix_ms = self._clock_ms()
        self._random += 1 + (next(self._numbers) >> (64 - _STEP_BITS))
        if unix_ms > self._unix_ms or self._random >> _RANDOM_BITS:
            self._unix_ms = max(unix_ms, self._unix_ms + 1)
            # The highest bit starts as 0: room to grow within the millisecond.
            self._random = (next(self._numbers) << 64 | next(self._numbers)) >> (128 - _RANDOM_BITS + 1)
        return uuid7(self._unix_ms, self._random)


def _random_numbers() -> Iterator[int]:
    """Numbers of 64 random bits, each given once."""
    while True:
        yield from memoryview(os.urandom(8 * _DRAWN_NUMBERS)).cast("Q")


def uuid7(unix_ms: int, random: int) -> UUID:
    """The UUID of a time in milliseconds and 74 random bits, the upper 12 of which stand before the variant.

    >>> uuid7(0x017F22E279B0, 0xCC3 << 62 | 0x18C4DC0C0C07398F)
    UUID('017f22e2-79b0-7cc3-98c4-dc0c0c07398f')
    """
    upper, lower = random >> 62, random & ((1 << 62) - 1)
    number = unix_ms << 80 | 0x7 << 76 | upper << 64 | 0b10 << 62 | lower
    made: UUID = pgproto.UUID(number.to_bytes(16))  # made in C: an eighth of the time to make and to print
    return made
