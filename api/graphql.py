"""In charge of one question from top to bottom: prepare, run, assemble, record, answer.

No record, no data: the answer leaves only when its record is durable, and only if policy, graph and data were at the
commit what they were when the plan was made; else it is thrown away unseen and the question is asked anew. It knows
nothing of HTTP.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import ExitStack, suppress
from functools import partial

import asyncpg

from api.at_once import AtOnce
from api.direct import Direct, Engine, Making
from api.draft import Asked, Draft, answer_of, ask, record_of, unavailable
from api.drafting import Begun, Drafting, NotBegun
from api.faults import AWAY
from api.platform import Platform, View
from api.question import Answer, Done, Question, UnderWay
from api.schema_texts import SchemaTexts
from api.spool import SpoolSpace
from api.spooled import SpooledAnswer
from audit.identifiers import OperationIds
from audit.log import AccessLog, LogUnavailable
from audit.parts import store_parts
from audit.readings import Readings
from audit.record import Record, State
from policies.principal import Principal
from resolvers.cost import estimated
from resolvers.known_rows import KnownRows
from resolvers.read_ahead import ReadAhead
from resolvers.readers import Readers
from resolvers.refusal import Refusal
from resolvers.run import Connection

_SCHEMA_ASKED = "# the schema as text"  # stands for the document in the record
# Batches are rare against questions; a question that meets this many in a row is answered holding the state.
_ATTEMPTS = 3
_ROUNDS = 3
# Of the pool: for the log, for catching up with the platform, for questions that hold its state.
_CONNECTIONS_LEFT = 3
# Between two batches first: one under way may have altered what is asked for, and would wait at its end for whoever
# holds the state and waits for that.
_HOLD = """
set local lock_timeout = '2s';
select pg_advisory_xact_lock_shared(hashtextextended('yishu.batch', 0));
select platform.hold_state();
set local lock_timeout = '900ms'"""


Make = Callable[[Asked, View, Connection | None], Awaitable[Draft]]


class GraphQLService:
    """Answers questions; one per worker. Safe to run concurrently."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        platform: Platform,
        log: AccessLog,
        space: SpoolSpace | None = None,
        known: KnownRows | None = None,
    ) -> None:
        self._pool = pool
        self.platform = platform
        self._log = log
        self._ids = OperationIds()
        self.readers = Readers(pool, pool.get_max_size() - _CONNECTIONS_LEFT)
        known = known or KnownRows()
        self.read_ahead = ReadAhead(self.readers, known.store)
        self._drafting = Drafting(self.readers, log.load, space or SpoolSpace(), known, self.read_ahead)
        at_once = AtOnce(Readings(self.readers), log, self.read_ahead, known)
        self._direct = Engine(self._drafting, log, at_once, self._overtaken, Making())
        self._texts = SchemaTexts()
        self._overtaken_ones: set[asyncio.Task[Answer]] = set()

    def begin(self, question: Question, done: Done) -> Coroutine[None, None, Answer] | UnderWay:
        """See Service."""
        asked, view = ask(question, self._ids.next()), self.platform.known
        if view is None or question.stopwatch is not None:
            return self._recorded(asked, self._drafting.draft)
        try:
            begun = self._drafting.begin(asked, view)
        except Refusal as refusal:
            return self._recorded(asked, partial(self._drafting.draft, begun=NotBegun(view, refusal)))
        plan, spending = begun.prepared.plan, question.spending
        is_direct = begun.made is not None or (begun.key is not None and plan.pieces is None)
        if not is_direct or (spending is not None and not spending.spend_at_once(estimated(plan.weights))):
            return self._recorded(asked, partial(self._drafting.draft, begun=begun))
        direct = Direct(self._direct, asked, begun, done)
        try:
            direct.start()
        except (Refusal, LogUnavailable):
            return self._recorded(asked, self._drafting.draft)
        return direct

    async def answer(self, question: Question) -> Answer:
        """The answer, its record durable; LOG_UNAVAILABLE when it cannot be made so."""
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        rest = self.begin(question, partial(_tell, answered))
        if not isinstance(rest, UnderWay):
            return await rest
        try:
            return await answered
        finally:
            rest.give_up()  # which nobody does of what is over

    async def sdl(self, principal: Principal) -> Answer:
        """The schema this principal may use, as SDL, which is introspection and recorded like it."""
        question = Question(_SCHEMA_ASKED, None, {}, principal, None, allows_mutation=False)
        return await self.recorded(question, self._print)

    async def give_up(self) -> None:
        """Gives up what is still being made of the pool: the time in which the worker waits for it is over."""
        await self._direct.making.give_up()

    async def close(self) -> None:
        """Gives the connections it kept back to the pool, when nothing is under way any more."""
        await asyncio.gather(*self._overtaken_ones, return_exceptions=True)
        await self.read_ahead.close()
        await self.readers.close()

    async def recorded(self, question: Question, make: Make) -> Answer:
        """The answer that is made of a question, its record durable. What making it raises is passed on."""
        return await self._recorded(ask(question, self._ids.next()), make)

    async def _recorded(self, asked: Asked, make: Make, behind: View | None = None) -> Answer:
        self._log.load.begin()
        try:
            if behind is not None:
                await self.platform.catch_up(behind)
            return await self._answer(asked, make)
        except (LogUnavailable, *AWAY) as error:
            return unavailable(asked, error)
        finally:
            self._log.load.end()

    def _overtaken(self, asked: Asked, begun: Begun, done: Done) -> asyncio.Task[Answer]:
        task = asyncio.create_task(self._recorded(asked, self._drafting.draft, begun.view))
        self._overtaken_ones.add(task)
        task.add_done_callback(self._overtaken_ones.discard)
        task.add_done_callback(partial(_tell_of, done))
        return task

    async def _print(self, asked: Asked, view: View, _: Connection | None = None) -> Draft:
        principal = asked.question.principal
        return Draft((await self._texts.of(view.preparer(principal), principal)).encode(), None, ())

    async def _answer(self, asked: Asked, make: Make) -> Answer:
        for _ in range(_ROUNDS):
            view = await self.platform.view()
            for _ in range(_ATTEMPTS):
                draft = await make(asked, view, None)
                if draft.spooled is None:
                    state = await self._log.append(record_of(asked, view.state, draft), must_match=True)
                else:
                    state = await self._append_in_parts(record_of(asked, view.state, draft), draft.spooled)
                if asked.question.stopwatch is not None:
                    asked.question.stopwatch.end("record")
                if state == view.state:
                    return answer_of(asked, draft)
                view = await self.platform.catch_up(view)
            # No turn between two batches: one goes on for long, and while it does nothing overtakes a question.
            with suppress(asyncpg.LockNotAvailableError):
                return await self._answer_holding(asked, make)
        raise LogUnavailable("it was overtaken by batches every time")

    async def _answer_holding(self, asked: Asked, make: Make) -> Answer:
        """The answer under a state that nobody can move until its record is committed."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_HOLD)
            view = await self.platform.read(connection)
            draft = await make(asked, view, connection)
            record = record_of(asked, view.state, draft)
            if draft.spooled is not None:
                await store_parts(connection, record.id, draft.spooled.key_parts())
            await self._log.append_within(connection, record)
        if asked.question.stopwatch is not None:
            asked.question.stopwatch.end("record")
        return answer_of(asked, draft)

    async def _append_in_parts(self, record: Record, spooled: SpooledAnswer) -> State:
        """Appends the record of a spooled answer, which is closed if it may not leave."""
        with ExitStack() as given_up:
            given_up.callback(spooled.close)
            async with self.readers.connection(record.department) as connection:
                state = await self._log.append_in_parts(connection, record, spooled.key_parts())
            if state == record.state:
                given_up.pop_all()
        return state


def _tell(answered: asyncio.Future[Answer], outcome: Answer | Exception) -> None:
    if answered.done():  # nobody waits for it any more
        if isinstance(outcome, Answer) and outcome.spooled is not None:
            outcome.spooled.close()
    elif isinstance(outcome, Exception):
        answered.set_exception(outcome)
    else:
        answered.set_result(outcome)


def _tell_of(done: Done, task: asyncio.Task[Answer]) -> None:
    if not task.cancelled():  # it was given up
        error = task.exception()
        done(error if isinstance(error, Exception) else task.result())
