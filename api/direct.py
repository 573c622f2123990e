"""In charge of one question that needs no task: answered of what is kept, or of one row that is looked up with others.

Most questions are such. A task, the coroutines in it, and waking them up cost as much as all that is done for one. It
knows nothing of what to do when the platform's state has moved.
"""

import asyncio
import logging
from collections.abc import Callable

import asyncpg

from api.draft import Asked, Draft, answer_of, record_of, unavailable
from api.drafting import Begun, Drafting, draft_of, failed
from api.endpoint import do_step
from api.faults import AWAY
from api.question import Answer, Done, UnderWay
from audit.log import AccessLog, LogUnavailable
from audit.record import State
from resolvers.run import Row

_log = logging.getLogger("yishu.graphql")

Overtaken = Callable[[Asked, Begun, Done], "asyncio.Task[Answer]"]


class Direct(UnderWay):
    """One such question: waits for its row if its answer is not kept, then for its record. See Waiter for all methods.

    `overtaken` is asked to go on when the state has moved: nothing was written then, and nothing has left.
    """

    __slots__ = ("_anew", "_asked", "_begun", "_done", "_draft", "_drafting", "_log", "_overtaken")

    def __init__(self, engine: tuple[Drafting, AccessLog, Overtaken], asked: Asked, begun: Begun, done: Done) -> None:
        self._drafting, self._log, self._overtaken = engine
        self._asked = asked
        self._begun = begun
        self._done: Done | None = done
        self._draft: Draft | None = None
        self._anew: asyncio.Task[Answer] | None = None

    def start(self) -> None:
        """Begins to wait; who is to be told is not before this returns. Raises Refusal, LogUnavailable."""
        if self._begun.made is None:
            self._drafting.look_up(self._begun, self)
        else:
            self._record(draft_of(self._asked, self._begun, self._begun.made))
        self._log.load.begin()

    def give_up(self) -> None:
        """See UnderWay."""
        self._take_done()
        if self._anew is not None:
            self._anew.cancel()

    def done(self) -> bool:
        """Whether it was answered."""
        return self._done is None

    def set_result(self, result: Row | State | None) -> None:
        """Here is the row, or the state under which the record was committed."""
        do_step(self._go_on, result, self._fail)

    def set_exception(self, exception: Exception) -> None:
        """There will be no row, or the record is not known to be durable."""
        do_step(self._go_on_without, exception, self._fail)

    def cancel(self) -> None:
        """Nobody reads or writes any more."""
        do_step(self._go_on_without, LogUnavailable("the worker stops"), self._fail)

    def _go_on(self, result: Row | State | None) -> None:
        if self._draft is None:
            self._record(self._drafting.draft_of_row(self._asked, self._begun, result))
        elif result == self._begun.view.state:
            self._end(answer_of(self._asked, self._draft))
        elif (done := self._take_done()) is not None:
            self._anew = self._overtaken(self._asked, self._begun, done)

    def _go_on_without(self, exception: Exception) -> None:
        if self._draft is None and isinstance(exception, asyncpg.PostgresError):
            self._record(failed(self._asked, exception, self._begun.prepared))
        else:
            self._fail(exception)

    def _record(self, draft: Draft) -> None:
        self._draft = draft
        self._log.enqueue(record_of(self._asked, self._begun.view.state, draft), self, must_match=True)

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
            self._log.load.end()
        return done
