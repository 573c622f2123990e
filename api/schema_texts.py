"""In charge of the schema as text: made beside the server's other work, one at a time, and kept for who asks again.

Printing thousands of tables costs seconds and much memory, and anybody may ask for it. It knows nothing of records.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from weakref import WeakKeyDictionary

from policies.decision import Effect, Right
from policies.law import Law
from policies.principal import Principal
from resolvers.keep import Preparer
from schema.access import computed_schema
from schema.build import build_whole_schema
from schema.graph import Field, Graph
from schema.sdl import print_sdl, restrict

_KEPT = 8


class SchemaTexts:
    """Keeps what was printed last for each state of graph and policy. One per worker."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Preparer, OrderedDict[str, asyncio.Task[str]]] = WeakKeyDictionary()
        self._alone = asyncio.Semaphore(1)

    async def of(self, preparer: Preparer, principal: Principal) -> str:
        """The schema this principal may use, as SDL."""
        kept = self._kept.setdefault(preparer, OrderedDict())
        task = kept.get(principal.fingerprint)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = kept[principal.fingerprint] = asyncio.create_task(self._print(preparer, principal))
            if len(kept) > _KEPT:
                kept.popitem(last=False)
        kept.move_to_end(principal.fingerprint)
        return await asyncio.shield(task)  # whoever gives up leaves it to the others who wait for it

    async def _print(self, preparer: Preparer, principal: Principal) -> str:
        graph, law = preparer.setting.graph, preparer.setting.law
        async with self._alone:
            return await asyncio.to_thread(usable_sdl, graph, law, principal)


def usable_sdl(graph: Graph, law: Law, principal: Principal) -> str:
    """The SDL of what the principal may read, clear or masked."""
    return print_sdl(build_whole_schema(restrict(graph, readable(law, principal)), computed_schema()))


def readable(law: Law, principal: Principal) -> Callable[[Field], bool]:
    """Whether the principal may read a field, clear or masked."""

    def is_readable(field: Field) -> bool:
        return law.decide(principal, field, Right.READ).effect is not Effect.DENIED

    return is_readable
