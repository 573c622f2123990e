"""In charge of one question that needs no task of its own while it waits to be recorded.

It is answered of what is kept, of a row that is looked up with others, or of what a task makes of the pool. A task, the
coroutines in it, and waking them up cost as much as all that is done for a row. It knows nothing of what to do when the
platform's state has moved.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial

import asyncpg

from api.at_once import AtOnce
from api.draft import Asked, Draft, answer_of, record_of, refused, unavailable
from api.drafting import Begun, Drafting, draft_of, failed
from api.endpoint import do_step
from api.faults import AWAY
from api.kept_answers import Made
from api.question import Answer, Done, UnderWay
from audit.completing import Completed
from audit.log import AccessLog, LogUnavailable
from audit.readings import NotAtOnce
from audit.record import State
from resolvers.load import Waiter
from resolvers.refusal import Refusal
from resolvers.run import Row

_log = logging.getLogger("yishu.graphql")


class Making:
    """The tasks of one worker that make answers for those who are told."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[Made]] = set()

    def begin(self, work: Coroutine[None, None, Made], made: Waiter[Made]) -> asyncio.Task[Made]:
        """Begins the work, for one who is told, not before this returns. Who cancels the task is told so."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(partial(self._end, made))
        return task

    async def give_up(self) -> None:
        """Gives up all of them; who waits is told so."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _end(self, waiter: Waiter[Made], task: asyncio.Task[Made]) -> None:
        self._under_way.discard(task)
        error = None if task.cancelled() else task.exception()
        if waiter.done():  # it was given up
            return
        if task.cancelled():
            waiter.cancel()
        elif error is None:
            waiter.set_result(task.result())
        elif isinstance(error, Exception):
            waiter.set_exception(error)


@dataclass(frozen=True, slots=True)
class Engine:
    """What such questions of one worker need.

    `overtaken` is asked to go on when the state has moved: nothing was written then, and nothing has left.
    """

    drafting: Drafting
    log: AccessLog
    at_once: AtOnce
    overtaken: Callable[[Asked, Begun, Done], "asyncio.Task[Answer]"]
    making: Making


class Direct(UnderWay):
    """One such question: waits for what it is made of and for its record, at once or one after the other.

    See Waiter for all methods.
    """

    __slots__ = ("_anew", "_asked", "_begun", "_done", "_draft", "_engine", "_is_at_once", "_making")

    def __init__(self, engine: Engine, asked: Asked, begun: Begun, done: Done) -> None:
        self._engine = engine
        self._asked = asked
        self._begun = begun
        self._done: Done | None = done
        self._draft: Draft | None = None
        self._anew: asyncio.Task[Answer] | None = None
        self._making: asyncio.Task[Made] | None = None
        self._is_at_once = False

    def start(self) -> None:
        """Begins to wait; who is to be told is not before this returns. Raises Refusal, LogUnavailable."""
        engine = self._engine
        if self._begun.made is not None:
            self._record(draft_of(self._asked, self._begun, self._begun.made))
        elif (made := engine.at_once.made_before(self._asked, self._begun)) is not None:
            self._record(engine.drafting.drafted(self._asked, self._begun, made))
        elif self._begun.prepared.plan.lookup is None:
            self._making = engine.making.begin(engine.drafting.make(self._asked, self._begun, None), self)
        elif engine.at_once.ask(self._asked, self._begun, self):
            self._is_at_once = True
        else:
            engine.drafting.look_up(self._begun, self)
        engine.log.load.begin()

    def give_up(self) -> None:
        """See UnderWay."""
        self._take_done()
        for task in (self._making, self._anew):
            if task is not None:
                task.cancel()

    def done(self) -> bool:
        """Whether it was answered."""
        return self._done is None

    def set_result(self, result: Row | Made | State | Completed | None) -> None:
        """Here is the row, what was made, the state under which the record was committed, or both."""
        do_step(self._go_on, result, self._fail)

    def set_exception(self, exception: Exception) -> None:
        """There will be nothing of which to make an answer, or the record is not known to be durable."""
        do_step(self._go_on_without, exception, self._fail)

    def cancel(self) -> None:
        """Nobody reads or writes any more."""
        do_step(self._go_on_without, LogUnavailable("the worker stops"), self._fail)

    def _go_on(self, result: Row | Made | State | Completed | None) -> None:
        if isinstance(result, Completed):
            made = self._engine.at_once.made(self._asked, self._begun, result)
            self._draft = self._engine.drafting.drafted(self._asked, self._begun, made)
            result = result.state
        if isinstance(result, Made):
            self._record(draft_of(self._asked, self._begun, result))
        elif self._draft is None:
            self._record(self._engine.drafting.draft_of_row(self._asked, self._begun, result))
        elif result == self._begun.view.state:
            self._end(answer_of(self._asked, self._draft))
        elif (done := self._take_done()) is not None:
            self._anew = self._engine.overtaken(self._asked, self._begun, done)

    def _go_on_without(self, exception: Exception) -> None:
        if self._is_at_once and self._draft is None and _is_refused(exception):
            self._is_at_once = False  # now one step after the other, which tells what is wrong, if anything is
            self._engine.drafting.look_up(self._begun, self)
        elif self._draft is None and isinstance(exception, asyncpg.PostgresError):
            self._record(failed(self._asked, exception, self._begun.prepared))
        elif self._draft is None and isinstance(exception, Refusal):
            self._record(refused(self._asked, exception.problems, self._begun.prepared))
        else:
            self._fail(exception)

    def _record(self, draft: Draft) -> None:
        self._draft = draft
        self._engine.log.enqueue(record_of(self._asked, self._begun.view.state, draft), self, must_match=True)

    def _fail(self, error: Exception) -> None:
        self._end(unavailable(self._asked, error) if isinstance(error, (LogUnavailable, *AWAY)) else error)

    def _end(self, outcome: Answer | Exception) -> None:
        done = self._take_done()
        if done is not None:
            do_step(done, outcome, self._untold)

    def _untold(self, error: Exception) -> None:
        _log.error("operation %s: whoever asked could not be told", self._asked.id, exc_info=error)

    def _take_done(self) -> Done | None:
        """Who is to be told, if nobody was; from now on the question is over here."""
        done, self._done = self._done, None
        if done is not None:
            self._engine.log.load.end()
        return done


def _is_refused(exception: Exception) -> bool:
    """Whether a statement was refused for what it is, and not for the time it took, or by a database that goes away."""
    is_error = isinstance(exception, asyncpg.PostgresError) and not isinstance(exception, AWAY)
    return is_error or isinstance(exception, NotAtOnce)
