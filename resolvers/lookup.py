"""Look-ups by key that several requests share.

While one look-up of a plan is on its way, others of the same plan wait and then go together as one `= any($1)`. Each
gets the row of its own key, read after it asked.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import asyncpg

from resolvers.load import Gathering, Load, Waiter
from resolvers.readers import FAILURES, Readers
from resolvers.sql import Parameter
from schema.graph import Node

_LARGEST_GROUP = 500
_PARTY = "look-ups"  # of everybody together, and quick: who asks for a connection in their name
_PATIENCE_S = 0.001


@dataclass(frozen=True, slots=True)
class Lookup:
    """A statement that finds rows by one key column: many keys at once. `name` is the same for equal look-ups alone.

    `parameters` are the statement's, of which the first is the key; all others are constants of the plan.
    `key_position` is where the key stands in a row. One that is `steady` needs no plan for the values of each call.

    `following` are rows as those of the statement, of all keys that come after the one it is given, in no order; empty
    where keys are no texts, or do not tell rows apart.

    `completed`, unless it is empty, is a statement of the same parameters for one key: it gives what stands of the row
    in an answer, the keys of all nodes recorded (JSON, as a record has them) and how many these are. In that text the
    row's id is `hole`, empty if it is not shown, and made by `make_id` of the key. `portion`, unless it is empty, gives
    the same for so many next rows of `following` as its last parameter says, by their keys: each key, and the three as
    one text, with BEHIND between them.
    """

    name: str
    sql: str
    parameters: tuple[Parameter, ...]
    key_position: int
    steady: bool = False
    following: str = ""
    completed: str = ""
    portion: str = ""
    hole: str = ""
    make_id: Callable[[str], str] = str

    def key(self, variables: Mapping[str, object]) -> object:
        """The key one request asks for."""
        return self.parameters[0].value(variables)

    @property
    def constants(self) -> list[object]:
        """The values of all parameters but the key."""
        return [parameter.value({}) for parameter in self.parameters[1:]]


def lookup_of(
    sql: str, parameters: tuple[Parameter, ...], key_position: int, *, steady: bool, following: str = ""
) -> Lookup:
    """The look-up that this statement is."""
    name = repr((sql, [each.value({}) for each in parameters[1:]]))
    return Lookup(name, sql, parameters, key_position, steady, following)


def has_ordered_key(node: Node) -> bool:
    """Whether rows can be read one portion after the other by their key, which is one text and of no two rows."""
    return node.has_unique_key and tuple(node.key_types) == ("text",)


# A key, and who waits for its row, or for None where there is none.
Wanted = tuple[object, Waiter[asyncpg.Record | None]]


@dataclass(slots=True)
class _Group:
    """Requests for one look-up that wait for the next round trip."""

    gathering: Gathering
    waiting: list[Wanted] = field(default_factory=list)
    is_running: bool = False


class Lookups:
    """Runs look-ups of one worker."""

    def __init__(self, readers: Readers, load: Load) -> None:
        self._readers = readers
        self._load = load
        self._groups: dict[str, _Group] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def find(self, lookup: Lookup, key: object) -> asyncpg.Record | None:
        """The row of the key as it is at some moment after the call, None where there is none."""
        found: asyncio.Future[asyncpg.Record | None] = asyncio.get_running_loop().create_future()
        self.ask(lookup, key, found)
        return await found

    def ask(self, lookup: Lookup, key: object, found: Waiter[asyncpg.Record | None]) -> None:
        """As find(), for one who is told. Not before this returns."""
        group = self._groups.get(lookup.name)
        if group is None:
            group = self._groups[lookup.name] = _Group(Gathering(self._load, _PATIENCE_S))
        group.waiting.append((key, found))
        group.gathering.came(group.waiting)
        if not group.is_running:
            group.is_running = True
            task = asyncio.create_task(self._run(lookup, group))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _run(self, lookup: Lookup, group: _Group) -> None:
        taken: list[Wanted] = []
        try:
            while group.waiting:
                await group.gathering.gather(group.waiting)
                taken = group.waiting  # all of them, if there is no connection to be had
                try:
                    async with self._readers.connection(_PARTY, steady=lookup.steady) as connection:
                        taken, group.waiting = group.waiting[:_LARGEST_GROUP], group.waiting[_LARGEST_GROUP:]
                        await _answer(connection, lookup, taken)
                except FAILURES as error:  # it is not that of those who came since
                    _fail(taken, error)
        finally:
            del self._groups[lookup.name]
            _fail([*taken, *group.waiting], asyncio.CancelledError())  # nobody may wait for ever


async def _answer(connection: asyncpg.pool.PoolConnectionProxy, lookup: Lookup, taken: list[Wanted]) -> None:
    rows = await connection.fetch(lookup.sql, list({key for key, _ in taken}), *lookup.constants)
    position = lookup.key_position
    row_by_key = {row[position]: row for row in rows}
    for key, found in taken:
        if not found.done():  # else it was cancelled
            found.set_result(row_by_key.get(key))
    taken.clear()  # each is told once


def _fail(waiting: list[Wanted], error: BaseException) -> None:
    for _, found in waiting:
        if not found.done():
            if isinstance(error, Exception):
                found.set_exception(error)
            else:
                found.cancel()
    waiting.clear()
