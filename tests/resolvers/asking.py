"""In charge of asking the engine without HTTP: plans straight from the preparer, and whole questions of the service."""

import gc
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field

import asyncpg
import orjson

from api.graphql import GraphQLService
from api.platform import Platform, View
from api.question import Answer, Question
from api.spool import SpoolSpace
from audit.log import AccessLog
from policies.principal import Principal
from resolvers.keep import Prepared
from resolvers.known_rows import KnownRows
from resolvers.limits import Limits
from resolvers.refusal import Problem
from resolvers.run import assemble, fetch, initialise
from resolvers.seal import Seal
from resolvers.written import NotWritableError

SEAL = Seal(b"a secret of the tests, 32 bytes..")
_NO_VARIABLES: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the engine answers: data as JSON gives it, and the problems."""

    data: object
    problems: tuple[Problem, ...]
    prepared: Prepared

    @property
    def denied(self) -> set[tuple[str, str]]:
        """The coordinates denied and where."""
        return {
            (str(problem.coordinate), ".".join(problem.path))
            for problem in self.problems
            if problem.code == "FIELD_DENIED"
        }


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine over one database: its pool, what it holds of the platform, and the service in front of it."""

    pool: asyncpg.Pool
    platform: Platform
    log: AccessLog
    service: GraphQLService

    async def view(self) -> View:
        """What the engine holds of the platform."""
        return await self.platform.view()

    async def prepare(
        self, principal: Principal, document: str, variables: Mapping[str, object] = _NO_VARIABLES
    ) -> Prepared:
        """The plan of a document. Raises Refusal."""
        view = await self.view()
        return view.preparer(principal).prepare(document, None, variables, principal)

    async def show(self, principal: Principal, document: str, variables: Mapping[str, object] = _NO_VARIABLES) -> Shown:
        """The data and problems of a document without computed fields. Raises Refusal."""
        prepared = await self.prepare(principal, document, variables)
        async with self.pool.acquire() as connection:
            try:
                result = assemble(prepared, await fetch(connection, prepared), {})
            except NotWritableError:
                preparer = (await self.view()).preparer(principal)
                prepared = preparer.prepare_unwritten(document, None, variables, principal)
                result = assemble(prepared, await fetch(connection, prepared), {})
        return Shown(orjson.loads(orjson.dumps(result.data)), result.problems, prepared)

    async def ask(self, principal: Principal, document: str, variables: Mapping[str, object] = _NO_VARIABLES) -> "Told":
        """The whole answer of the service, its record written."""
        answer = await self.service.answer(Question(document, None, variables, principal, None, allows_mutation=True))
        body = await body_of(answer)
        return Told(answer.code, answer.operation_id, body, orjson.loads(body))


def rights_used(prepared: Prepared, type_name: str) -> list[tuple[str, str, str]]:
    """The coordinates of a type that are on record with a plan, the right that each needed, and how it was used."""
    return [
        (each["coordinate"], each["right"], each["use"])
        for node in orjson.loads(prepared.plan.content)["nodes"]
        for each in node["fields"]
        if each["coordinate"].startswith(f"{type_name}.")
    ]


async def body_of(answer: Answer) -> bytes:
    """The body of an answer, which is let go if it was spooled."""
    if answer.spooled is None:
        return answer.body
    with closing(answer.spooled):
        return b"".join([chunk async for chunk in answer.spooled.chunks()])


@dataclass(frozen=True, slots=True)
class Told:
    """An answer of the service, taken apart."""

    code: str | None
    operation_id: str
    body: bytes
    json: Mapping[str, object] = field(default_factory=dict)

    @property
    def data(self) -> object:
        """The data, None where there is none."""
        return self.json.get("data")

    @property
    def codes(self) -> list[str]:
        """The code of every error, in order."""
        errors = self.json.get("errors", [])
        assert isinstance(errors, list)
        return [error["extensions"]["code"] for error in errors]


@asynccontextmanager
async def engine_on(
    url: str, limits: Limits | None = None, space: SpoolSpace | None = None, known: KnownRows | None = None
) -> AsyncIterator[Engine]:
    """An engine over a database, closed afterwards."""
    settings = {"timezone": "UTC", "jit": "off"}
    async with asyncpg.create_pool(url, min_size=1, max_size=6, init=initialise, server_settings=settings) as pool:
        platform, log = Platform(pool, SEAL, limits or Limits()), AccessLog(pool)
        service = GraphQLService(pool, platform, log, space, known)
        try:
            yield Engine(pool, platform, log, service)
        finally:
            await log.close()
            await service.close()


@contextmanager
def computing_less_than(limit_s: float) -> Iterator[None]:
    """The block takes less of the processor; the collector, which would look at what all other tests left, waits."""
    gc.disable()
    started = time.process_time()
    try:
        yield
        assert time.process_time() - started < limit_s
    finally:
        gc.enable()
