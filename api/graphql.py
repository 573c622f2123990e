"""In charge of one question from top to bottom: prepare, run, assemble, record, answer.

No record, no data: the answer leaves only when its record is durable, and only if policy, graph and data were at the
commit what they were when the plan was made; else it is thrown away unseen and the question is asked anew. It knows
nothing of HTTP.
"""

import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import orjson

from api.computed import Computing
from api.errors import MEANING_BY_CODE, Code
from api.explaining import Stopwatch, explained
from api.faults import AWAY, code_of
from api.platform import Platform, View
from api.question import Answer, Question
from api.schema_texts import SchemaTexts
from audit.identifiers import OperationIds
from audit.log import AccessLog, LogUnavailable
from audit.record import Outcome, PlanContent, Record
from policies.principal import Principal
from resolvers.cost import estimated
from resolvers.keep import Prepared
from resolvers.lookup import Lookups
from resolvers.refusal import Problem, Refusal, refuse
from resolvers.run import Connection, Result, assemble, fetch

_log = logging.getLogger("yishu.graphql")
_SCHEMA_ASKED = "# the schema as text"  # stands for the document in the record
# Batches are rare against questions; a question that meets this many in a row is answered holding the state.
_ATTEMPTS = 3
_ROUNDS = 3
# Between two batches first: one under way may have altered what is asked for, and would wait at its end for whoever
# holds the state and waits for that.
_HOLD = """
set local lock_timeout = '2s';
select pg_advisory_xact_lock_shared(hashtextextended('yishu.batch', 0));
select platform.hold_state();
set local lock_timeout = '900ms'"""


@dataclass(frozen=True, slots=True)
class _Draft:
    """An answer not yet recorded: its body, and what its record says of it.

    Rows and data are let go before the record is waited for: kept, they would cost the collector and the memory of all
    answers in flight.
    """

    body: bytes
    code: str | None
    problems: tuple[Problem, ...]
    prepared: Prepared | None = None
    keys: bytes = b"[]"
    shown: int = 0

    @property
    def outcome(self) -> Outcome:
        if self.code is None:
            return "partial" if self.problems else "ok"
        return "error" if self.code in (Code.INTERNAL, Code.TIMEOUT) else "refused"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question under way, with its id, its start, and what it was sent with as JSON."""

    question: Question
    id: UUID
    started: float
    variables: bytes | None
    purpose: bytes | None


_Make = Callable[[_Asked, View, Connection | None], Awaitable[_Draft]]


class GraphQLService:
    """Answers questions; one per worker. Safe to run concurrently."""

    def __init__(self, pool: asyncpg.Pool, platform: Platform, log: AccessLog) -> None:
        self._pool = pool
        self._platform = platform
        self._log = log
        self._ids = OperationIds()
        self._computing = Computing()
        self._lookups = Lookups(pool)
        self._texts = SchemaTexts()

    async def answer(self, question: Question) -> Answer:
        """The answer, its record durable; LOG_UNAVAILABLE when it cannot be made so."""
        return await self._recorded(question, self._draft)

    async def sdl(self, principal: Principal) -> Answer:
        """The schema this principal may use, as SDL, which is introspection and recorded like it."""
        question = Question(_SCHEMA_ASKED, None, {}, principal, None, allows_mutation=False)
        return await self._recorded(question, self._print)

    async def _recorded(self, question: Question, make: _Make) -> Answer:
        started, variables, purpose = time.perf_counter(), _json(question.variables), _json(question.purpose)
        asked = _Asked(question, self._ids.next(), started, variables, purpose)
        try:
            return await self._answer(asked, make)
        except (LogUnavailable, *AWAY) as error:
            _log.error("operation %s not answered, its record cannot be written: %s", asked.id, error)
            meaning = MEANING_BY_CODE[Code.LOG_UNAVAILABLE]
            problem = Problem(Code.LOG_UNAVAILABLE, meaning.message, hint=meaning.hint)
            return Answer(_body(asked.id, None, (problem,)), str(asked.id), Code.LOG_UNAVAILABLE)

    async def _print(self, asked: _Asked, view: View, _: Connection | None = None) -> _Draft:
        principal = asked.question.principal
        return _Draft((await self._texts.of(view.preparer(principal), principal)).encode(), None, ())

    async def _answer(self, asked: _Asked, make: _Make) -> Answer:
        for _ in range(_ROUNDS):
            view = await self._platform.view()
            for _ in range(_ATTEMPTS):
                draft = await make(asked, view, None)
                state = await self._log.append(_record(asked, view, draft), must_match=True)
                _end("record", asked.question.stopwatch)
                if state == view.state:
                    return Answer(draft.body, str(asked.id), draft.code)
                view = await self._platform.catch_up(view)
            # No turn between two batches: one goes on for long, and while it does nothing overtakes a question.
            with suppress(asyncpg.LockNotAvailableError):
                return await self._answer_holding(asked, make)
        raise LogUnavailable("it was overtaken by batches every time")

    async def _answer_holding(self, asked: _Asked, make: _Make) -> Answer:
        """The answer under a state that nobody can move until its record is committed."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_HOLD)
            view = await self._platform.read(connection)
            draft = await make(asked, view, connection)
            await self._log.append_within(connection, _record(asked, view, draft))
        _end("record", asked.question.stopwatch)
        return Answer(draft.body, str(asked.id), draft.code)

    async def _draft(self, asked: _Asked, view: View, held: Connection | None = None) -> _Draft:
        question = asked.question
        prepared: Prepared | None = None
        try:
            if question.refusal is not None:
                raise question.refusal
            if question.variables and asked.variables is None:
                raise refuse("BAD_REQUEST", "The variables are not JSON, or nest too deeply.")
            preparer = view.preparer(question.principal)
            prepared = preparer.prepare(
                question.document, question.operation_name, question.variables, question.principal
            )
            _end("prepare", question.stopwatch)
            if question.spending is not None:
                await question.spending.spend(estimated(prepared.plan.weights))
            computed = await self._computing.compute(preparer, prepared, question.principal)
            rows = await self._rows(prepared, held, question.stopwatch)
        except Refusal as refusal:
            return _refused(asked, refusal.problems, prepared)
        except asyncpg.PostgresError as error:
            code = code_of(error)
            if code is None:
                raise
            _log.log(logging.ERROR if code is Code.INTERNAL else logging.INFO, "operation %s: %r", asked.id, error)
            return _refused(asked, (_problem(code),), prepared)
        _end("database", question.stopwatch)
        result = assemble(prepared, rows, computed)
        body = _body(asked.id, result, result.problems)
        if question.stopwatch is not None:
            question.stopwatch.end("assemble")
            body = explained(body, prepared.plan, preparer.setting.limits.cost, question.stopwatch)
        return _Draft(body, None, result.problems, prepared, orjson.dumps(result.keys), result.shown)

    async def _rows(
        self, prepared: Prepared, held: Connection | None, stopwatch: Stopwatch | None
    ) -> list[list[asyncpg.Record]]:
        if not prepared.plan.statements:
            return []
        if held is not None:
            async with held.transaction():  # what the database refuses here must not take the record with it
                return await fetch(held, prepared)
        lookup = prepared.plan.lookup
        if lookup is not None:
            found = await self._lookups.find(lookup, lookup.key(prepared.variables))
            return [[] if found is None else [found]]
        async with self._pool.acquire() as connection:
            _end("wait", stopwatch)
            if not prepared.plan.needs_snapshot:
                return await fetch(connection, prepared)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                return await fetch(connection, prepared)


def _end(phase: str, stopwatch: Stopwatch | None) -> None:
    if stopwatch is not None:
        stopwatch.end(phase)


def _problem(code: Code) -> Problem:
    meaning = MEANING_BY_CODE[code]
    return Problem(code, meaning.message, hint=meaning.hint)


def _refused(asked: _Asked, problems: tuple[Problem, ...], prepared: Prepared | None) -> _Draft:
    return _Draft(_body(asked.id, None, problems), problems[0].code, problems, prepared)


def _body(operation_id: UUID, result: Result | None, problems: tuple[Problem, ...]) -> bytes:
    answer: dict[str, object] = {}
    if problems:
        answer["errors"] = [problem.formatted() for problem in problems]
    if result is not None:
        answer["data"] = result.data
    notes = result.notes if result is not None else {}
    answer["extensions"] = {"receipt": {"operationId": str(operation_id)}, **notes}
    return orjson.dumps(answer)


def _record(asked: _Asked, view: View, draft: _Draft) -> Record:
    question, principal = asked.question, asked.question.principal
    plan = draft.prepared.plan if draft.prepared else None
    return Record(
        id=asked.id,
        at=datetime.now(UTC),
        department=principal.department,
        application=principal.application,
        actor=principal.user,
        roles=principal.roles,
        purpose=asked.purpose,
        plan=PlanContent(plan.digest, plan.content) if plan else None,
        document=None if plan else question.document,
        operation_name=question.operation_name,
        variables=_variables(asked, draft),
        state=view.state,
        keys=draft.keys,
        shown=draft.shown,
        response_digest=hashlib.sha256(draft.body).digest(),
        outcome=draft.outcome,
        error_codes=tuple(sorted({str(problem.code) for problem in draft.problems})),
        elapsed_us=round((time.perf_counter() - asked.started) * 1_000_000),
    )


def _variables(asked: _Asked, draft: _Draft) -> bytes | None:
    """The variables as the record has them: of a prepared operation only those it declares.

    What else is sent along is ignored by the answer, and must not fill the log.
    """
    sent, prepared = asked.question.variables, draft.prepared
    if prepared is None or sent.keys() <= prepared.variables.keys():
        return asked.variables
    return _json({name: value for name, value in sent.items() if name in prepared.variables})


def _json(value: Mapping[str, object] | None) -> bytes | None:
    """The value as JSON; None where there is nothing, or nothing that is JSON."""
    try:
        return orjson.dumps(value) if value else None
    except TypeError:
        return None
