"""In charge of the two values that pass between the edge and the engine: one question and its answer.

It knows nothing of HTTP and nothing of how a question is answered.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from typing import Protocol

from msgspec import Struct

from api.budgets import Spending
from api.errors import Code
from api.explaining import Stopwatch
from api.parameters import Parameters, Reference
from api.spooled import SpooledAnswer
from policies.principal import Principal
from resolvers.refusal import Refusal


class Question(Struct, frozen=True):
    """One GraphQL request by one principal. Variables and purpose are JSON without NaN, NUL or lone surrogates.

    With a stopwatch the answer is to tell its cost and phases. Spending is what its cost is taken from. A reference
    names the document, which may be empty until it is followed. With a refusal all that is left is to record it.
    Whoever makes a long answer says `go_on` whenever a part of it is made; that may raise what ends it.
    """

    document: str
    operation_name: str | None
    variables: Mapping[str, object]
    principal: Principal
    purpose: Mapping[str, object] | None
    allows_mutation: bool
    stopwatch: Stopwatch | None = None
    spending: Spending | None = None
    reference: Reference | None = None
    refusal: Refusal | None = None
    go_on: Callable[[], None] | None = None


def question_of(
    parameters: Parameters,
    principal: Principal,
    *,
    allows_mutation: bool,
    go_on: Callable[[], None] | None = None,
) -> Question:
    """The question of a principal that a request asks."""
    stopwatch = Stopwatch() if parameters.explain else None
    return Question(
        parameters.document,
        parameters.operation_name,
        parameters.variables,
        principal,
        parameters.purpose,
        allows_mutation,
        stopwatch,
        None,
        parameters.reference,
        None,
        go_on,
    )


class Answer(Struct, frozen=True):
    """The whole JSON of the GraphQL response. `code` is set when there is no data; `status` overrides its own.

    Of an answer that is RATE_LIMITED `retry_after_s` says when to ask again. What is too large to be held is `spooled`
    instead of the body; whoever gets it closes it. The body is the pieces of `opening`, which few answers have and may
    share, and then `ending`.
    """

    ending: bytes
    operation_id: str
    code: str | Code | None
    status: int | None = None
    retry_after_s: int | None = None
    spooled: SpooledAnswer | None = None
    opening: tuple[bytes, ...] = ()

    @property
    def body(self) -> bytes:
        """The body in one piece."""
        return b"".join((*self.opening, self.ending)) if self.opening else self.ending


# Who is told the answer, or what making it has raised.
Done = Callable[[Answer | Exception], None]


class UnderWay:
    """A question that is answered without a task."""

    __slots__ = ()

    def give_up(self) -> None:
        """Nobody waits for the answer any more, nor is told it. Its record may have been written already."""
        raise NotImplementedError


class Service(Protocol):
    """The engine as the edge sees it. All methods run concurrently; cancelling one gives up its statement."""

    def begin(self, question: Question, done: Done) -> Coroutine[None, None, Answer] | UnderWay:
        """As answer(), which is given back to be awaited; or what is under way, where that needs no task.

        Then `done` is told once, not before this returns.
        """

    async def answer(self, question: Question) -> Answer:
        """The answer, its record durable. May raise RequestError when there is nothing to record, else never."""

    async def sdl(self, principal: Principal) -> Answer:
        """The schema this principal may use: its body is SDL, its record durable."""


# Who asks, as of now. Raises RequestError UNAUTHENTICATED once the token no longer holds.
Identify = Callable[[], Awaitable[Principal]]


class EventSource(Protocol):
    """The engine as what stays open sees it: a query has one answer, a subscription one for each event."""

    def events(self, question: Question, identify: Identify) -> AsyncGenerator[Answer, None]:
        """The answers, each recorded durably before it is given; an answer with a code is the last.

        Who asks is made sure of before each. Closing the generator gives up what is under way.
        """
