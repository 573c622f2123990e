"""Data at the terminal: the sample, a collection, and the log."""

import json
from pathlib import Path

import pytest

from tests.api.commands.conftest import Run

ROWS = "code,name\n330784105,石柱镇\n330784106,前仓镇\n"


@pytest.fixture
async def ready(yishu: Run, on_database: str) -> Run:
    await yishu("migrate")
    return yishu


async def test_the_sample_is_loaded_once(ready: Run) -> None:
    first, second = await ready("sample"), await ready("sample", "--json")

    assert first.out.startswith("loaded the sample county (small) in ")
    assert "loading the sample county" in first.err
    assert json.loads(second.out)["loaded"] == []
    assert (await ready("sample")).out.startswith("the sample county (small) is already loaded")


async def test_a_file_is_collected_and_collected_again(ready: Run, tmp_path: Path) -> None:
    path = tmp_path / "towns.csv"
    path.write_text(ROWS, encoding="utf-8")

    first = await ready("collect", "--provider", "civil-affairs", "--key", "code", str(path))
    path.write_text(ROWS.replace("前仓镇", "前仓"), encoding="utf-8")
    second = await ready("collect", "--provider", "civil-affairs", "--key", "code", "--json", str(path))

    assert first.status == 0
    assert "key code): pool.civilAffairs.towns\n  2 inserted" in first.out
    assert "  name → name: text (new)" in first.out
    (table,) = json.loads(second.out)["tables"]
    assert (table["updated"], table["unchanged"]) == (1, 1)


async def test_bad_rows_refuse_the_batch_unless_they_are_left_out(ready: Run, tmp_path: Path) -> None:
    path = tmp_path / "towns.csv"
    path.write_text(f"{ROWS}330784105,twice\n", encoding="utf-8")
    arguments = ("collect", "--provider", "civil-affairs", "--key", "code", str(path))

    refused = await ready(*arguments)
    skipped = await ready(*arguments, "--skip-bad")

    assert refused.status == 1
    assert "bad row" in refused.err.splitlines()[-1]
    assert skipped.status == 0
    assert "rejected rows are in" in skipped.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--provider", "civil-affairs", "missing.csv"), "there is no file missing.csv"),
        (("--provider", "nobody", "towns.csv"), "no department is called nobody"),
    ],
)
async def test_a_collection_that_cannot_be_is_told(
    ready: Run, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    (tmp_path / "towns.csv").write_text(ROWS, encoding="utf-8")

    finished = await ready("collect", *arguments)

    assert finished.status == 1
    assert finished.err.splitlines()[-1].startswith(f"yishu: {message}")


async def test_searching_the_log_is_itself_in_the_log(ready: Run) -> None:
    nothing = await ready("log", "search", "--department", "education", "--since", "2026-01-01")
    found = await ready("log", "search", "--limit", "10")
    as_json = await ready("log", "search", "--json")

    assert (nothing.status, nothing.err) == (1, "yishu: no operation found\n")
    assert found.status == 0
    assert "public" in found.out
    assert [each["application"] for each in json.loads(as_json.out)] == ["yishu log", "yishu log"]
