"""The ways in which a request names a document rather than sending it."""

import json

import pytest

from api.parameters import Reference
from tests.api.conftest import Served, error_code

_HASH = "0" * 64


@pytest.mark.parametrize(
    ("request_", "reference"),
    [
        ({"documentId": "sha256:0"}, Reference("sha256:0", is_automatic=False)),
        ({"documentId": "one", "query": None}, Reference("one", is_automatic=False)),
        ({"doc_id": "two"}, Reference("two", is_automatic=False)),
        ({"documentId": "two", "doc_id": "two", "id": None}, Reference("two", is_automatic=False)),
        ({"id": "three", "query": None}, Reference("three", is_automatic=False)),
        ({"query": "{ hello }", "id": "ours, ignored"}, None),
        ({"query": "{ hello }", "doc_id": 1}, None),
        ({"query": "{ hello }", "extensions": {"persistedQuery": None}}, None),
    ],
)
async def test_a_posted_request_names_its_document(
    served: Served, request_: dict[str, object], reference: Reference | None
) -> None:
    await served.client.post("/graphql", json=request_)

    (question,) = served.service.questions
    assert question.reference == reference
    assert question.document == ("{ hello }" if reference is None else "")


@pytest.mark.parametrize("text", ["", "{ hello }"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_hash_comes_with_or_without_its_document(served: Served, text: str, method: str) -> None:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": _HASH}}
    named = {"query": text} if text else {}
    if method == "GET":
        await served.client.get("/graphql", params={**named, "extensions": json.dumps(extensions)})
    else:
        await served.client.post("/graphql", json={**named, "extensions": extensions})

    (question,) = served.service.questions
    assert (question.document, question.reference) == (text, Reference(_HASH, is_automatic=True))


async def test_a_document_is_named_by_get_too(served: Served) -> None:
    await served.client.get("/graphql", params={"documentId": "sha256:1", "variables": '{"a": 1}'})

    (question,) = served.service.questions
    assert (question.reference, question.variables) == (Reference("sha256:1", is_automatic=False), {"a": 1})


@pytest.mark.parametrize(
    "request_",
    [
        {"documentId": "one", "query": "{ hello }"},
        {"documentId": 1},
        {"documentId": ""},
        {"documentId": "x" * 201},
        {"documentId": None},
        {"id": {}},
        {"doc_id": []},
        {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": _HASH}}},
        {"extensions": {"persistedQuery": {"version": True, "sha256Hash": _HASH}}},
        {"extensions": {"persistedQuery": {"version": 1.0, "sha256Hash": _HASH}}, "query": "{ hello }"},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": _HASH}}, "documentId": _HASH},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": _HASH}}, "doc_id": "one"},
        {"documentId": "one", "doc_id": "two"},
        {"documentId": "one", "doc_id": "one", "id": "two"},
        {"doc_id": "one", "id": 1},
        {"extensions": {"persistedQuery": {"version": 1}}},
        {"extensions": {"persistedQuery": _HASH}, "query": "{ hello }"},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": 1}}, "query": "{ hello }"},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": _HASH}}, "query": 1},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": _HASH}}, "query": " "},
    ],
)
async def test_what_names_no_document_is_refused(served: Served, request_: dict[str, object]) -> None:
    response = await served.client.post("/graphql", json=request_)

    assert error_code(response) == "BAD_REQUEST"
    assert served.service.questions == []
