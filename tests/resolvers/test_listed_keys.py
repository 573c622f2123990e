"""Lists of keys by themselves, and the memory they share with rows."""

import math
from itertools import count

import pytest

from resolvers.listed_keys import ListedKeys
from resolvers.row_kinds import LeftOver, Phase, Worth
from resolvers.row_store import RowStore

_WORTH = Worth(math.inf, 0, Phase.KNOWN)


def _keys(*numbers: int) -> dict[str, bytes]:
    return {f"K{number:06}": b"" for number in numbers}


def test_keys_come_after_one_of_the_list_as_far_as_they_are_known() -> None:
    listed = ListedKeys([])
    listed.learn(_keys(1, 3))
    listed.learn(_keys(5, 7))

    assert listed.after("K000003", 1) == ["K000005"]
    assert listed.after("K000001", 3) == ["K000003", "K000005", "K000007"]
    assert listed.after("K000001", 4) is None
    assert listed.after("K000007", 1) is None
    for strange in ("", "K000002", "K000008"):
        assert listed.after(strange, 1) is None

    listed.ahead.is_whole = True
    assert listed.after("K000001", 4) == ["K000003", "K000005", "K000007"]
    assert listed.after("K000007", 1) == []
    assert listed.after("K000008", 1) is None


@pytest.mark.parametrize("further", [_keys(3), _keys(4, 3), _keys(2)])
def test_a_list_in_another_order_than_that_of_texts_is_not_known(further: dict[str, bytes]) -> None:
    left_over: list[LeftOver] = []
    listed = ListedKeys(left_over)
    listed.learn(_keys(1, 3))
    size = listed.size_bytes

    listed.learn(further)
    listed.ahead.is_whole = True

    assert not listed.keeps
    assert listed.size_bytes < size
    assert listed.after("K000001", 1) is None
    assert left_over == [["K000001", "K000003"]]


def test_a_list_is_of_one_state_and_let_go_little_by_little() -> None:
    store = RowStore()
    listed = store.begin_list("list", 1)
    listed.learn(_keys(*range(1_200)))
    store.weigh("list", listed, 1_000)
    assert store.listed("list", 1) is listed
    assert store.size_bytes == listed.size_bytes

    assert store.listed("list", 2) is None
    assert store.listed("list", 1) is None
    assert not store.has("list", listed)
    assert not store.has("list", store.begin_list("list", 1))
    assert store.size_bytes == 0
    for left in (700, 200, 0, 0):
        store.let_go()
        assert store.left_over == left


def test_there_are_so_many_lists_at_most() -> None:
    store = RowStore()
    for number in range(1_001):
        store.begin_list(number, 1).learn(_keys(number))
        store.listed(0, 1)

    assert store.listed(1, 1) is None
    assert store.listed(0, 1) is not None
    assert store.listed(1_000, 1) is not None
    assert store.left_over == 1


def test_what_was_not_asked_for_of_late_makes_room_first() -> None:
    store = RowStore(100_000)
    sizes = dict.fromkeys(("old", "large", "new"), 0)
    rows = ({f"R{number}": b"x" * 1_000} for number in count())

    def grow(name: str, number: int) -> None:
        kind = store.kind(name, 1, _WORTH)
        for _ in range(number):
            before = kind.size_bytes
            kind.learn(next(rows))
            store.weigh(name, kind, before)

    grow("old", 15)
    grow("large", 40)
    assert not store.is_nearly_full
    grow("new", 10)
    assert store.is_nearly_full
    for _ in range(20_001):
        for name in ("large", "new"):
            store.kind(name, 1, _WORTH)
    assert not store.is_nearly_full
    grow("new", 20)
    for name in sizes:
        sizes[name] = len(store.kind(name, 1, _WORTH).rows)

    assert sizes["large"] == 40
    assert sizes["new"] == 30
    assert 0 < sizes["old"] < 15
