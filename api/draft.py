"""In charge of the values between a question and its record: what is asked, an answer not yet recorded, their forms.

It knows nothing of how an answer is made and how a record is written. What is made anew for each question is a struct:
as good a value as a frozen dataclass or a named tuple, and made in a quarter of the latter's time.
"""

import hashlib
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import orjson
from msgspec import Struct
from orjson import Fragment

from api.errors import MEANING_BY_CODE, Code
from api.question import Answer, Question
from api.spooled import SpooledAnswer
from audit.record import Outcome, PlanContent, Record, State
from resolvers.keep import Prepared
from resolvers.refusal import Problem, refuse

_log = logging.getLogger("yishu.graphql")
_RECEIPT = b'{"receipt":{"operationId":"'
_ID_LENGTH = 36


class Asked(Struct, frozen=True):
    """A question under way, with its id, its start, and what it was sent with as JSON."""

    question: Question
    id: UUID
    started: float
    variables: bytes | None
    purpose: bytes | None


class Draft(Struct, frozen=True):
    """An answer not yet recorded: its body, and what its record says of it; its digest where that is known already.

    With an opening the body is only what follows it, and the digest is known.

    Rows and data are let go before the record is waited for: kept, they would cost the collector and the memory of all
    answers in flight.
    """

    body: bytes
    code: str | None
    problems: tuple[Problem, ...]
    prepared: Prepared | None = None
    variables: bytes | None = None
    keys: bytes = b"[]"
    shown: int = 0
    digest: bytes | None = None
    spooled: SpooledAnswer | None = None  # instead of the body
    opening: tuple[bytes, ...] = ()


def ask(question: Question, operation_id: UUID) -> Asked:
    """The question from now on."""
    return Asked(question, operation_id, time.perf_counter(), json_of(question.variables), json_of(question.purpose))


def check(asked: Asked) -> None:
    """Raises Refusal for what is refused before anything is prepared."""
    if asked.question.refusal is not None:
        raise asked.question.refusal
    if asked.question.variables and asked.variables is None:
        raise refuse("BAD_REQUEST", "The variables are not JSON, or nest too deeply.")


def refused(asked: Asked, problems: tuple[Problem, ...], prepared: Prepared | None) -> Draft:
    """The answer to a question that gets no data."""
    variables = asked.variables if prepared is None else variables_of(asked, prepared)
    body = body_of(str(asked.id), None, problems)
    return Draft(body, problems[0].code, problems, prepared, variables)


def answer_of(asked: Asked, draft: Draft) -> Answer:
    """The answer whose record is durable."""
    return Answer(draft.body, str(asked.id), draft.code, None, None, draft.spooled, draft.opening)


def unavailable(asked: Asked, error: Exception) -> Answer:
    """The answer to a question whose record is not known to be durable; the operator is told why."""
    _log.error("operation %s not answered, its record cannot be written: %s", asked.id, error)
    body = body_of(str(asked.id), None, (problem_of(Code.LOG_UNAVAILABLE),))
    return Answer(body, str(asked.id), Code.LOG_UNAVAILABLE)


def problem_of(code: Code) -> Problem:
    """The problem that a code tells of by itself."""
    meaning = MEANING_BY_CODE[code]
    return Problem(code, meaning.message, hint=meaning.hint)


def body_of(
    operation_id: str, data: Mapping[str, object] | Fragment | None, problems: tuple[Problem, ...], notes: bytes = b""
) -> bytes:
    """The JSON of an answer. `notes` are further members of its extensions, each after a comma."""
    answer: dict[str, object] = {}
    if problems:
        answer["errors"] = [problem.formatted() for problem in problems]
    if data is not None:
        answer["data"] = data
    answer["extensions"] = Fragment(b"".join((_RECEIPT, operation_id.encode(), b'"}', notes, b"}")))
    return orjson.dumps(answer)


def ends_of(operation_id: str, problems: tuple[Problem, ...], notes: bytes) -> tuple[bytes, bytes]:
    """What stands before and after the data in the JSON of such an answer."""
    before, _, after = body_of(operation_id, Fragment(b"\0"), problems, notes).partition(b"\0")
    return before, after


def place_of_id(body: bytes, notes: bytes) -> int:
    """Where in such a body the operation's id stands."""
    return len(body) - len(notes) - len(b'"}}}') - _ID_LENGTH


def with_id(body: bytes, place: int, operation_id: str) -> bytes:
    """The same answer to another question."""
    return b"".join((body[:place], operation_id.encode(), body[place + _ID_LENGTH :]))


def record_of(asked: Asked, state: State, draft: Draft) -> Record:
    """The record of an answer made under the state."""
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
        variables=draft.variables,
        state=state,
        keys=draft.keys,
        shown=draft.shown,
        response_digest=draft.digest or hashlib.sha256(draft.body).digest(),
        outcome=_outcome(draft),
        error_codes=tuple(sorted({str(problem.code) for problem in draft.problems})) if draft.problems else (),
        elapsed_us=round((time.perf_counter() - asked.started) * 1_000_000),
    )


def _outcome(draft: Draft) -> Outcome:
    if draft.code is None:
        return "partial" if draft.problems else "ok"
    return "error" if draft.code in (Code.INTERNAL, Code.TIMEOUT) else "refused"


def variables_of(asked: Asked, prepared: Prepared) -> bytes | None:
    """The variables as the record has them: of a prepared operation only those it declares.

    What else is sent along is ignored by the answer, and must not fill the log.
    """
    sent = asked.question.variables
    if sent.keys() <= prepared.variables.keys():
        return asked.variables
    return json_of({name: value for name, value in sent.items() if name in prepared.variables})


def json_of(value: Mapping[str, object] | None) -> bytes | None:
    """The value as JSON; None where there is nothing, or nothing that is JSON."""
    try:
        return orjson.dumps(value) if value else None
    except TypeError:
        return None
