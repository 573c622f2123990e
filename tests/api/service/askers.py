"""In charge of those who ask the engine without a task."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import asyncpg
import orjson
from asyncpg.pool import PoolConnectionProxy

from api.question import Answer, Question, UnderWay
from policies.principal import Principal
from tests.api.service.workers import Worker

EDUCATION = Principal("education", ())
PLACE = "query P($code: String!) { place(code: $code) { name level } }"
PAGE = "query P($code: String!) { places(where: { code: { eq: $code } }) { nodes { name level } } }"
PLACES = "{ places(first: 3) { nodes { name } } }"


@dataclass(slots=True)
class Asker:
    """One who asks without a task, and what was told."""

    worker: Worker
    told: list[Answer | Exception] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    under_way: UnderWay | None = None

    def begin(self, document: str, **variables: object) -> bool:
        """Whether it was begun without a task."""
        question = Question(document, None, variables, EDUCATION, None, allows_mutation=False)
        rest = self.worker.service.begin(question, self.tell)
        assert self.told == []
        if isinstance(rest, UnderWay):
            self.under_way = rest
            return True
        rest.close()
        return False

    def tell(self, outcome: Answer | Exception) -> None:
        """Takes what is told."""
        self.told.append(outcome)
        self.came.set()

    async def answer(self) -> Answer:
        """The answer, once it is there."""
        async with asyncio.timeout(10):
            await self.came.wait()
        (outcome,) = self.told
        assert isinstance(outcome, Answer)
        return outcome

    async def ask(self, document: str, **variables: object) -> Answer:
        """The answer to what is begun without a task."""
        assert self.begin(document, **variables)
        return await self.answer()


async def recorded(worker: Worker, answer: Answer) -> asyncpg.Record:
    """The one record of an answer, whose digest is the answer's."""
    (record,) = await worker.pool.fetch("select * from log.record where id = $1", answer.operation_id)
    assert record["response_digest"] == hashlib.sha256(answer.body).digest()
    return record


def data_of(answer: Answer) -> object:
    """The data of an answer."""
    return orjson.loads(answer.body).get("data")


async def move(connection: asyncpg.Connection | PoolConnectionProxy, change: str = "select 1") -> None:
    """A batch that makes this change."""
    async with connection.transaction():
        await connection.execute("select platform.begin_batch()")
        await connection.execute(change)
        await connection.execute("select platform.end_batch('collection')")


def raising(error: Exception) -> Callable[[], asyncio.Future[None]]:
    """What raises the error when it is awaited."""

    def act() -> asyncio.Future[None]:
        raised = asyncio.get_running_loop().create_future()
        raised.set_exception(error)
        return raised

    return act
