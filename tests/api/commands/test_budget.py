"""Budgets at the terminal: set, listed, removed."""

import json

import pytest

from tests.api.commands.conftest import Run


@pytest.fixture
async def ready(yishu: Run, on_database: str) -> Run:
    await yishu("migrate")
    return yishu


async def test_budgets_are_set_listed_and_removed(ready: Run) -> None:
    done = await ready("budget", "set", "--department", "education", "--per-minute", "5000")
    await ready("budget", "set", "--department", "education", "--app", "desk", "--per-minute", "100")
    await ready("budget", "set", "--app", "portal", "--per-minute", "7")
    await ready("budget", "set", "--public", "--per-minute", "9")
    await ready("budget", "set", "--public", "--per-minute", "8")
    removed = await ready("budget", "remove", "--app", "portal")
    listed = await ready("budget", "list", "--json")
    table = await ready("budget", "list")

    assert (done.status, done.out) == (0, "education: 5000 a minute\n")
    assert (removed.status, removed.out) == (0, "application portal: no limit\n")
    assert json.loads(listed.out) == [
        {"department": "", "application": None, "perMinute": 8},
        {"department": "education", "application": None, "perMinute": 5000},
        {"department": "education", "application": "desk", "perMinute": 100},
    ]
    assert table.out.splitlines()[1].split() == ["(public)", "*", "8"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("set", "--per-minute", "5"), 1, "whose budget?"),
        (("set", "--department", "nobody", "--per-minute", "5"), 1, "there is no department nobody"),
        (("set", "--department", "education", "--public", "--per-minute", "5"), 2, "not allowed with"),
        (("set", "--department", "education", "--per-minute", "0"), 2, "whole number"),
        (("remove", "--department", "education"), 1, "there is no budget of education"),
    ],
)
async def test_what_cannot_be_is_told_in_one_line(
    ready: Run, arguments: tuple[str, ...], status: int, said: str
) -> None:
    finished = await ready("budget", *arguments)

    assert finished.status == status
    assert said in finished.err
