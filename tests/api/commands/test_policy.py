"""The policy at the terminal: shown, checked, explained, and published only when it passes."""

import json
from pathlib import Path

import pytest

from tests.api.commands.conftest import Run


@pytest.fixture
async def ready(yishu: Run, on_database: str) -> Run:
    await yishu("migrate")
    return yishu


async def _edited(ready: Run, tmp_path: Path, line: str) -> str:
    shown = await ready("policy", "show")
    path = tmp_path / "policy.csv"
    path.write_text(f"{shown.out}{line}\n", encoding="utf-8")
    return str(path)


async def test_a_published_policy_is_the_current_one(ready: Run, tmp_path: Path) -> None:
    path = await _edited(ready, tmp_path, "p, department:education, Enterprise.legalPersonId, read, allow")

    published = await ready("policy", "publish", path, "--by", "li")
    explained = await ready("policy", "explain", "Enterprise.legalPersonId", "--department", "education", "--json")

    assert (published.status, published.out) == (0, "version 2 is the current policy\n")
    decision = next(each for each in json.loads(explained.out) if each["right"] == "read")
    assert decision["effect"] == "clear"
    assert "department:education" in decision["rule"]


async def test_a_faulty_policy_is_told_line_by_line_and_never_published(ready: Run, tmp_path: Path) -> None:
    path = await _edited(ready, tmp_path, "p, department:education, Enterprise.legalPersonID, read, allow")

    linted = await ready("policy", "lint", path)
    as_json = await ready("policy", "lint", path, "--json")
    published = await ready("policy", "publish", path, "--by", "li")
    shown = await ready("policy", "show")

    assert linted.status == 1
    assert "unknown-coordinate" in linted.out
    assert json.loads(as_json.out)[0]["code"] == "unknown-coordinate"
    assert published.status == 1
    assert "yishu: the policy is not published: it has errors" in published.err
    assert shown.out.startswith("# version 1\n")


async def test_the_current_policy_passes(ready: Run, tmp_path: Path) -> None:
    path = await _edited(ready, tmp_path, "")

    assert (await ready("policy", "lint", path)).status == 0
    assert json.loads((await ready("policy", "publish", path, "--by", "li", "--json")).out)["version"] >= 1


async def test_a_decision_is_explained_with_what_is_missing(ready: Run) -> None:
    finished = await ready("policy", "explain", "Enterprise.legalPersonId")

    assert finished.status == 0
    assert "default-deny" in finished.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("explain", "Enterprise.nothing"), "there is no coordinate Enterprise.nothing"),
        (("explain", "Nothing"), "there is no coordinate Nothing"),
        (("explain", "Enterprise.name", "--department", "nobody"), "there is no department nobody"),
        (("lint", "missing.csv"), "cannot read missing.csv"),
    ],
)
async def test_what_does_not_exist_is_told(ready: Run, arguments: tuple[str, ...], message: str) -> None:
    finished = await ready("policy", *arguments)

    assert finished.status == 1
    assert finished.err.startswith(f"yishu: {message}")
