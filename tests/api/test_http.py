"""What a client meets at /graphql, whatever it sends."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from api.config import Settings
from api.errors import Code, RequestError
from api.question import Answer
from tests.api.conftest import SENT_AS_JSON, Served, error_code, serve

GRAPHQL = "application/graphql-response+json"


async def test_a_posted_query_is_answered_with_its_operation_id(served: Served) -> None:
    response = await served.ask(
        "query A($n: String!) { hello(name: $n) }", variables={"n": "county"}, operationName="A"
    )

    assert (response.status_code, response.json()) == (200, {"data": {"hello": "hello county"}})
    assert response.headers["x-operation-id"] == "operation-1"
    assert response.headers["content-type"] == "application/json; charset=utf-8"


async def test_a_query_may_be_asked_by_get(served: Served) -> None:
    response = await served.client.get("/graphql", params={"query": "{ hello }", "variables": "", "operationName": ""})

    assert response.json() == {"data": {"hello": "hello world"}}


async def test_a_mutation_by_get_is_refused(served: Served) -> None:
    response = await served.client.get("/graphql", params={"query": 'mutation { rename(to: "x") }'})

    assert response.status_code == 405
    assert not served.service.questions[0].allows_mutation


async def test_the_purpose_travels_to_the_engine(served: Served) -> None:
    purpose = {"code": "licence-check", "legalGround": "行政许可法 31", "caseNo": "2026-17"}

    await served.ask("{ hello }", extensions={"purpose": purpose})

    assert served.service.questions[0].purpose == purpose


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (GRAPHQL, GRAPHQL),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        (f"application/json;q=0.5, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0, application/*", "application/json"),
        ("", "application/json"),
    ],
)
async def test_the_answer_has_the_type_its_reader_accepts(served: Served, accept: str, content_type: str) -> None:
    response = await served.client.post("/graphql", json={"query": "{ hello }"}, headers={"accept": accept})

    assert response.headers["content-type"] == f"{content_type}; charset=utf-8"


async def test_a_reader_who_accepts_neither_type_is_told(served: Served) -> None:
    response = await served.client.post("/graphql", json={"query": "{ hello }"}, headers={"accept": "text/html;q=x"})

    assert (response.status_code, error_code(response)) == (406, "BAD_REQUEST")


@pytest.mark.parametrize(("accept", "status"), [(GRAPHQL, 400), ("application/json", 200)])
async def test_a_refused_document_has_the_status_of_its_media_type(served: Served, accept: str, status: int) -> None:
    response = await served.client.post("/graphql", json={"query": "{ missing }"}, headers={"accept": accept})

    assert response.status_code == status
    assert "data" not in response.json()


BAD_BODIES = {
    "nothing": b"",
    "half": b'{"query": "{ hello }"',
    "list": b'[{"query": "{ hello }"}]',
    "number": b"7",
    "no query": b"{}",
    "query of another type": b'{"query": 7}',
    "blank query": b'{"query": "  "}',
    "operation name of another type": b'{"query": "{ hello }", "operationName": 7}',
    "variables of another type": b'{"query": "{ hello }", "variables": [1]}',
    "extensions of another type": b'{"query": "{ hello }", "extensions": "x"}',
    "twice": b'{"query": "{ hello }", "query": "{ me }"}',
    "nan": b'{"query": "{ hello }", "variables": {"x": NaN}}',
    "infinite": b'{"query": "{ hello }", "variables": {"x": 1e999}}',
    "endless number": b'{"query": "{ hello }", "variables": {"x": ' + b"9" * 5000 + b"}}",
    "number of 65 bits": b'{"query": "{ hello }", "variables": {"x": 9223372036854775808}}',
    "deep": b'{"query": "{ hello }", "variables": {"x": ' + b"[" * 200_000 + b"}}",
    "deep and whole": b'{"query": "{ hello }", "variables": {"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    "lone surrogate": b'{"query": "{ hello }", "variables": {"x": ["\\ud83d"]}}',
    "nul": b'{"query": "{ hello }", "variables": {"\\u0000": 1}}',
    "latin": b'{"query": "{ hello }", "variables": {"x": "\xe9"}}',
    "purpose of another type": b'{"query": "{ hello }", "extensions": {"purpose": "x"}}',
    "unknown purpose": b'{"query": "{ hello }", "extensions": {"purpose": {"why": "x"}}}',
    "long purpose": b'{"query": "{ hello }", "extensions": {"purpose": {"code": "' + b"x" * 201 + b'"}}}',
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
async def test_a_body_that_is_no_request_is_a_bad_request(served: Served, body: bytes) -> None:
    response = await served.client.post("/graphql", content=body, headers=SENT_AS_JSON)

    assert (response.status_code, error_code(response)) == (400, "BAD_REQUEST")
    assert served.service.questions == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("half", "not valid JSON"),
        ("twice", "a name twice"),
        ("infinite", "64 bits"),
        ("number of 65 bits", "64 bits"),
        ("lone surrogate", "surrogate"),
        ("nul", "NUL"),
    ],
)
async def test_a_body_that_cannot_be_recorded_is_told_why(served: Served, name: str, told: str) -> None:
    response = await served.client.post("/graphql", content=BAD_BODIES[name], headers=SENT_AS_JSON)

    assert told in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "query=%7Bhello%7D&query=%7Bme%7D",
        "query=%FF",
        "query=%7Bhello%7D&operationName=%00",
        "query=%7Bhello%7D&variables=%7B",
        "query=%7Bhello%7D&variables=7",
        "query=%7Bhello%7D&x=1&x=2",
        "&".join(["query=%7Bhello%7D", *(f"x{n}=1" for n in range(200))]),
    ],
)
async def test_a_query_string_that_is_no_request_is_a_bad_request(served: Served, query: str) -> None:
    response = await served.client.get(f"/graphql?{query}")

    assert (response.status_code, error_code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=gbk", ""],
)
async def test_a_body_another_site_could_send_unasked_is_refused(served: Served, content_type: str) -> None:
    headers = {"content-type": content_type} if content_type else {}

    response = await served.client.post("/graphql", content=b'{"query": "{ hello }"}', headers=headers)

    assert (response.status_code, error_code(response)) == (415, "BAD_REQUEST")


async def test_a_compressed_body_is_refused(served: Served) -> None:
    response = await served.client.post("/graphql", content=b"x", headers={**SENT_AS_JSON, "content-encoding": "gzip"})

    assert (response.status_code, error_code(response)) == (415, "BAD_REQUEST")


@pytest.mark.parametrize("is_streamed", [False, True])
async def test_a_body_over_the_limit_is_refused_unread(served: Served, is_streamed: bool) -> None:
    body = b'{"query": "' + b" " * (10 << 20) + b'"}'
    chunks = [body[start : start + 65536] for start in range(0, len(body), 65536)]
    read = 0

    async def stream() -> AsyncIterator[bytes]:
        nonlocal read
        for chunk in chunks:
            read += len(chunk)
            yield chunk

    content: AsyncIterator[bytes] | bytes = stream() if is_streamed else body
    response = await served.client.post("/graphql", content=content, headers=SENT_AS_JSON)

    assert (response.status_code, error_code(response)) == (413, "QUERY_TOO_COSTLY")
    assert read <= (1 << 20) + 65536


async def test_other_methods_are_refused(served: Served) -> None:
    response = await served.client.put("/graphql", json={"query": "{ hello }"})

    assert (response.status_code, error_code(response), response.headers["allow"]) == (
        405,
        "BAD_REQUEST",
        "GET, POST, OPTIONS",
    )


async def test_an_unknown_path_is_not_found(served: Served) -> None:
    response = await served.client.get("/nowhere")

    assert (response.status_code, error_code(response)) == (404, "NOT_FOUND")


async def test_a_request_that_takes_too_long_is_given_up_with_its_statement(tmp_path: Path) -> None:
    async with serve(Settings(home=tmp_path, request_timeout_s=0.1)) as served:
        response = await served.ask("{ slow(seconds: 9) }")

        assert (response.status_code, error_code(response)) == (504, "TIMEOUT")
        assert served.service.given_up


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (RequestError(Code.LOG_UNAVAILABLE), 503, "LOG_UNAVAILABLE"),
        (ConnectionRefusedError("secret inside"), 503, "LOG_UNAVAILABLE"),
        (asyncpg.CannotConnectNowError("secret inside"), 503, "LOG_UNAVAILABLE"),
        (asyncpg.InternalClientError("secret inside"), 503, "LOG_UNAVAILABLE"),
        (asyncpg.TooManyConnectionsError("secret inside"), 503, "LOG_UNAVAILABLE"),
        (asyncpg.QueryCanceledError("secret inside"), 504, "TIMEOUT"),
        (asyncpg.UndefinedColumnError("secret inside"), 500, "INTERNAL"),
        (ZeroDivisionError("secret inside"), 500, "INTERNAL"),
    ],
)
async def test_what_fails_inside_is_told_as_a_code_and_nothing_more(
    served: Served, failure: Exception, status: int, code: str
) -> None:
    served.service.failure = failure

    response = await served.ask("{ hello }")

    assert (response.status_code, error_code(response)) == (status, code)
    assert "secret" not in response.text


async def test_an_unforeseen_error_has_an_id_the_operator_finds(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    served.service.failure = ZeroDivisionError("secret inside")

    response = await served.ask("{ hello }")

    incident = response.json()["errors"][0]["extensions"]["id"]
    assert any(incident in record.getMessage() and record.exc_info for record in caplog.records)


async def test_requests_at_once_are_answered_each_by_itself(served: Served) -> None:
    documents = [f'{{ hello(name: "{number}") }}' for number in range(50)]

    responses = await asyncio.gather(*(served.ask(document) for document in documents))

    assert [response.json()["data"]["hello"] for response in responses] == [f"hello {number}" for number in range(50)]


async def test_the_phases_of_an_explained_answer_are_in_a_header_too(served: Served) -> None:
    explained = await served.ask("{ hello }", extensions={"explain": True})
    plain = await served.ask("{ hello }", extensions={"explain": False})

    assert "server-timing" in explained.headers
    assert "server-timing" not in plain.headers
    assert [question.stopwatch is None for question in served.service.questions] == [False, True]


async def test_whether_to_explain_is_a_boolean(served: Served) -> None:
    response = await served.ask("{ hello }", extensions={"explain": "yes"})

    assert error_code(response) == "BAD_REQUEST"


async def test_who_is_to_wait_is_told_how_long_in_a_header(served: Served) -> None:
    served.service.given = Answer(b'{"errors":[]}', "operation-1", "RATE_LIMITED", retry_after_s=12)

    response = await served.ask("{ hello }")

    assert (response.status_code, response.headers["retry-after"]) == (429, "12")
