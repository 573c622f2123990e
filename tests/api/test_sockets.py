"""/graphql over WebSocket keeps to graphql-transport-ws, and nothing of a connection outlives it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from api.config import Settings
from api.streams import StreamLimits
from tests.api.listening import Listening, listening
from tests.api.socket_client import PROTOCOL, closed, connected, heard, quiet, ready, say, subscribe, until

_LIMITS = StreamLimits(per_worker=3, per_department=2, operations=2, init_timeout_s=0.3)
_TICKS = {"query": "subscription { ticks }"}
_NEVER = {"query": "subscription { never }"}


@pytest.fixture(scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Listening]:
    home = tmp_path_factory.mktemp("home")
    settings = Settings(home=home, body_limit_bytes=4096, allowed_origins=("https://app.example",))
    async with listening(settings, _LIMITS) as server:
        yield server


@pytest.fixture
async def server(opened: Listening) -> AsyncIterator[Listening]:
    """A server that nobody is connected to, before and after."""
    opened.service.failure = None
    opened.service.questions.clear()
    yield opened
    await quiet(opened)


async def test_a_query_has_one_result_and_completes(server: Listening) -> None:
    payload = {"query": "query ($name: String!) { hello(name: $name) }", "variables": {"name": "世界"}}
    async with ready(server) as connection:
        await say(connection, subscribe("1", payload))

        assert connection.subprotocol == "graphql-transport-ws"
        assert await heard(connection) == {"id": "1", "type": "next", "payload": {"data": {"hello": "hello 世界"}}}
        assert await heard(connection) == {"id": "1", "type": "complete"}


async def test_a_subscription_has_a_result_for_each_event(server: Listening) -> None:
    async with ready(server) as connection:
        await say(connection, subscribe("a", _TICKS))
        results = [await heard(connection) for _ in range(4)]

    assert results[:3] == [{"id": "a", "type": "next", "payload": {"data": {"ticks": tick}}} for tick in range(3)]
    assert results[3] == {"id": "a", "type": "complete"}


async def test_an_id_may_be_used_again_once_it_is_complete(server: Listening) -> None:
    async with ready(server) as connection:
        for _ in range(3):
            await say(connection, subscribe("1", _TICKS))
            results = [await heard(connection) for _ in range(4)]
            assert results[-1] == {"id": "1", "type": "complete"}


@pytest.mark.parametrize(
    "payload", [{"query": "{ nothing }"}, {"query": "{"}, {"query": 1}, {}, {"query": "{ hello }", "variables": []}]
)
async def test_what_cannot_be_answered_is_an_error_that_ends_the_operation(
    server: Listening, payload: Mapping[str, object]
) -> None:
    async with ready(server) as connection:
        await say(connection, subscribe("1", payload))
        told = await heard(connection)
        await say(connection, subscribe("1", {"query": "{ hello }"}))
        after = await heard(connection)

    assert isinstance(told, dict)
    assert (told["id"], told["type"]) == ("1", "error")
    assert [set(error) >= {"message"} for error in told["payload"]] == [True]
    assert isinstance(after, dict)
    assert after["type"] == "next"


async def test_what_fails_inside_tells_nothing_of_the_inside(server: Listening) -> None:
    server.service.failure = ValueError("select secret from person")
    async with ready(server) as connection:
        await say(connection, subscribe("1", {"query": "{ hello }"}))
        told = await heard(connection)

    assert isinstance(told, dict)
    assert told["payload"][0]["extensions"]["code"] == "INTERNAL"
    assert "secret" not in str(told)


async def test_the_payload_of_the_first_message_says_who_asks(server: Listening) -> None:
    async with ready(server, {"authorization": server.token("education")}) as connection:
        await say(connection, subscribe("1", {"query": "{ me }"}))

        assert await heard(connection) == {"id": "1", "type": "next", "payload": {"data": {"me": "education"}}}


async def test_the_header_says_who_asks_where_the_first_message_does_not(server: Listening) -> None:
    async with connected(server, authorization=server.token("education")) as connection:
        await say(connection, {"type": "connection_init"})
        await heard(connection)
        await say(connection, subscribe("1", {"query": "{ me }"}))

        assert await heard(connection) == {"id": "1", "type": "next", "payload": {"data": {"me": "education"}}}


@pytest.mark.parametrize("payload", [{"Authorization": "Bearer x"}, {"Authorization": 1}, {"authorization": ""}])
async def test_a_token_that_is_none_is_forbidden(server: Listening, payload: Mapping[str, object]) -> None:
    async with connected(server) as connection:
        await say(connection, {"type": "connection_init", "payload": payload})

        assert (await closed(connection))[0] == 4403


async def test_a_token_that_ends_closes_the_connection(server: Listening) -> None:
    leeway_s = 30
    token = server.token("education", lifetime_s=1 - leeway_s)
    async with ready(server, {"Authorization": token}) as connection:
        await say(connection, subscribe("1", _NEVER))

        assert await closed(connection) == (4403, "The token has expired.")
    await quiet(server)


async def test_the_client_ends_an_operation(server: Listening) -> None:
    async with ready(server) as connection:
        await say(connection, subscribe("1", _NEVER))
        await until(lambda: server.service.waiting == 1)
        await say(connection, {"id": "1", "type": "complete"})
        await say(connection, {"id": "unknown", "type": "complete"})
        await say(connection, {"type": "ping"})

        assert await heard(connection) == {"type": "pong"}
        assert (server.service.waiting, server.streams.operations) == (0, 0)


async def test_a_ping_is_answered_with_its_payload(server: Listening) -> None:
    async with connected(server) as connection:
        await say(connection, {"type": "ping", "payload": {"at": 1}})
        await say(connection, {"type": "pong"})

        assert await heard(connection) == {"type": "pong", "payload": {"at": 1}}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "1",
        "{}",
        '{"type": "start"}',
        '{"type": 1}',
        '{"type": "connection_init", "payload": 1}',
        '{"type": "connection_init", "payload": {}, "payload": {}}',
        '{"type": "subscribe", "payload": {}}',
        '{"type": "subscribe", "id": "", "payload": {}}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "complete"}',
        '{"type": "ping", "payload": {"x": NaN}}',
        "[" * 2000,
    ],
)
async def test_a_message_that_is_none_closes_the_connection(server: Listening, text: str) -> None:
    async with connected(server) as connection:
        await connection.send(text)

        assert (await closed(connection))[0] == 4400


async def test_a_binary_message_closes_the_connection(server: Listening) -> None:
    async with connected(server) as connection:
        await connection.send(b'{"type": "ping"}')

        assert (await closed(connection))[0] == 4400


async def test_a_message_beyond_the_limit_of_a_body_closes_the_connection(server: Listening) -> None:
    async with ready(server) as connection:
        await say(connection, subscribe("1", {"query": "{ hello }" + " " * 5000}))

        assert (await closed(connection))[0] == 1009


async def test_nothing_is_answered_before_the_connection_is_initialised(server: Listening) -> None:
    async with connected(server) as connection:
        await say(connection, subscribe("1", {"query": "{ hello }"}))

        assert (await closed(connection))[0] == 4401
    assert server.service.questions == []


async def test_a_connection_not_initialised_in_time_is_closed(server: Listening) -> None:
    async with connected(server) as connection:
        assert (await closed(connection))[0] == 4408


async def test_initialising_twice_closes_the_connection(server: Listening) -> None:
    async with ready(server) as connection:
        await say(connection, {"type": "connection_init"})

        assert (await closed(connection))[0] == 4429


async def test_an_id_in_use_closes_the_connection(server: Listening) -> None:
    async with ready(server) as connection:
        await say(connection, subscribe("1", _NEVER))
        await say(connection, subscribe("1", _NEVER))

        assert await closed(connection) == (4409, "Subscriber for 1 already exists")
    await quiet(server)


async def test_only_so_many_operations_run_on_one_connection(server: Listening) -> None:
    async with ready(server) as connection:
        for name in "123":
            await say(connection, subscribe(name, _NEVER))
        told = await heard(connection)

    assert isinstance(told, dict)
    assert (told["id"], told["type"]) == ("3", "error")
    assert told["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
    await quiet(server)


async def test_only_so_many_connections_stay_open(server: Listening) -> None:
    public, education = None, {"Authorization": server.token("education")}
    async with ready(server, public), ready(server, public), ready(server, education), connected(server) as fourth:
        assert (await closed(fourth))[0] == 1013


async def test_a_department_has_its_share_of_connections(server: Listening) -> None:
    async with ready(server), ready(server), connected(server) as third:
        await say(third, {"type": "connection_init"})

        assert (await closed(third))[0] == 1013


async def test_the_older_sub_protocol_is_refused(server: Listening) -> None:
    async with connect(server.socket_url) as connection:
        assert (await closed(connection))[0] == 4406


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://[", "https://app.example.evil"])
async def test_a_page_of_another_origin_is_refused(server: Listening, origin: str) -> None:
    with pytest.raises(InvalidStatus) as raised:
        async with connected(server, origin=origin):
            pass

    assert raised.value.response.status_code == 403


async def test_a_page_of_a_configured_origin_or_of_our_own_is_welcome(server: Listening) -> None:
    own = server.url.removesuffix("/graphql")
    for origin in ("https://app.example", own):
        async with connected(server, origin=origin) as connection:
            await say(connection, {"type": "ping"})
            assert await heard(connection) == {"type": "pong"}


async def test_nothing_is_left_of_connections_that_break_off(tmp_path: Path) -> None:
    async with listening(Settings(home=tmp_path)) as server:
        tasks = len(asyncio.all_tasks())
        for _ in range(5):
            connections = [await connect(server.socket_url, subprotocols=[PROTOCOL]) for _ in range(20)]
            for connection in connections:
                await say(connection, {"type": "connection_init"})
                await say(connection, subscribe("1", _NEVER))
            await until(lambda: server.service.waiting == 20)
            for connection in connections:
                connection.transport.abort()
            await quiet(server)

        await asyncio.sleep(0.1)
        assert len(asyncio.all_tasks()) <= tasks + 2


async def test_a_stopping_server_tells_its_clients_to_come_back(tmp_path: Path) -> None:
    async with listening(Settings(home=tmp_path)) as server, ready(server) as connection:
        await say(connection, subscribe("1", _NEVER))
        await server.stop()

        assert (await closed(connection))[0] == 1012


async def test_there_is_no_websocket_elsewhere(server: Listening) -> None:
    with pytest.raises(InvalidStatus):
        async with connect(server.socket_url + "/schema.graphql"):
            pass
