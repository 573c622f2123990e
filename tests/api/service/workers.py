"""In charge of workers whose every step can be met by somebody else's change, at exactly that step."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import asyncpg
import orjson

from api.graphql import GraphQLService
from api.platform import Platform, View
from api.question import Question
from api.spool import SpoolSpace
from audit.log import AccessLog
from audit.record import KeyPart, Record, State
from policies.principal import Principal
from resolvers.known_rows import KnownRows
from resolvers.limits import Limits
from resolvers.load import Waiter
from resolvers.run import Connection, initialise
from tests.resolvers.asking import SEAL, Told, body_of

Meanwhile = Callable[[], Awaitable[object]]
_NO_VARIABLES: Mapping[str, object] = {}


class Step(StrEnum):
    """Where in a question somebody else may come between."""

    PREPARE = "before it is prepared"
    RUN = "before its first statement"
    BETWEEN = "between its statements"
    RECORD = "before its record"
    CATCH_UP = "before it catches up"
    ANSWER = "after its record"


@dataclass(slots=True)
class Steps:
    """What happens meanwhile: at each step, so many times as actions are left."""

    actions: dict[Step, list[Meanwhile]] = field(default_factory=dict)
    has_read: bool = False  # since a question was prepared last
    at_once: int = 0  # statements that read and record

    def at(self, step: Step, *actions: Meanwhile) -> None:
        """Lets the actions happen when the step is reached next, one each time."""
        self.actions.setdefault(step, []).extend(actions)

    async def reached(self, step: Step) -> None:
        """Lets the next action of the step happen, if one is left."""
        waiting = self.actions.get(step)
        if waiting:
            await waiting.pop(0)()


class SteppedPlatform(Platform):
    """A platform that tells when a question has got its view."""

    steps: Steps

    @property
    def known(self) -> View | None:
        """The view, unless something is to happen before a question has it."""
        self.steps.has_read = False
        return None if self.steps.actions.get(Step.PREPARE) else super().known

    async def view(self) -> View:
        """The view; what it is may change right after."""
        view = await super().view()
        await self.steps.reached(Step.PREPARE)
        self.steps.has_read = False
        return view

    async def catch_up(self, behind: View | None) -> View:
        """Catches up; what comes after is read anew."""
        self.steps.has_read = False
        await self.steps.reached(Step.CATCH_UP)
        return await super().catch_up(behind)


class SteppedLog(AccessLog):
    """A log that tells when a record comes and when it is written."""

    steps: Steps

    def __init__(self, pool: asyncpg.Pool) -> None:
        super().__init__(pool)
        self.under_way: set[asyncio.Task[None]] = set()

    def enqueue(self, record: Record, settled: Waiter[State], *, must_match: bool) -> None:
        """Appends as the log does."""
        task = asyncio.create_task(self._enqueue(record, settled, must_match=must_match))
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    async def _enqueue(self, record: Record, settled: Waiter[State], *, must_match: bool) -> None:
        written: asyncio.Future[State] = asyncio.get_running_loop().create_future()
        try:
            await self.steps.reached(Step.RECORD)
            if settled.done():
                return  # given up meanwhile
            super().enqueue(record, written, must_match=must_match)
            state = await written
            await self.steps.reached(Step.ANSWER)
        except Exception as error:  # noqa: BLE001  # whoever waits is told
            settled.set_exception(error)
        else:
            settled.set_result(state)

    async def append_in_parts(self, connection: Connection, record: Record, parts: AsyncIterable[KeyPart]) -> State:
        """Appends as the log does."""
        await self.steps.reached(Step.RECORD)
        state = await super().append_in_parts(connection, record, parts)
        await self.steps.reached(Step.ANSWER)
        return state


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker's service, and the steps of its questions."""

    service: GraphQLService
    steps: Steps
    log: SteppedLog
    pool: asyncpg.Pool

    async def ask(
        self,
        principal: Principal,
        document: str,
        variables: Mapping[str, object] = _NO_VARIABLES,
        purpose: Mapping[str, object] | None = None,
    ) -> Told:
        """The whole answer."""
        question = Question(document, None, variables, principal, purpose, allows_mutation=True)
        answer = await self.service.answer(question)
        body = await body_of(answer)
        return Told(answer.code, answer.operation_id, body, orjson.loads(body))

    async def record(self, told: Told) -> asyncpg.Record:
        """The one record of an answer."""
        row = await self.pool.fetchrow("select * from log.record where id = $1", told.operation_id)
        assert row is not None
        return row


def _stepped_connection(steps: Steps) -> type[asyncpg.Connection]:
    """Connections that tell when a statement is about to be run, and whether it is a question's first."""

    class SteppedConnection(asyncpg.Connection):
        async def fetch(self, query: str, *arguments: object, **options: Any) -> list[Any]:  # Any: as asyncpg has it
            if '"pool_' in query and "log.append(" in query:
                return await self._fetch_at_once(query, *arguments, **options)
            if '"pool_' in query:
                step = Step.BETWEEN if steps.has_read else Step.RUN
                steps.has_read = True
                await steps.reached(step)
            rows: list[Any] = await super().fetch(query, *arguments, **options)
            return rows

        async def _fetch_at_once(self, query: str, *arguments: object, **options: Any) -> list[Any]:
            steps.at_once += 1
            await steps.reached(Step.RUN)
            await steps.reached(Step.RECORD)
            rows: list[Any] = await super().fetch(query, *arguments, **options)
            await steps.reached(Step.ANSWER)
            return rows

    return SteppedConnection


@asynccontextmanager
async def worker_on(
    url: str,
    limits: Limits | None = None,
    space: SpoolSpace | None = None,
    known: KnownRows | None = None,
    connections: int = 9,
    **server_settings: str,
) -> AsyncIterator[Worker]:
    """A worker with pools of its own, closed afterwards."""
    steps = Steps()
    settings = {"timezone": "UTC", "jit": "off"}
    kind = _stepped_connection(steps)
    async with (
        asyncpg.create_pool(
            url,
            min_size=1,
            max_size=connections,
            init=initialise,
            connection_class=kind,
            server_settings=settings | server_settings,
        ) as pool,
        asyncpg.create_pool(url, min_size=1, max_size=3, server_settings=settings) as quiet,
    ):
        platform, log = SteppedPlatform(quiet, SEAL, limits or Limits()), SteppedLog(quiet)
        platform.steps = log.steps = steps
        service = GraphQLService(pool, platform, log, space, known)
        yield Worker(service, steps, log, quiet)
        await log.close()
        await service.close()
