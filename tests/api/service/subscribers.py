"""In charge of subscribers to a worker: what they are told, in order, and what is left of them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson

from api.admission import Admission
from api.budgets import Budgets
from api.documents import Documents
from api.epochs import Epochs
from api.errors import RequestError
from api.preparing import connected
from api.question import Answer, Question
from api.subscribing import Subscriptions
from policies.principal import Principal
from tests.api.service.workers import Worker
from tests.resolvers.asking import Told

_PATIENCE_S = 10.0
_NO_VARIABLES: Mapping[str, object] = {}


@dataclass(slots=True)
class Subscriber:
    """Somebody who is told of events; reads them as they come, unless it is slow."""

    principal: Principal
    answers: asyncio.Queue[Answer | BaseException | None] = field(default_factory=asyncio.Queue)
    is_reading: asyncio.Event = field(default_factory=asyncio.Event)
    identify_fails: BaseException | None = None

    async def identify(self) -> Principal:
        """Who it is, as long as its token holds."""
        if self.identify_fails is not None:
            raise self.identify_fails
        return self.principal

    async def told(self) -> Told:
        """The next answer."""
        answer = await asyncio.wait_for(self.answers.get(), _PATIENCE_S)
        assert isinstance(answer, Answer), answer
        return Told(answer.code, answer.operation_id, answer.body, orjson.loads(answer.body))

    async def end(self) -> BaseException | None:
        """How it ended, after everything it was told."""
        answer = await asyncio.wait_for(self.answers.get(), _PATIENCE_S)
        assert not isinstance(answer, Answer), answer
        return answer


@dataclass(slots=True)
class Subscribing:
    """The subscriptions of a worker."""

    worker: Worker
    subscriptions: Subscriptions
    epochs: Epochs
    stopping: asyncio.Event
    stack: AsyncExitStack

    async def subscribe(
        self, principal: Principal, document: str, variables: Mapping[str, object] = _NO_VARIABLES
    ) -> Subscriber:
        """A subscriber whose subscription has begun, or was refused."""
        before = await self._records()
        subscriber = Subscriber(principal)
        subscriber.is_reading.set()
        question = Question(document, None, variables, principal, None, allows_mutation=True)
        task = asyncio.create_task(self._read(question, subscriber))
        self.stack.push_async_callback(_cancelled, task)
        await until_async(lambda: self._has_grown(before))
        return subscriber

    async def _read(self, question: Question, subscriber: Subscriber) -> None:
        try:
            async with aclosing(self.subscriptions.events(question, subscriber.identify)) as answers:
                async for answer in answers:
                    subscriber.answers.put_nowait(answer)
                    await subscriber.is_reading.wait()
        except (RequestError, TimeoutError) as error:
            subscriber.answers.put_nowait(error)
        else:
            subscriber.answers.put_nowait(None)

    async def _records(self) -> int:
        return int(await self.worker.pool.fetchval("select count(*) from log.record"))

    async def _has_grown(self, before: int) -> bool:
        return await self._records() > before


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until_async(holds: Callable[[], object]) -> None:
    """Waits until something holds."""
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            result = holds()
            if await result if asyncio.iscoroutine(result) else result:
                return
            await asyncio.sleep(0.01)


@asynccontextmanager
async def subscribing_to(worker: Worker, url: str) -> AsyncIterator[Subscribing]:
    """The subscriptions of a worker; nothing of them is left afterwards."""
    admission = Admission(worker.service, Budgets(worker.pool), Documents(worker.pool))
    epochs, stopping = Epochs(lambda: connected(url)), asyncio.Event()
    subscriptions = Subscriptions(admission, worker.service, epochs, stopping, 10)
    async with AsyncExitStack() as stack:
        yield Subscribing(worker, subscriptions, epochs, stopping, stack)
    await epochs.close()


async def batch(connection: asyncpg.Connection, *statements: str) -> int:
    """Runs statements as one batch; returns its epoch."""
    async with connection.transaction():
        await connection.execute("select platform.begin_batch()")
        for statement in statements:
            await connection.execute(statement)
        return int(await connection.fetchval("select platform.end_batch('collection')"))


def set_enterprises(assignments: str, condition: str) -> str:
    """The statement that changes some enterprises."""
    return f"update pool_market_regulation.enterprise set {assignments}, __epoch = default where {condition}"


def changed_of(data: object) -> dict[str, Any]:
    """What an event tells."""
    assert isinstance(data, dict)
    changed: dict[str, Any] = data["changed"]
    return changed
