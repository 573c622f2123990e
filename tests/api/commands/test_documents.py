"""Registered documents at the terminal: registered whole or not at all, listed, removed, required."""

import hashlib
import json
from pathlib import Path

import pytest

from tests.api.commands.conftest import Run

_TEXT = "query Towns { places { totalCount } }"


@pytest.fixture
async def ready(yishu: Run, on_database: str) -> Run:
    await yishu("migrate")
    return yishu


def _write(folder: Path, name: str, content: str) -> str:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return str(path)


async def test_documents_are_registered_listed_and_removed(ready: Run, tmp_path: Path) -> None:
    digest = hashlib.sha256(_TEXT.encode()).hexdigest()
    file = _write(tmp_path, "towns.graphql", _TEXT)

    registered = [await ready("documents", "register", file), await ready("documents", "register", file)]
    own = await ready("documents", "register", "--app", "desk", file, "--json")
    listed = json.loads((await ready("documents", "list", "--json")).out)
    table = await ready("documents", "list")
    removed = await ready("documents", "remove", digest)
    again = await ready("documents", "remove", digest)

    assert [(each.status, digest in each.out, "Towns" in each.out) for each in registered] == [(0, True, True)] * 2
    assert json.loads(own.out) == [{"id": digest, "operations": "Towns", "file": file}]
    assert [(each["application"], each["id"]) for each in listed["documents"]] == [("", digest), ("desk", digest)]
    assert digest in table.out
    assert (removed.status, again.status, again.err) == (0, 1, f"yishu: not registered: {digest}\n")


async def test_of_documents_that_are_not_all_valid_none_is_registered(ready: Run, tmp_path: Path) -> None:
    manifest = _write(tmp_path, "m.json", json.dumps({"good": _TEXT, "bad": "{ nothing }"}))

    finished = await ready("documents", "register", manifest)

    assert finished.status == 1
    assert f"{manifest}: bad: Cannot query field 'nothing'" in finished.err
    assert json.loads((await ready("documents", "list", "--json")).out)["documents"] == []


async def test_an_id_keeps_its_document(ready: Run, tmp_path: Path) -> None:
    await ready("documents", "register", _write(tmp_path, "m.json", json.dumps({"x": _TEXT})))
    other = _write(tmp_path, "n.json", json.dumps({"w": _TEXT, "x": "{ __typename }"}))

    finished = await ready("documents", "register", other)

    assert finished.status == 1
    assert "an id stands for another document already" in finished.err
    assert [each["id"] for each in json.loads((await ready("documents", "list", "--json")).out)["documents"]] == ["x"]


async def test_an_application_is_held_and_released(ready: Run) -> None:
    held = await ready("documents", "require", "--app", "desk")
    listed = await ready("documents", "list")
    released = await ready("documents", "release", "--app", "desk")

    assert (held.status, released.status) == (0, 0)
    assert "desk may ask nothing but registered documents" in listed.out
    assert json.loads((await ready("documents", "list", "--json")).out)["requiredFor"] == []


async def test_what_cannot_be_is_told_in_one_line(ready: Run, tmp_path: Path) -> None:
    missing = await ready("documents", "register", str(tmp_path / "none.graphql"))
    nameless = await ready("documents", "require", "--app", "")

    assert (missing.status, nameless.status) == (1, 1)
    assert missing.err.startswith("yishu: nothing is registered: ")
    assert "which application?" in nameless.err
