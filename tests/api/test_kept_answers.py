"""Answers asked for again are kept, for as long as the state holds and no longer; what is made is made once."""

import asyncio

import pytest

from api.kept_answers import KeptAnswers, Key, Made
from audit.record import State

NOW, LATER = State(1, 1, 1), State(1, 1, 2)
KEY, OTHER = Key("plan", None), Key("plan", b'{"a":1}')


def _made(text: str = "answer") -> Made:
    return Made(text.encode(), 0, (), b"[]", 1)


async def test_an_answer_is_kept_from_the_second_time_on() -> None:
    answers = KeptAnswers()
    for _ in range(2):
        assert answers.find(NOW, KEY) is None
        answers.keep(NOW, KEY, _made())

    assert answers.find(NOW, KEY) == _made()
    assert answers.find(NOW, OTHER) is None


async def test_nothing_is_kept_beyond_its_state() -> None:
    answers = KeptAnswers()
    answers.find(NOW, KEY)
    for _ in range(3):
        answers.keep(NOW, KEY, _made())

    assert answers.find(LATER, KEY) is None
    answers.keep(NOW, KEY, _made("of the state before"))
    answers.keep(NOW, KEY, _made("of the state before"))
    assert answers.find(LATER, KEY) is None


async def test_equal_questions_at_a_time_are_answered_by_one() -> None:
    answers, began = KeptAnswers(), 0

    async def make() -> Made:
        nonlocal began
        began += 1
        await asyncio.sleep(0.01)
        return _made()

    made = await asyncio.gather(*(answers.make_once(KEY, make) for _ in range(5)))

    assert (made, began) == ([_made()] * 5, 1)


async def test_who_goes_leaves_the_others_their_answer_and_the_last_ends_it() -> None:
    answers, ended = KeptAnswers(), asyncio.Event()

    async def make() -> Made:
        try:
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            ended.set()
            raise
        return _made()

    first, second = (asyncio.create_task(answers.make_once(KEY, make)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == _made()

    alone = asyncio.create_task(answers.make_once(KEY, make))
    await asyncio.sleep(0.01)
    alone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await alone
    await asyncio.wait_for(ended.wait(), 1)


async def test_a_failure_is_everybodys_and_not_kept() -> None:
    answers, failures = KeptAnswers(), iter([ValueError("broken")])

    async def make() -> Made:
        await asyncio.sleep(0)
        for failure in failures:
            raise failure
        return _made()

    results = await asyncio.gather(*(answers.make_once(KEY, make) for _ in range(2)), return_exceptions=True)

    assert all(isinstance(result, ValueError) for result in results)
    assert await answers.make_once(KEY, make) == _made()


async def test_variables_take_room_like_answers() -> None:
    answers = KeptAnswers()
    keys = [Key("plan", b"%d" % number + bytes(1 << 20)) for number in range(65)]
    answers.find(NOW, KEY)
    for key in keys:
        for _ in range(2):
            answers.keep(NOW, key, _made())

    assert answers.find(NOW, keys[0]) is None
    assert answers.find(NOW, keys[-1]) == _made()
    assert answers.find(NOW, keys[40]) == _made()
