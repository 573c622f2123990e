"""A small engine for tests of the edge: graphql-core over a few fields, with the contract's codes."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial

import orjson
from graphql import (
    ExecutionResult,
    GraphQLError,
    OperationType,
    build_schema,
    execute,
    get_operation_ast,
    parse,
    validate,
)

from api.errors import Code, RequestError
from api.question import Answer, Done, Identify, Question, UnderWay
from policies.principal import Principal

SCHEMA = """
type Query { hello(name: String! = "world"): String, me: String, slow(seconds: Float!): String }
type Subscription { ticks: Int, never: Int }
type Mutation { rename(to: String!): String }
"""


@dataclass(slots=True)
class TinyService:
    """Answers `hello`, tells who asks in `me`, sleeps in `slow`; keeps the questions it was asked."""

    questions: list[Question] = field(default_factory=list)
    failure: Exception | None = None
    given: Answer | None = None
    given_up: bool = False
    waiting: int = 0
    late: list[Callable[[], None]] = field(default_factory=list)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self, question: Question, done: Done) -> Coroutine[None, None, Answer] | UnderWay:
        """As answer(): what is slow in a task, `late` whenever it is told, all else soon."""
        if "slow" in question.document:
            return self.answer(question)
        if "late" in question.document:
            self.late.append(partial(self._tell, question, done))
        else:
            asyncio.get_running_loop().call_soon(self._tell, question, done)
        return Soon(self)

    def _tell(self, question: Question, done: Done) -> None:
        try:
            self.answer(question).send(None)
        except StopIteration as answered:
            done(answered.value)
        except Exception as failure:  # noqa: BLE001  # whoever asked is told
            done(failure)

    async def answer(self, question: Question) -> Answer:
        """The answer graphql-core gives, or the one or the failure that was set."""
        self.questions.append(question)
        if self.failure is not None:
            raise self.failure
        if self.given is not None:
            return self.given
        if "slow" in question.document:
            await self._sleep()
        code, result, status = _run(question)
        body = orjson.dumps(result.formatted if result.data is not None else {"errors": result.formatted["errors"]})
        return Answer(body, "operation-1", code, status)

    async def events(self, question: Question, identify: Identify) -> AsyncGenerator[Answer, None]:
        """The one answer, or for `subscription { ticks }` three, or for `subscription { never }` none, ever."""
        if "subscription" not in question.document:
            yield await self.answer(question)
            return
        self.questions.append(question)
        for number in range(3):
            await identify()
            if "never" in question.document:
                await self._wait()
            yield Answer(orjson.dumps({"data": {"ticks": number}}), f"operation-{number}", None)

    async def _wait(self) -> None:
        """Waits for what never comes, until the server stops."""
        self.waiting += 1
        try:
            await self.stopping.wait()
        finally:
            self.waiting -= 1
        raise RequestError(Code.LOG_UNAVAILABLE, "The server is stopping.")

    async def _sleep(self) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.given_up = True
            raise

    async def sdl(self, principal: Principal) -> Answer:
        """The schema, with the name of who may use it."""
        if principal.department == "statistics":
            raise RequestError(Code.QUERY_TOO_COSTLY)
        return Answer(f"# {principal.department or 'public'}\n{SCHEMA}".encode(), "operation-1", None)


class Soon(UnderWay):
    """What is answered soon, or late."""

    def __init__(self, service: TinyService) -> None:
        self._service = service

    def give_up(self) -> None:
        """See UnderWay."""
        self._service.given_up = True


def _run(question: Question) -> tuple[Code | None, ExecutionResult, int | None]:
    schema = build_schema(SCHEMA)
    try:
        document = parse(question.document)
    except GraphQLError as error:
        return Code.QUERY_INVALID, ExecutionResult(None, [error]), None
    if errors := validate(schema, document):
        return Code.QUERY_INVALID, ExecutionResult(None, errors), None
    operation = get_operation_ast(document, question.operation_name)
    if operation is None:
        return Code.QUERY_INVALID, ExecutionResult(None, [GraphQLError("no such operation")]), None
    if operation.operation is not OperationType.QUERY and not question.allows_mutation:
        return Code.BAD_REQUEST, ExecutionResult(None, [GraphQLError("mutations need POST")]), 405
    root = {
        "hello": lambda info, name: f"hello {name}",
        "me": question.principal.department or "public",
        "rename": lambda info, to: to,
    }
    variables = dict(question.variables)
    result = execute(schema, document, root, variable_values=variables, operation_name=question.operation_name)
    assert isinstance(result, ExecutionResult)
    return (Code.BAD_REQUEST if result.data is None else None), result, None
