"""In charge of making what a subscription is told, not yet recorded: its beginning, and one event.

An event is made under one state, like an answer; `graphql.py` records it first. It knows nothing of when one is due.
"""

import logging
from dataclasses import dataclass

import asyncpg
import orjson
from msgspec.structs import replace

from api.draft import Asked, Draft, body_of, check, json_of, problem_of, refused, variables_of
from api.errors import Code
from api.faults import code_of
from api.platform import View
from api.shared_rows import Rows, SharedRows
from api.touched import EVENTS, Touched
from resolvers.changes import SINCE
from resolvers.cost import estimated
from resolvers.keep import Prepared
from resolvers.readers import Readers
from resolvers.refusal import Problem, Refusal, refuse
from resolvers.run import Connection, assemble, fetch

_log = logging.getLogger("yishu.graphql")


class NothingChanged(Exception):
    """Nothing of what is watched has changed, as far as the subscriber may see: there is no event, and no record."""


@dataclass(slots=True)
class Telling:
    """One event of a subscription, or its beginning, while it is made: perhaps more than once, under newer states.

    `since` is the epoch after which changes are told, at the beginning the one asked for; `epoch` that of the state it
    was made under last.
    """

    readers: Readers
    touched: Touched
    shared: SharedRows
    since: int = -1
    epoch: int = -1

    async def begin(self, asked: Asked, view: View, held: Connection | None = None) -> Draft:
        """That a subscription begins, after `since`; or why it does not. Nothing is told yet."""
        prepared, problems = await self._prepare(asked, view, is_beginning=True)
        if prepared is None or problems:
            return refused(asked, problems, prepared)
        return Draft(b"", None, prepared.plan.problems, prepared, variables_of(asked, prepared))

    async def event(self, asked: Asked, view: View, held: Connection | None = None) -> Draft:
        """What happened after `since`. Raises NothingChanged."""
        prepared, problems = await self._prepare(asked, view, is_beginning=False)
        if prepared is None or problems:
            return refused(asked, problems, prepared)
        prepared = replace(prepared, variables={**prepared.variables, SINCE: self.since})
        try:
            rows = await self._rows(asked, prepared, held)
        except asyncpg.PostgresError as error:
            code = code_of(error)
            if code is None:
                raise
            _log.log(logging.ERROR if code is Code.INTERNAL else logging.INFO, "operation %s: %r", asked.id, error)
            return refused(asked, (problem_of(code),), prepared)
        if not any(rows):
            raise NothingChanged
        result = assemble(prepared, rows, {"since": str(self.since), "epoch": str(self.epoch)})
        body = body_of(str(asked.id), result.data, result.problems, prepared.plan.told)
        keys, variables = orjson.dumps(result.keys), self._variables(asked, prepared)
        return Draft(body, None, result.problems, prepared, variables, keys, result.shown)

    async def _prepare(
        self, asked: Asked, view: View, *, is_beginning: bool
    ) -> tuple[Prepared | None, tuple[Problem, ...]]:
        """The plan as far as there is one, and why nothing may be told by it."""
        question, self.epoch = asked.question, view.state.data_epoch
        prepared: Prepared | None = None
        try:
            check(asked)
            prepared = view.preparer(question.principal).prepare_events(
                question.document, question.operation_name, question.variables, question.principal
            )
            if prepared.plan.watch is None:
                raise Refusal(prepared.plan.problems)
            if question.spending is not None:
                await question.spending.spend(0 if is_beginning else estimated(prepared.plan.weights))
            if is_beginning:
                self.since = self._beginning(prepared)
                for statement in prepared.plan.statements:
                    statement.bind({**prepared.variables, SINCE: self.since})  # what cannot be asked is told now
        except Refusal as refusal:
            told = refusal if question.spending is None else await question.spending.spend_on(refusal)
            return prepared, told.problems
        return prepared, ()

    def _beginning(self, prepared: Prepared) -> int:
        """The epoch to begin after: the one asked for, or now."""
        watch = prepared.plan.watch
        asked = watch.since.read(prepared.variables) if watch is not None and watch.since is not None else None
        if asked is None:
            return self.epoch
        if not isinstance(asked, int) or not 0 <= asked <= self.epoch:
            raise refuse("BAD_REQUEST", f"`since` must be from 0 to the current epoch, {self.epoch}.")
        return asked

    async def _rows(self, asked: Asked, prepared: Prepared, held: Connection | None) -> Rows:
        if held is not None:
            async with held.transaction():  # what the database refuses here must not take the record with it
                return await fetch(held, prepared)
        watch = prepared.plan.watch
        if watch is None or not await self.touched.includes(watch.table, self.since, self.epoch):
            raise NothingChanged
        return await self.shared.rows((prepared.plan, asked.variables, self.since, self.epoch), self._read(prepared))

    async def _read(self, prepared: Prepared) -> Rows:
        async with self.readers.connection(EVENTS) as connection:
            return await fetch(connection, prepared)

    def _variables(self, asked: Asked, prepared: Prepared) -> bytes | None:
        """The variables as the record has them, and the epoch told after: with it an event can be replayed."""
        sent = asked.question.variables
        declared = {name: value for name, value in sent.items() if name in prepared.variables and name != SINCE}
        return json_of({**declared, SINCE: self.since})
