"""In charge of reading documents to be registered: GraphQL files, and the manifests that other people's tools write.

A manifest of Apollo's is `{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id", "body"}]}`,
one of Relay's an object of texts by id. The id of a GraphQL file is the SHA-256 of its text in hexadecimal digits. It
knows nothing of whether a document is valid.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_APOLLO = "apollo-persisted-query-manifest"
_GRAPHQL = frozenset({".graphql", ".gql"})
_LONGEST_ID = 200


class ManifestError(Exception):
    """A file that holds no documents; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Named:
    """A document under its id, and the file it is from."""

    id: str
    text: str
    file: str


def read_documents(paths: Iterable[Path]) -> tuple[Named, ...]:
    """The documents of files and of folders (their GraphQL files), each id once. Raises ManifestError, OSError."""
    found: dict[str, Named] = {}
    for named in (each for path in paths for file in _files(path) for each in _read(file)):
        known = found.setdefault(named.id, named)
        if known.text != named.text:
            raise ManifestError(f"{named.file}: {named.id} is another document in {known.file}")
    return tuple(found.values())


def _files(path: Path) -> Sequence[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(each for each in path.rglob("*") if each.suffix in _GRAPHQL)
    if not files:
        raise ManifestError(f"{path}: there is no .graphql or .gql file in it")
    return files


def _read(file: Path) -> Iterator[Named]:
    try:
        text = file.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise ManifestError(f"{file}: is not UTF-8") from error
    if file.suffix in _GRAPHQL:
        yield Named(hashlib.sha256(text.encode()).hexdigest(), text, str(file))
        return
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"{file}: is neither a .graphql or .gql file nor a manifest in JSON") from error
    for key, body in _entries(manifest, file):
        if not isinstance(key, str) or not isinstance(body, str) or not 0 < len(key) <= _LONGEST_ID:
            raise ManifestError(f"{file}: an id must be a text of 1 to {_LONGEST_ID} characters, a document a text")
        yield Named(key, body, str(file))


def _entries(manifest: object, file: Path) -> Iterator[tuple[object, object]]:
    if not isinstance(manifest, dict):
        raise ManifestError(f"{file}: a manifest is one JSON object")
    if "format" not in manifest:
        yield from manifest.items()
        return
    operations = manifest.get("operations")
    if manifest["format"] != _APOLLO or manifest.get("version") != 1 or not isinstance(operations, list):
        raise ManifestError(f"{file}: only version 1 of {_APOLLO} is understood")
    for operation in operations:
        if not isinstance(operation, dict):
            raise ManifestError(f"{file}: an operation is a JSON object")
        yield operation.get("id"), operation.get("body")
