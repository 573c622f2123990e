"""Documents to be registered, as people and the tools of others write them down."""

import hashlib
import json
from pathlib import Path

import pytest

from api.manifests import ManifestError, read_documents


def _write(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8", newline="")
    return path


def test_a_graphql_file_has_the_digest_of_its_text_as_its_id(tmp_path: Path) -> None:
    text = "# 地名\r\n{ places { totalCount } }\n"

    (named,) = read_documents([_write(tmp_path / "a.graphql", text)])

    assert (named.id, named.text) == (hashlib.sha256(text.encode()).hexdigest(), text)


def test_a_folder_stands_for_all_its_graphql_files(tmp_path: Path) -> None:
    _write(tmp_path / "a.graphql", "{ a }")
    _write(tmp_path / "b" / "c.gql", "{ c }")
    _write(tmp_path / "package.json", {})

    assert [named.text for named in read_documents([tmp_path])] == ["{ a }", "{ c }"]


def test_manifests_of_apollo_and_relay_are_read(tmp_path: Path) -> None:
    operation = {"id": "one", "name": "A", "type": "query", "body": "query A { a }"}
    apollo = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [operation]}

    named = read_documents([_write(tmp_path / "a.json", apollo), _write(tmp_path / "r.json", {"two": "query B { b }"})])

    assert [(each.id, each.text) for each in named] == [("one", "query A { a }"), ("two", "query B { b }")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is neither"),
        ("[" * 100_000, "is neither"),
        ([], "one JSON object"),
        ({"a": 1}, "a document a text"),
        ({"": "{ a }"}, "a text of 1 to 200"),
        ({"x" * 201: "{ a }"}, "a text of 1 to 200"),
        ({"format": "other"}, "only version 1"),
        ({"format": "apollo-persisted-query-manifest", "version": 2, "operations": []}, "only version 1"),
        ({"format": "apollo-persisted-query-manifest", "version": 1, "operations": [1]}, "is a JSON object"),
        ({"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{}]}, "a document a text"),
    ],
)
def test_what_is_no_manifest_is_told_with_the_name_of_the_file(tmp_path: Path, content: object, said: str) -> None:
    path = _write(tmp_path / "manifest.json", content)

    with pytest.raises(ManifestError, match=said) as refused:
        read_documents([path])

    assert str(path) in str(refused.value)


def test_a_folder_without_documents_an_id_of_two_documents_and_bytes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="there is no"):
        read_documents([tmp_path])
    first, second = _write(tmp_path / "a.json", {"x": "{ a }"}), _write(tmp_path / "b.json", {"x": "{ b }"})
    with pytest.raises(ManifestError, match="x is another document in"):
        read_documents([first, second])
    (tmp_path / "c.graphql").write_bytes(b"\xff")
    with pytest.raises(ManifestError, match="is not UTF-8"):
        read_documents([tmp_path / "c.graphql"])
