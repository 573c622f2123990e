"""In charge of /graphql as a stream of server-sent events (HTML standard, section 9.2).

Follows the distinct connections mode of the npm package graphql-sse (PROTOCOL.md): one operation a request, `next` for
each result, `complete` at its end. It knows nothing of what a document says.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass

from api.endpoint import Failed, attempt
from api.errors import RequestError
from api.metrics import Metrics
from api.question import Answer, EventSource, Identify, Question
from api.socket_messages import body_of
from api.streams import Streams

_ROUTE = "/graphql (event stream)"
_COMPLETE = b"event: complete\ndata:\n\n"
_ALIVE = b":\n\n"
_Answers = AsyncGenerator[Answer, None]


@dataclass(frozen=True, slots=True)
class EventStreams:
    """Serves operations as streams, each an iterator of chunks. Safe to run concurrently."""

    source: EventSource
    metrics: Metrics
    streams: Streams

    async def chunks(self, question: Question, identify: Identify) -> AsyncGenerator[bytes, None]:
        """The stream of one operation. A server that stops ends it without `complete`: clients then ask again."""
        try:
            with self.streams.place(), self.streams.share(question.principal):
                self.streams.operations += 1
                try:
                    async with aclosing(self.source.events(question, identify)) as answers:
                        async for chunk in self._results(answers):
                            yield chunk
                finally:
                    self.streams.operations -= 1
        except RequestError as error:
            yield _next(body_of(error)) + _COMPLETE

    async def _results(self, answers: _Answers) -> AsyncGenerator[bytes, None]:
        while True:
            started = time.perf_counter()
            waiting = asyncio.create_task(attempt(_ROUTE, anext(answers, None)))
            try:
                while not (await asyncio.wait({waiting}, timeout=self.streams.limits.keep_alive_s))[0]:
                    yield _ALIVE
            finally:
                await _ended(waiting)
            answer = waiting.result()
            if answer is None:
                yield _COMPLETE
                return
            code = answer.error.code if isinstance(answer, Failed) else answer.code
            self.metrics.observe(_ROUTE, str(code or "OK"), time.perf_counter() - started)
            if not isinstance(answer, Failed):
                yield _next(answer.body) + (b"" if code is None else _COMPLETE)
            elif not self.streams.stopping.is_set():
                yield _next(body_of(answer.error, answer.incident)) + _COMPLETE
            if code is not None:
                return


async def _ended(task: asyncio.Task[Answer | Failed | None]) -> None:
    """Gives up what is under way; nothing is left of it on return."""
    if not task.done():
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _next(body: bytes) -> bytes:
    """An event with a result; JSON as we write it has no line breaks."""
    return b"event: next\ndata: " + body + b"\n\n"
