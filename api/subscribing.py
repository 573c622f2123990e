"""In charge of subscriptions: when an event is due, and that each is asked, decided and recorded like a question.

An event is due when the data epoch has moved. While its client is slow epochs add up, and the next event tells of all
of them. It knows nothing of transports, and of a subscription nothing but the epoch it was told up to.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import closing

from msgspec.structs import replace

from api.admission import Admission
from api.epochs import Epochs
from api.errors import MEANING_BY_CODE, Code, RequestError, error_body
from api.faults import AWAY
from api.graphql import GraphQLService
from api.question import Answer, Identify, Question
from api.shared_rows import SharedRows
from api.telling import NothingChanged, Telling
from api.touched import Touched
from resolvers.refusal import Refusal

_log = logging.getLogger("yishu.graphql")
# Events of one worker that are made at the same time: the other connections are for questions.
_AT_ONCE = 3
# Between the attempts to make an event while the database is away.
_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
_PAUSE_S = 5.0


class Subscriptions:
    """Gives operations their answers, subscriptions one for each event. One per worker; safe to run concurrently."""

    def __init__(
        self,
        admission: Admission,
        engine: GraphQLService,
        epochs: Epochs,
        stopping: asyncio.Event,
        timeout_s: float,
    ) -> None:
        self._admission = admission
        self._engine = engine
        self._epochs = epochs
        self._stopping = stopping
        self._timeout_s = timeout_s
        self._touched = Touched(engine.readers)
        self._shared = SharedRows()
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def events(self, question: Question, identify: Identify) -> AsyncGenerator[Answer, None]:
        """The answers, each recorded before it is given.

        A subscription that is refused, at its beginning or later, ends with the answer that says why.
        """
        if not await self._is_subscription(question):
            async with asyncio.timeout(self._timeout_s):
                answer: Answer | None = await self._admission.answer(question)
            assert answer is not None
            yield await _in_one(answer)
            return
        async with self._epochs.watched():
            answer, epoch = await self._begin(question)
            if answer is not None:
                yield answer
            while answer is None or answer.code is None:
                answer, epoch = await self._next(question, identify, epoch)
                if answer is not None:
                    yield answer

    async def _is_subscription(self, question: Question) -> bool:
        asked = await self._admission.admit(question)
        view = await self._engine.platform.view()
        try:
            return view.preparer(asked.principal).is_subscription(asked.document, asked.operation_name)
        except Refusal:
            return False

    async def _begin(self, question: Question) -> tuple[Answer | None, int]:
        """The epoch a subscription begins after, or the answer that refuses it; either is on record."""
        telling = Telling(self._engine.readers, self._touched, self._shared)
        async with asyncio.timeout(self._timeout_s):
            asked = await self._admission.admit(question)
            answer = await self._engine.recorded(asked, telling.begin)
        if asked.reference is not None:
            self._admission.documents.learn(asked, answer.code)
        return (None if answer.code is None else answer), telling.since

    async def _next(self, question: Question, identify: Identify, since: int) -> tuple[Answer | None, int]:
        """What happened after an epoch, as soon as anything has, and the epoch it is told up to."""
        pauses = iter(_PAUSES_S)
        while True:
            newest = await self._moved(since)
            async with self._turns:
                answer, epoch = await self._event(question, identify, (since, newest))
            if answer is None or answer.code not in (Code.LOG_UNAVAILABLE, Code.RATE_LIMITED):
                return answer, epoch
            pause_s = answer.retry_after_s or _PAUSE_S
            if answer.code == Code.LOG_UNAVAILABLE:
                pause_s = next(pauses, 0.0)
            if not pause_s:
                return answer, epoch
            await self._pause(pause_s)

    async def _event(self, question: Question, identify: Identify, span: tuple[int, int]) -> tuple[Answer | None, int]:
        """What happened in a span of epochs, and the epoch it is told up to, which may be a later one."""
        since, newest = span
        telling = Telling(self._engine.readers, self._touched, self._shared, since)
        try:
            async with asyncio.timeout(self._timeout_s):
                asked = await self._admission.admit(replace(question, principal=await identify()))
                await self._engine.platform.not_before(newest)
                answer = await self._engine.recorded(asked, telling.event)
        except NothingChanged:
            return None, telling.epoch
        except TimeoutError:
            raise
        except AWAY as error:
            _log.error("an event cannot be made: %s", error)
            return _away(), since
        if asked.spending is not None:
            answer = replace(answer, retry_after_s=asked.spending.retry_after_s)
        return answer, telling.epoch

    async def _moved(self, since: int) -> int:
        """Waits until an epoch beyond this one is there. Raises RequestError when the server stops."""
        moved = asyncio.create_task(self._epochs.beyond(since))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({moved, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if stopping.done():
                raise _stopping()
            return moved.result()
        finally:
            moved.cancel()
            stopping.cancel()

    async def _pause(self, pause_s: float) -> None:
        try:
            async with asyncio.timeout(pause_s):
                await self._stopping.wait()
        except TimeoutError:
            return
        raise _stopping()


async def _in_one(answer: Answer) -> Answer:
    if answer.spooled is None:
        return answer
    with closing(answer.spooled) as spooled:
        return replace(answer, ending=await spooled.in_one(), spooled=None)


def _stopping() -> RequestError:
    return RequestError(Code.LOG_UNAVAILABLE, "The server is stopping.", "Subscribe again.")


def _away() -> Answer:
    meaning = MEANING_BY_CODE[Code.LOG_UNAVAILABLE]
    return Answer(error_body(Code.LOG_UNAVAILABLE, meaning.message, meaning.hint), "", Code.LOG_UNAVAILABLE)
