"""In charge of making an answer not yet recorded: prepare, read, assemble, or take one that was kept.

Whether it may leave is not decided here: `graphql.py` records it first. It knows nothing of HTTP and of other states
than the one it is given.
"""

import logging
import time
from collections.abc import Sequence

import asyncpg
import orjson

from api.computed import Computing
from api.draft import Asked, Draft, body_of, check, place_of_id, problem_of, refused, variables_of, with_id
from api.errors import Code
from api.explaining import Stopwatch, explained
from api.faults import code_of
from api.introspected import Introspected
from api.kept_answers import KeptAnswers, Key, Made
from api.lanes import Lanes
from api.piecewise import Ordered, Piecewise
from api.platform import View
from api.spool import SpoolSpace
from audit.record import State
from resolvers.cost import estimated
from resolvers.keep import Prepared, Preparer
from resolvers.known_rows import KnownRows
from resolvers.load import Load
from resolvers.lookup import Lookups
from resolvers.readers import Readers
from resolvers.refusal import Refusal
from resolvers.run import Connection, Row, assemble, fetch
from resolvers.steady import Steadiness
from resolvers.turns import Turns
from resolvers.written import NotWritableError

_log = logging.getLogger("yishu.graphql")
# Of three large answers at a time each takes less time than of eight, and there are connections left: small ones do
# not wait behind them. One more is for a department that has none under way.
_LARGE_AT_A_TIME = 3
# Rows that are written as one text are held by the database, some times over, until it is sent.
_LARGEST_WRITTEN_BYTES = 8 << 20
_TOO_LARGE = (asyncpg.ProgramLimitExceededError, asyncpg.InternalServerError)


class Drafting:
    """Makes the answers of one worker. Safe to run concurrently."""

    def __init__(self, readers: Readers, load: Load, space: SpoolSpace, known: KnownRows) -> None:
        self._readers = readers
        self._lookups = Lookups(readers, load)
        self._steadiness = Steadiness(readers)
        self._computing = Computing()
        self._kept = KeptAnswers()
        self._known = known
        self._lanes = Lanes()
        self._large = Turns(_LARGE_AT_A_TIME + 1, spare=1)
        self._piecewise = Piecewise(readers, space, self._large)

    async def draft(self, asked: Asked, view: View, held: Connection | None = None) -> Draft:
        """The answer to the question under the view's state; over a connection that holds the state, if there is one.

        What is wrong with the question, or refused by the database, is an answer too.
        """
        question = asked.question
        prepared: Prepared | None = None
        try:
            check(asked)
            preparer = view.preparer(question.principal)
            prepared = preparer.prepare(
                question.document, question.operation_name, question.variables, question.principal
            )
            _end("prepare", question.stopwatch)
            if question.spending is not None:
                await question.spending.spend(estimated(prepared.plan.weights))
            variables = variables_of(asked, prepared)
            made = await self._made(asked, prepared, (preparer, view.state, variables), held)
        except Refusal as refusal:
            told = refusal if question.spending is None else await question.spending.spend_on(refusal)
            return refused(asked, told.problems, prepared)
        except asyncpg.PostgresError as error:
            code = code_of(error)
            if code is None:
                raise
            _log.log(logging.ERROR if code is Code.INTERNAL else logging.INFO, "operation %s: %r", asked.id, error)
            return refused(asked, (problem_of(code),), prepared)
        body, digest, opening = made.body, made.digest, made.opening
        if question.stopwatch is not None and made.spooled is None:
            question.stopwatch.end("assemble")
            whole = b"".join((*opening, body)) if opening else body
            body = explained(whole, prepared.plan, preparer.setting.limits.cost, question.stopwatch)
            digest, opening = None, ()
        return Draft(
            body, None, made.problems, prepared, variables, made.keys, made.shown, digest, made.spooled, opening
        )

    async def _made(
        self,
        asked: Asked,
        prepared: Prepared,
        under: tuple[Preparer, State, bytes | None],
        held: Connection | None,
    ) -> Made:
        preparer, state, variables = under
        plan = prepared.plan
        if not plan.is_exact or held is not None:
            introspected = await self._computing.whole(preparer, prepared, asked.question.principal)
            if introspected is not None:
                return _introspection(asked, prepared, introspected)
            computed = await self._computing.compute(preparer, prepared, asked.question.principal)
            return await self._make(Ordered(asked, prepared, computed, preparer, state), held)
        key = Key(plan.identity, variables)
        made = self._kept.find(state, key)
        if made is None:
            ordered = Ordered(asked, prepared, {}, preparer, state)
            if plan.is_aggregate and plan.pieces is None:
                made = await self._kept.make_once(key, lambda: self._make(ordered, None))
            else:
                made = await self._make(ordered, None)
            if made.spooled is not None:
                return made
            self._kept.keep(state, key, made)
        identity = str(asked.id)
        if made.body.startswith(identity.encode(), made.place):
            return made
        body = with_id(made.body, made.place, identity)
        return Made(body, made.place, made.problems, made.keys, made.shown)

    async def _make(self, ordered: Ordered, held: Connection | None) -> Made:
        plan = ordered.prepared.plan
        if plan.pieces is not None:
            return await self._piecewise.make(ordered, held)
        if not self._lanes.is_large(plan.identity, plan.most_rows):
            made = await self._read_and_assemble(ordered, held)
        else:
            async with self._large.place(ordered.asked.question.principal.department):
                made = await self._read_and_assemble(ordered, held)
        self._lanes.saw(plan.identity, plan.most_rows, made.shown)
        return made

    async def _read_and_assemble(self, ordered: Ordered, held: Connection | None) -> Made:
        prepared, stopwatch = ordered.prepared, ordered.asked.question.stopwatch
        try:
            rows = await self._rows(ordered, held)
            _end("database", stopwatch)
            result = assemble(prepared, rows, ordered.computed)
        except NotWritableError:
            return await self._read_and_assemble(_unwritten(ordered), held)
        except _TOO_LARGE:
            if not prepared.plan.written:
                raise
            ordered.preparer.write_no_more(prepared.plan.written)
            return await self._read_and_assemble(_unwritten(ordered), held)
        told = prepared.plan.told
        body = body_of(str(ordered.asked.id), result.data, result.problems, told)
        if len(body) > _LARGEST_WRITTEN_BYTES:
            ordered.preparer.write_no_more(prepared.plan.written)
        return Made(body, place_of_id(body, told), result.problems, orjson.dumps(result.keys), result.shown)

    async def _rows(self, ordered: Ordered, held: Connection | None) -> Sequence[Sequence[Row]]:
        question, prepared = ordered.asked.question, ordered.prepared
        plan, party = prepared.plan, question.principal.department
        if not plan.statements:
            return []
        if held is not None:
            async with held.transaction():  # what the database refuses here must not take the record with it
                return await fetch(held, prepared)
        if plan.lookup is not None:
            found = await self._lookups.find(plan.lookup, plan.lookup.key(prepared.variables))
            return [[] if found is None else [found]]
        is_steady = self._steadiness.is_steady(prepared)
        async with self._readers.connection(party, steady=is_steady) as connection:
            _end("wait", question.stopwatch)
            if not plan.needs_snapshot:
                started = time.perf_counter()
                try:
                    if plan.is_exact:
                        return await self._known.fetch(connection, prepared, ordered.state)
                    return await fetch(connection, prepared)
                finally:  # one that took longer than a statement may, or a client waits, was slow above all
                    if is_steady:
                        self._steadiness.took(prepared, time.perf_counter() - started)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                return await fetch(connection, prepared)


def _unwritten(ordered: Ordered) -> Ordered:
    question = ordered.asked.question
    prepared = ordered.preparer.prepare_unwritten(
        question.document, question.operation_name, question.variables, question.principal
    )
    return ordered._replace(prepared=prepared)


def _introspection(asked: Asked, prepared: Prepared, introspected: Introspected) -> Made:
    result = assemble(prepared, [], introspected.values)
    told, identity = prepared.plan.told, str(asked.id)
    if list(result.data) == list(introspected.values):
        opening = introspected.opening
        body, digest = introspected.ended(body_of(identity, {}, (), told))
    else:  # beside it stands what is neither computed nor read
        opening, body, digest = (), body_of(identity, result.data, (), told), None
    return Made(body, place_of_id(body, told), (), orjson.dumps(result.keys), result.shown, digest, opening=opening)


def _end(phase: str, stopwatch: Stopwatch | None) -> None:
    if stopwatch is not None:
        stopwatch.end(phase)
