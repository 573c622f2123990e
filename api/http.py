"""In charge of /graphql over HTTP: reading one request, asking the engine, giving its answer the right status and type.

It follows GraphQL over HTTP (working draft of 2025), sections 5 (requests) and 6 (responses). It knows nothing of what
the document says.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from api.config import Settings
from api.endpoint import ClientGone, Incoming
from api.errors import Code, RequestError, answer_status
from api.event_stream import EventStreams
from api.explaining import server_timing
from api.identity import Identities
from api.negotiation import MediaType, accepted, is_json
from api.parameters import Parameters, parameters_of_body, parameters_of_query
from api.question import Answer, Question, Service, question_of
from api.reply import Reply, failure
from policies.principal import Principal

_OFFERED = (MediaType.JSON, MediaType.GRAPHQL, MediaType.EVENTS)
_LONGEST_ACCEPT = 1000


@dataclass(frozen=True, slots=True)
class GraphQLRoutes:
    """The handlers of /graphql and of the schema beside it."""

    settings: Settings
    service: Service
    identities: Identities
    page: Callable[[], Reply]
    events: EventStreams

    async def graphql(self, incoming: Incoming) -> Reply:
        """One GraphQL request, or the page to make one with, for a browser that has not asked anything."""
        accept = incoming.headers.get("accept", "")[:_LONGEST_ACCEPT]
        asks_nothing = incoming.method == "GET" and not incoming.scope["query_string"]
        if asks_nothing and accepted(accept, (*_OFFERED, MediaType.HTML)) is MediaType.HTML:
            return self.page()
        media_type = accepted(accept, _OFFERED)
        if media_type is None:
            raise RequestError(Code.BAD_REQUEST, f"Answers are {' or '.join(_OFFERED)}.", status=406)
        if media_type is MediaType.EVENTS:
            return await self._stream(incoming)
        try:
            question = await self._question(incoming)
            reply = _reply(await self.service.answer(question), media_type)
            if question.stopwatch is None:
                return reply
            return replace(reply, headers=(*reply.headers, (b"server-timing", server_timing(question.stopwatch))))
        except RequestError as error:
            return failure(error, media_type)

    async def _stream(self, incoming: Incoming) -> Reply:
        """The results of one operation as they come. What is not well formed is refused before the stream begins."""
        question = await self._question(incoming)
        self.events.streams.check(question.principal)

        async def identify() -> Principal:
            return await self.identities.principal(incoming.headers.get("authorization"))

        stream = self.events.chunks(question, identify)
        return Reply(200, b"", MediaType.EVENTS, headers=((b"vary", b"Accept, Authorization"),), stream=stream)

    async def _question(self, incoming: Incoming) -> Question:
        principal = await self.identities.principal(incoming.headers.get("authorization"))
        parameters = await self._parameters(incoming)
        return question_of(parameters, principal, allows_mutation=incoming.method == "POST")

    async def _parameters(self, incoming: Incoming) -> Parameters:
        if incoming.method == "GET":
            return parameters_of_query(incoming.scope["query_string"])
        if not is_json(incoming.headers.get("content-type")):
            raise RequestError(Code.BAD_REQUEST, "The body must be application/json in UTF-8.", status=415)
        if incoming.headers.get("content-encoding", "identity") != "identity":
            raise RequestError(Code.BAD_REQUEST, "The body must not be compressed.", status=415)
        return parameters_of_body(await read_body(incoming, self.settings.body_limit_bytes))

    async def sdl(self, incoming: Incoming) -> Reply:
        """The schema the caller may use."""
        principal = await self.identities.principal(incoming.headers.get("authorization"))
        answer = await self.service.sdl(principal)
        if answer.code is not None:
            raise RequestError(Code(answer.code))
        headers = ((b"x-operation-id", answer.operation_id.encode()), (b"vary", b"Authorization"))
        return Reply(200, answer.body, "application/graphql; charset=utf-8", headers=headers)


def _reply(answer: Answer, media_type: MediaType) -> Reply:
    code = None if answer.code is None else Code(answer.code)
    status = answer.status or answer_status(code, is_legacy_json=media_type is MediaType.JSON)
    headers = ((b"x-operation-id", answer.operation_id.encode()), (b"vary", b"Accept, Authorization"))
    return Reply(status, answer.body, media_type, "OK" if code is None else code, headers)


async def read_body(incoming: Incoming, limit_bytes: int) -> bytes:
    """The whole body. Raises RequestError as soon as it is known to exceed the limit: no more is ever kept."""
    declared = incoming.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit_bytes:
        raise _too_large(limit_bytes)
    chunks: list[bytes] = []
    size_bytes = 0
    while True:
        message = await incoming.receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        size_bytes += len(chunk)
        if size_bytes > limit_bytes:
            raise _too_large(limit_bytes)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _too_large(limit_bytes: int) -> RequestError:
    return RequestError(Code.QUERY_TOO_COSTLY, f"The body is larger than {limit_bytes} bytes.", status=413)


Readiness = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Probes:
    """The handlers that tell an operator how the process is. They tell nothing about the data."""

    is_ready: Readiness
    exposition: Callable[[], str]

    async def live(self, incoming: Incoming) -> Reply:
        """That the process answers at all."""
        return Reply(200, b'{"status":"live"}', MediaType.JSON)

    async def ready(self, incoming: Incoming) -> Reply:
        """Whether questions can be answered now: the database is there and the graph is made."""
        if not await self.is_ready():
            raise RequestError(Code.LOG_UNAVAILABLE, "Not ready to answer.")
        return Reply(200, b'{"status":"ready"}', MediaType.JSON)

    async def metrics(self, incoming: Incoming) -> Reply:
        """The figures for Prometheus."""
        return Reply(200, self.exposition().encode(), "text/plain; version=0.0.4; charset=utf-8")
