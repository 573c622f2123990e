"""/graphql as server-sent events keeps to graphql-sse's distinct connections mode, and ends with its client."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from api.config import Settings
from api.streams import StreamLimits
from tests.api.conftest import error_code
from tests.api.listening import Listening, listening

_LIMITS = StreamLimits(per_worker=3, per_department=2, keep_alive_s=0.1)
_ASKED = {"accept": "text/event-stream"}
_TICKS = {"query": "subscription { ticks }"}
_NEVER = {"query": "subscription { never }"}


@pytest.fixture(scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Listening]:
    settings = Settings(home=tmp_path_factory.mktemp("home"), allowed_origins=("https://app.example",))
    async with listening(settings, _LIMITS) as server:
        yield server


@pytest.fixture
async def server(opened: Listening) -> AsyncIterator[Listening]:
    """A server that nobody is connected to, before and after."""
    opened.service.failure = None
    yield opened
    await _quiet(opened)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(headers=_ASKED, timeout=5) as opened:
        yield opened


async def _quiet(server: Listening) -> None:
    for _ in range(250):
        if (server.streams.open, server.streams.operations, server.service.waiting) == (0, 0, 0):
            return
        await asyncio.sleep(0.02)
    pytest.fail("something is left of streams that ended")


def _next(text: str) -> str:
    return f"event: next\ndata: {text}\n\n"


_END = "event: complete\ndata:\n\n"


async def test_a_query_has_one_result_and_completes(server: Listening, client: httpx.AsyncClient) -> None:
    posted = await client.post(server.url, json={"query": "{ hello }"})
    got = await client.get(server.url, params={"query": "{ hello }"})

    for answer in (posted, got):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.text == _next('{"data":{"hello":"hello world"}}') + _END


async def test_a_subscription_has_a_result_for_each_event(server: Listening, client: httpx.AsyncClient) -> None:
    answer = await client.post(server.url, json=_TICKS)

    assert answer.text == "".join(_next(f'{{"data":{{"ticks":{tick}}}}}') for tick in range(3)) + _END


async def test_a_refused_document_is_told_in_the_stream(server: Listening, client: httpx.AsyncClient) -> None:
    answer = await client.post(server.url, json={"query": "{ nothing }"})

    assert answer.status_code == 200
    assert answer.text.startswith('event: next\ndata: {"errors":[')
    assert answer.text.endswith(_END)


async def test_what_fails_inside_tells_nothing_of_the_inside(server: Listening, client: httpx.AsyncClient) -> None:
    server.service.failure = ValueError("select secret from person")

    answer = await client.post(server.url, json={"query": "{ hello }"})

    assert '"code":"INTERNAL"' in answer.text
    assert "secret" not in answer.text


async def test_what_is_not_well_formed_gets_no_stream(server: Listening, client: httpx.AsyncClient) -> None:
    malformed = await client.post(server.url, content="{", headers={"content-type": "application/json"})
    nobody = await client.post(server.url, json=_TICKS, headers={"authorization": "Bearer x"})

    assert (malformed.status_code, error_code(malformed)) == (400, "BAD_REQUEST")
    assert (nobody.status_code, error_code(nobody)) == (401, "UNAUTHENTICATED")


async def test_the_token_says_who_asks(server: Listening, client: httpx.AsyncClient) -> None:
    sent = {"authorization": server.token("education")}

    answer = await client.post(server.url, json={"query": "{ me }"}, headers=sent)

    assert answer.text.startswith(_next('{"data":{"me":"education"}}'))


async def test_a_quiet_stream_is_kept_alive_and_ends_with_its_client(
    server: Listening, client: httpx.AsyncClient
) -> None:
    async with client.stream("POST", server.url, json=_NEVER) as answer:
        chunks = answer.aiter_text()
        alive = [await anext(chunks) for _ in range(2)]
        waiting = server.service.waiting

    assert (alive, waiting) == ([":\n\n"] * 2, 1)


async def test_only_so_many_streams_stay_open(server: Listening, client: httpx.AsyncClient) -> None:
    async with client.stream("POST", server.url, json=_NEVER), client.stream("POST", server.url, json=_NEVER):
        for _ in range(100):
            if server.streams.operations == 2:
                break
            await asyncio.sleep(0.02)
        refused = await client.post(server.url, json=_NEVER)
        other = await client.post(server.url, json=_TICKS, headers={"authorization": server.token("education")})

    assert (refused.status_code, error_code(refused)) == (429, "RATE_LIMITED")
    assert other.status_code == 200


async def test_other_clients_get_what_they_got_before(server: Listening) -> None:
    async with httpx.AsyncClient() as client:
        for accept in ("*/*", "application/json, text/event-stream;q=0.5", ""):
            answer = await client.post(server.url, json={"query": "{ hello }"}, headers={"accept": accept})
            assert answer.headers["content-type"] == "application/json; charset=utf-8"


async def test_pages_of_configured_origins_may_read_it(server: Listening, client: httpx.AsyncClient) -> None:
    answer = await client.post(server.url, json=_TICKS, headers={"origin": "https://app.example"})

    assert answer.headers["access-control-allow-origin"] == "https://app.example"


async def test_a_stopping_server_ends_its_streams_at_once(tmp_path: Path, client: httpx.AsyncClient) -> None:
    async with listening(Settings(home=tmp_path)) as server, client.stream("POST", server.url, json=_NEVER) as answer:
        await server.stop()
        text = "".join([chunk async for chunk in answer.aiter_text()])

    assert "complete" not in text
