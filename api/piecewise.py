"""In charge of making the answers that may be too large to be held: in pieces, into a spool.

What turns out small is given back as any answer. Whether an answer may leave is not decided here, nor how it is sent.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager

from msgspec import Struct

from api.draft import Asked, ends_of, place_of_id
from api.explaining import Counting, with_explanation
from api.kept_answers import Made
from api.spool import SpoolSpace
from api.spooled import SpooledAnswer
from audit.parts import parts_as_keys
from audit.record import State
from resolvers.keep import Prepared, Preparer
from resolvers.pieces import Piece
from resolvers.portions import Keys, Taker, show_pieces
from resolvers.readers import Readers
from resolvers.run import Connection
from resolvers.turns import Turns

# Those that may take long have turns of their own: others do not wait behind them. One more is for a department that
# has none under way.
_LONG_ROWS = 200_000
_LONG_AT_A_TIME = 2
_PATIENCE_S = 5.0


class Ordered(Struct, frozen=True):
    """An answer to be made: to what, by which plan, with what was computed besides, who prepared it, in which state."""

    asked: Asked
    prepared: Prepared
    computed: Mapping[str, object]
    preparer: Preparer
    state: State


class _Patient:
    """A taker that tells whoever waits that there is progress."""

    def __init__(self, taker: Taker, asked: Asked) -> None:
        self._taker = taker
        self._go_on = asked.question.go_on

    async def take(self, piece: Piece, value: object, keys: Keys) -> None:
        """See Taker."""
        self._tell()
        await self._taker.take(piece, value, keys)

    async def take_portion(self, piece: Piece, value: Mapping[str, object], keys: Keys) -> None:
        """See Taker."""
        self._tell()
        await self._taker.take_portion(piece, value, keys)

    async def take_rest(self, piece: Piece, rest: Mapping[str, object], keys: Keys) -> None:
        """See Taker."""
        self._tell()
        await self._taker.take_rest(piece, rest, keys)

    def _tell(self) -> None:
        if self._go_on is not None:
            self._go_on()


class Piecewise:
    """Makes the large answers of one worker. Safe to run concurrently."""

    def __init__(self, readers: Readers, space: SpoolSpace, turns: Turns) -> None:
        self._readers = readers
        self._space = space
        self._turns = turns
        self._long_turns = Turns(_LONG_AT_A_TIME + 1, spare=1)

    async def make(self, ordered: Ordered, held: Connection | None) -> Made:
        """The answer; over a connection that holds the state, if there is one."""
        asked, prepared, computed, preparer = ordered.asked, ordered.prepared, ordered.computed, ordered.preparer
        plan, stopwatch = prepared.plan, asked.question.stopwatch
        assert plan.pieces is not None  # or it is made as a whole
        with ExitStack() as given_up:
            spooled = SpooledAnswer(self._space)
            given_up.callback(spooled.close)
            # While it holds the state it has no more time than any question: all batches wait for it.
            taker: Taker = spooled if held is not None else _Patient(spooled, asked)
            counting = Counting(taker, plan.weights)
            async with self._reading(ordered, held) as connection:
                if stopwatch is not None:
                    stopwatch.end("wait")
                    taker = counting
                problems = plan.problems + await show_pieces(connection, prepared, computed, taker)
            if stopwatch is not None:
                stopwatch.end("database")
            before, after = ends_of(str(asked.id), problems, plan.told)
            if spooled.is_in_memory:
                await spooled.complete(before, plan.pieces.after + after)
                body = b"".join([chunk async for chunk in spooled.chunks()])
                keys = await spooled.keys(plan.node_count)
                return Made(body, place_of_id(body, plan.told), problems, keys, spooled.shown)
            if stopwatch is not None:
                stopwatch.end("assemble")
                after = with_explanation(after, (plan, counting.counted, preparer.setting.limits.cost), stopwatch)
            await spooled.complete(before, plan.pieces.after + after)
            given_up.pop_all()
        keys = parts_as_keys(spooled.part_count)
        return Made(b"", 0, problems, keys, spooled.shown, spooled.digest, spooled)

    @asynccontextmanager
    async def _reading(self, ordered: Ordered, held: Connection | None) -> AsyncIterator[Connection]:
        if held is not None:
            async with held.transaction():  # what the database refuses here must not take the record with it
                yield held
            return
        party = ordered.asked.question.principal.department
        async with self._turn(ordered, party), self._readers.connection(party) as connection:
            if not ordered.prepared.plan.needs_snapshot:
                yield connection
                return
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield connection

    @asynccontextmanager
    async def _turn(self, ordered: Ordered, party: str) -> AsyncIterator[None]:
        """A turn. Whoever waits for one is as patient as with an answer that gets on."""
        is_long = ordered.prepared.plan.most_rows > _LONG_ROWS
        turns = self._long_turns if is_long else self._turns
        go_on = ordered.asked.question.go_on
        waiting = asyncio.create_task(turns.take(party))
        try:
            while not (await asyncio.wait({waiting}, timeout=_PATIENCE_S))[0]:
                if go_on is not None:
                    go_on()
            yield
        finally:
            if not waiting.done():
                waiting.cancel()
            elif not waiting.cancelled():
                turns.give(party)
