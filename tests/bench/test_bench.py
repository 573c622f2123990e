"""The benchmark runs from end to end on the small sample, and refuses to time servers that differ."""

from dataclasses import replace
from pathlib import Path

import asyncpg
import orjson
import pytest

from tests.bench.answers import Disagreement, check_agreement
from tests.bench.bench import Wish, run
from tests.bench.questions import QUESTIONS, County, read_county, write_lines
from tests.bench.report import as_json, as_text
from tests.bench.rounds import Pace
from tests.bench.servers.server import running
from tests.bench.site import Site, add_wide_table
from tests.bench.targets import line_up

QUICK = Pace(seconds=0.05, rounds=1, warm_up_s=0, with_wrk=False)


@pytest.fixture
async def county(sample_url: str) -> County:
    connection = await asyncpg.connect(sample_url)
    try:
        await add_wide_table(connection)
        return await read_county(connection)
    finally:
        await connection.close()


@pytest.fixture
def site(sample_url: str, tmp_path: Path) -> Site:
    return Site(tmp_path / "home", tmp_path, sample_url, None, is_embedded=False)


@pytest.mark.slow
def test_all_servers_answer_the_same_and_are_compared(site: Site, county: County) -> None:
    names = tuple(question.name for question in QUESTIONS)
    wish = Wish(("yishu", "floor", "framework", "naive", "live"), names, (1,), QUICK)

    measured = run(site, county, wish, lambda line: None)

    asked = [(each.question, each.target) for each in measured.figures]
    timed = ("Q1", "Q2", "Q3", "Q4")
    assert asked == [*((name, target) for name in timed for target in ("yishu", "floor", "framework")), ("C3", "yishu")]
    assert all(each.value.median > 0 for each in measured.ratios)
    assert "yishu ÷ floor" in as_text(measured)
    assert len(orjson.loads(as_json(measured))["figures"]) == len(measured.figures)


def test_a_server_that_answers_something_else_is_not_timed(site: Site, county: County, tmp_path: Path) -> None:
    floor = line_up(site, ("floor",))
    page = next(question for question in QUESTIONS if question.name == "Q2")
    lines = write_lines(page, county, tmp_path)
    right = floor.targets[0]
    head = right.calls["Q2"][0].head.replace("/Q2", "/Q4")
    wrong = replace(right, name="wrong", calls={"Q2": (replace(right.calls["Q2"][0], head=head),)})

    with running(floor.programs[0], tmp_path) as server:
        assert check_agreement("Q2", lines, (right, right), {"floor": server}) > 0
        with pytest.raises(Disagreement, match="wrong and floor differ"):
            check_agreement("Q2", lines, (right, wrong), {"floor": server})


def test_what_is_not_installed_is_left_out_with_a_line(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    lineup = line_up(site, ("postgraphile",))

    assert lineup.missing == ("postgraphile is left out: npm is not installed",)
    assert lineup.targets == ()
