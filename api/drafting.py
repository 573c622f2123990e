"""In charge of making an answer not yet recorded: prepare, read, assemble, or take one that was kept.

Whether it may leave is not decided here: `graphql.py` records it first. It knows nothing of HTTP and of other states
than the one it is given.
"""

import logging
import time
from collections.abc import Mapping, Sequence

import asyncpg
import orjson
from msgspec import Struct
from msgspec.structs import replace

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
from resolvers.cost import estimated
from resolvers.keep import Prepared, Preparer
from resolvers.known_rows import KnownRows
from resolvers.load import Load, Waiter
from resolvers.lookup import Lookups
from resolvers.read_ahead import ReadAhead
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


class Begun(Struct, frozen=True):
    """A question that was prepared under a view; its variables as its record has them; and its answer, if that is kept.

    `key` is what its answer is kept under, None where it is not exact.
    """

    view: View
    preparer: Preparer
    prepared: Prepared
    variables: bytes | None
    key: Key | None
    made: Made | None


class NotBegun(Struct, frozen=True):
    """A question that was refused under a view, which need not be found out again."""

    view: View
    refusal: Refusal


class Drafting:
    """Makes the answers of one worker. Safe to run concurrently."""

    def __init__(self, readers: Readers, load: Load, space: SpoolSpace, known: KnownRows, ahead: ReadAhead) -> None:
        self._readers = readers
        self._lookups = Lookups(readers, load)
        self._steadiness = Steadiness(readers)
        self._computing = Computing()
        self._kept = KeptAnswers()
        self._known = known
        self._ahead = ahead
        self._lanes = Lanes()
        self._large = Turns(_LARGE_AT_A_TIME + 1, spare=1)
        self._piecewise = Piecewise(readers, space, self._large)

    def begin(self, asked: Asked, view: View) -> Begun:
        """What needs no waiting. Raises Refusal."""
        question = asked.question
        check(asked)
        preparer = view.preparer(question.principal)
        prepared = preparer.prepare(question.document, question.operation_name, question.variables, question.principal)
        variables = variables_of(asked, prepared)
        if not prepared.plan.is_exact:
            return Begun(view, preparer, prepared, variables, None, None)
        key = Key(prepared.plan.identity, variables)
        return Begun(view, preparer, prepared, variables, key, self._kept.find(view.state, key))

    async def draft(
        self, asked: Asked, view: View, held: Connection | None = None, begun: Begun | NotBegun | None = None
    ) -> Draft:
        """The answer to the question under the view's state; over a connection that holds the state, if there is one.

        What is wrong with the question, or refused by the database, is an answer too.
        """
        question = asked.question
        try:
            if begun is None or begun.view is not view:
                begun = None  # what begins anew may be refused
                begun = self.begin(asked, view)
            elif isinstance(begun, NotBegun):
                raise begun.refusal
            _end("prepare", question.stopwatch)
            if question.spending is not None:
                await question.spending.spend(estimated(begun.prepared.plan.weights))
            made = await self.make(asked, begun, held)
        except Refusal as refusal:
            told = refusal if question.spending is None else await question.spending.spend_on(refusal)
            return refused(asked, told.problems, begun.prepared if isinstance(begun, Begun) else None)
        except asyncpg.PostgresError as error:
            return failed(asked, error, begun.prepared if isinstance(begun, Begun) else None)
        draft = draft_of(asked, begun, made)
        if question.stopwatch is None or made.spooled is not None:
            return draft
        question.stopwatch.end("assemble")
        whole = b"".join((*draft.opening, draft.body))
        body = explained(whole, begun.prepared.plan, begun.preparer.setting.limits.cost, question.stopwatch)
        return replace(draft, body=body, digest=None, opening=())

    def look_up(self, begun: Begun, found: Waiter[Row | None]) -> None:
        """Asks for the one row that an answer needs, for one who is told; not before this returns. Raises Refusal."""
        lookup = begun.prepared.plan.lookup
        assert lookup is not None
        self._lookups.ask(lookup, lookup.key(begun.prepared.variables), found)

    def draft_of_row(self, asked: Asked, begun: Begun, row: Row | None) -> Draft:
        """The answer that is made of a row that was looked up."""
        return self.drafted(asked, begun, assembled(asked, begun.prepared, _rows_of(row), {}))

    def drafted(self, asked: Asked, begun: Begun, made: Made) -> Draft:
        """The answer that was just made, which may be kept."""
        assert begun.key is not None
        self._kept.keep(begun.view.state, begun.key, made)
        return draft_of(asked, begun, made)

    async def make(self, asked: Asked, begun: Begun, held: Connection | None) -> Made:
        """The answer; over a connection that holds the state, if there is one. Raises Refusal."""
        view, preparer, prepared = begun.view, begun.preparer, begun.prepared
        key, made = begun.key, begun.made
        plan = prepared.plan
        if key is None or held is not None:
            introspected = await self._computing.whole(preparer, prepared, asked.question.principal)
            if introspected is not None:
                return _introspection(asked, prepared, introspected)
            computed = await self._computing.compute(preparer, prepared, asked.question.principal)
            return await self._make(Ordered(asked, prepared, computed, preparer, view.state), held)
        if made is not None:
            return made
        ordered = Ordered(asked, prepared, {}, preparer, view.state)
        if plan.is_aggregate and plan.pieces is None:
            # Looked for again: only those who share a state may share what is being made.
            made = self._kept.find(view.state, key) or await self._kept.make_once(
                key, lambda: self._make(ordered, None)
            )
        else:
            made = await self._make(ordered, None)
        if made.spooled is None:
            self._kept.keep(view.state, key, made)
        return made

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
            made = assembled(ordered.asked, prepared, rows, ordered.computed)
        except NotWritableError:
            return await self._read_and_assemble(_unwritten(ordered), held)
        except _TOO_LARGE:
            if not prepared.plan.written:
                raise
            ordered.preparer.write_no_more(prepared.plan.written)
            return await self._read_and_assemble(_unwritten(ordered), held)
        if len(made.body) > _LARGEST_WRITTEN_BYTES:
            ordered.preparer.write_no_more(prepared.plan.written)
        return made

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
            return _rows_of(found)
        is_steady = self._steadiness.is_steady(prepared)
        async with self._readers.connection(party, steady=is_steady) as connection:
            _end("wait", question.stopwatch)
            if not plan.needs_snapshot:
                started = time.perf_counter()
                try:
                    if plan.is_exact:
                        return await self._known.fetch(connection, prepared, ordered.state, self._ahead)
                    return await fetch(connection, prepared)
                finally:  # one that took longer than a statement may, or a client waits, was slow above all
                    if is_steady:
                        self._steadiness.took(prepared, time.perf_counter() - started)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                return await fetch(connection, prepared)


def draft_of(asked: Asked, begun: Begun, made: Made) -> Draft:
    """The answer as it was made, or as it was kept, to this question."""
    body, digest, identity = made.body, made.digest, str(asked.id)
    if made.spooled is None and not body.startswith(identity.encode(), made.place):
        body, digest = with_id(body, made.place, identity), None
    return Draft(
        body,
        None,
        made.problems,
        begun.prepared,
        begun.variables,
        made.keys,
        made.shown,
        digest,
        made.spooled,
        made.opening,
    )


def failed(asked: Asked, error: asyncpg.PostgresError, prepared: Prepared | None) -> Draft:
    """The answer to a question that the database has refused. Raises the error again if that is not the question's."""
    code = code_of(error)
    if code is None:
        raise error
    _log.log(logging.ERROR if code is Code.INTERNAL else logging.INFO, "operation %s: %r", asked.id, error)
    return refused(asked, (problem_of(code),), prepared)


def _rows_of(found: Row | None) -> Sequence[Sequence[Row]]:
    return [[] if found is None else [found]]


def assembled(asked: Asked, prepared: Prepared, rows: Sequence[Sequence[Row]], computed: Mapping[str, object]) -> Made:
    """The answer that is made of rows. Raises NotWritableError."""
    result = assemble(prepared, rows, computed)
    told = prepared.plan.told
    body = body_of(str(asked.id), result.data, result.problems, told)
    return Made(body, place_of_id(body, told), result.problems, orjson.dumps(result.keys), result.shown)


def _unwritten(ordered: Ordered) -> Ordered:
    question = ordered.asked.question
    prepared = ordered.preparer.prepare_unwritten(
        question.document, question.operation_name, question.variables, question.principal
    )
    return replace(ordered, prepared=prepared)


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
