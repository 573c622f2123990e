"""In charge of /graphql over HTTP: reading one request, asking the engine, giving its answer the right status and type.

It follows GraphQL over HTTP (working draft of 2025), sections 5 (requests) and 6 (responses). It knows nothing of what
the document says.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from functools import lru_cache, partial

from msgspec.structs import replace

from api.bodies import Bodies
from api.config import Settings
from api.deadlines import Deadlines
from api.endpoint import Call
from api.errors import Code, RequestError, answer_status
from api.event_stream import EventStreams
from api.explaining import server_timing
from api.identity import Identities
from api.incoming import ClientGone, Incoming, Whole
from api.negotiation import MediaType, accepted, is_json, names_text
from api.parameters import Parameters, parameters_of_query
from api.question import Answer, Question, Service, UnderWay, question_of
from api.reply import Reply, failure
from policies.principal import Principal

_OFFERED = (MediaType.JSON, MediaType.GRAPHQL)
_STREAMS = (*_OFFERED, MediaType.EVENTS)
_PAGES = (*_OFFERED, MediaType.HTML)
_LONGEST_ACCEPT = 1000
_VARY = ((b"vary", b"Accept, Authorization"),)


@dataclass(frozen=True, slots=True)
class GraphQLRoutes:
    """The handlers of /graphql and of the schema beside it."""

    settings: Settings
    service: Service
    identities: Identities
    page: Callable[[], Reply]
    events: EventStreams
    deadlines: Deadlines
    bodies: Bodies = field(default_factory=Bodies)

    async def graphql(self, incoming: Incoming) -> Reply:
        """One GraphQL request, or the page to make one with, for a browser that has not asked anything."""
        accept = incoming.header(b"accept")
        asks_nothing = incoming.method == "GET" and not incoming.query_string
        if asks_nothing and accepted((accept or "")[:_LONGEST_ACCEPT], _PAGES) is MediaType.HTML:
            return self.page()
        media_type = _wanted(accept)
        if media_type is None:
            raise RequestError(Code.BAD_REQUEST, f"Answers are {' or '.join(_OFFERED)}.", status=406)
        if media_type is MediaType.EVENTS:
            return await self._stream(incoming)
        try:
            question = await self._question(incoming)
        except RequestError as error:
            return failure(error, media_type)
        reply = await _replied(self.service.answer(question), media_type)
        if question.stopwatch is not None:
            reply = replace(reply, varying=(*reply.varying, (b"server-timing", server_timing(question.stopwatch))))
        return reply

    def begin(self, incoming: Whole, call: Call) -> Coroutine[None, None, Reply] | UnderWay:
        """As graphql() for a POST, which is given back to be awaited; or what is under way, without a task."""
        media_type = _wanted(incoming.header(b"accept"))
        principal = self.identities.known(incoming.header(b"authorization"))
        if principal is None or media_type is None or media_type is MediaType.EVENTS:
            return self.graphql(incoming)
        try:
            _check_type(incoming)
            body = incoming.whole_body(self.settings.body_limit_bytes)
            question = _asked_by(incoming, self.bodies.read(body), principal, call.go_on)
        except RequestError:
            return self.graphql(incoming)
        if question.stopwatch is not None:
            return self.graphql(incoming)
        rest = self.service.begin(question, partial(_tell, call, media_type))
        return rest if isinstance(rest, UnderWay) else _replied(rest, media_type)

    async def _stream(self, incoming: Incoming) -> Reply:
        """The results of one operation as they come. What is not well formed is refused before the stream begins."""
        question = await self._question(incoming)
        self.events.streams.check(question.principal)

        async def identify() -> Principal:
            return await self.identities.principal(incoming.header(b"authorization"))

        stream = self.events.chunks(question, identify)
        return Reply(200, b"", MediaType.EVENTS, headers=_VARY, stream=stream)

    async def _question(self, incoming: Incoming) -> Question:
        authorization = incoming.header(b"authorization")
        principal = self.identities.known(authorization) or await self.identities.principal(authorization)
        # Of the task that this is, whichever makes the answer in the end.
        progress = partial(self.deadlines.go_on, asyncio.current_task())
        if incoming.method == "GET":
            return _asked_by(incoming, parameters_of_query(incoming.query_string), principal, progress)
        _check_type(incoming)
        body = await incoming.body(self.settings.body_limit_bytes)
        return _asked_by(incoming, self.bodies.read(body), principal, progress)

    async def sdl(self, incoming: Incoming) -> Reply:
        """The schema the caller may use."""
        principal = await self.identities.principal(incoming.header(b"authorization"))
        answer = await self.service.sdl(principal)
        if answer.code is not None:
            raise RequestError(Code(answer.code))
        headers = ((b"vary", b"Authorization"),)
        return Reply(
            200, answer.body, "application/graphql; charset=utf-8", headers=headers, operation_id=answer.operation_id
        )


@lru_cache(maxsize=1024)
def _wanted(accept: str | None) -> MediaType | None:
    """The type of answer that a header Accept wants, None if none will do."""
    accept = (accept or "")[:_LONGEST_ACCEPT]
    return accepted(accept, _STREAMS if names_text(accept) else _OFFERED)


@lru_cache(maxsize=1024)
def _unreadable(content_type: str | None, content_encoding: str | None) -> str | None:
    """Why a body of this type cannot be read, None if it can."""
    if not is_json(content_type):
        return "The body must be application/json in UTF-8."
    return None if content_encoding in (None, "identity") else "The body must not be compressed."


def _asked_by(
    incoming: Incoming, parameters: Parameters, principal: Principal, progress: Callable[[], None]
) -> Question:
    def go_on() -> None:
        if incoming.is_gone():
            raise ClientGone
        progress()

    return question_of(parameters, principal, allows_mutation=incoming.method == "POST", go_on=go_on)


def _check_type(incoming: Incoming) -> None:
    problem = _unreadable(incoming.header(b"content-type"), incoming.header(b"content-encoding"))
    if problem is not None:
        raise RequestError(Code.BAD_REQUEST, problem, status=415)


async def _replied(answer: Awaitable[Answer], media_type: MediaType) -> Reply:
    try:
        return _reply(await answer, media_type)
    except RequestError as error:
        return failure(error, media_type)


def _tell(call: Call, media_type: MediaType, outcome: Answer | Exception) -> None:
    if isinstance(outcome, RequestError):
        call.finish(failure(outcome, media_type))
    else:
        call.finish(outcome if isinstance(outcome, Exception) else _reply(outcome, media_type))


def _reply(answer: Answer, media_type: MediaType) -> Reply:
    code = None if answer.code is None else Code(answer.code)
    status = answer.status or answer_status(code, is_legacy_json=media_type is MediaType.JSON)
    wait = () if answer.retry_after_s is None else ((b"retry-after", b"%d" % answer.retry_after_s),)
    counted = "OK" if code is None else code
    reply = Reply(status, answer.ending, media_type, counted, _VARY, answer.operation_id, wait, spooled=answer.spooled)
    return replace(reply, opening=answer.opening) if answer.opening else reply


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
