"""Operation ids: UUID version 7 of RFC 9562, ascending within a process."""

import time
from itertools import pairwise
from uuid import UUID

from audit.identifiers import OperationIds, uuid7


def test_the_example_of_rfc_9562_appendix_a6() -> None:
    made = uuid7(0x017F22E279B0, 0xCC3 << 62 | 0x18C4DC0C0C07398F)

    assert made == UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"


def test_ids_ascend_within_a_process() -> None:
    ids = OperationIds()

    made = [ids.next() for _ in range(20_000)]

    assert all(earlier < later for earlier, later in pairwise(made))


def test_an_id_carries_the_time_it_was_made() -> None:
    before = time.time_ns() // 1_000_000

    made = OperationIds().next()

    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_ascend_while_the_clock_goes_back() -> None:
    clock = iter([2_000, 1_000, 1_500, 2_001])
    ids = OperationIds(lambda: next(clock))

    made = [ids.next() for _ in range(4)]

    assert made == sorted(made)
    assert [id_.int >> 80 for id_ in made] == [2_000, 2_000, 2_000, 2_001]


def test_a_millisecond_out_of_random_parts_borrows_from_the_next() -> None:
    ids = OperationIds(lambda: 5)
    ids.next()
    ids._random = (1 << 74) - 1  # as after some ten billion ids in one millisecond

    made = [ids.next(), ids.next()]

    assert [id_.int >> 80 for id_ in made] == [6, 6]
    assert made == sorted(made)


def test_ids_of_two_processes_differ() -> None:
    one, two = OperationIds(lambda: 7), OperationIds(lambda: 7)

    assert {one.next() for _ in range(100)}.isdisjoint({two.next() for _ in range(100)})
