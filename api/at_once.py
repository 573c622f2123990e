"""In charge of answers made of one row as it was written: by the statement that records them, or before it was asked.

Before it is read all of the answer is known but the row: what stands around that, and what its record says beside keys
and digest. It knows nothing of what to do when there is no such row, and when the platform's state has moved.
"""

from weakref import WeakKeyDictionary

from msgspec import Struct

from api.draft import Asked, Draft, body_of, place_of_id, record_of
from api.drafting import Begun, assembled
from api.kept_answers import Made
from audit.completing import Completed, Incomplete, Reading
from audit.log import AccessLog
from audit.readings import FEW, Readings
from resolvers.keep import Prepared
from resolvers.known_rows import KnownRows
from resolvers.load import Waiter
from resolvers.plan import Plan
from resolvers.read_ahead import ReadAhead
from resolvers.run import assemble
from resolvers.written import AROUND, BEHIND, NotWritableError

_BEHIND = BEHIND.encode()
_NOBODY = "00000000-0000-0000-0000-000000000000"


class Frame(Struct, frozen=True):
    """What stands around the row in a plan's answers, but for the operation's id; and the reading they share."""

    before: str
    after: str
    ending: str
    reading: Reading
    edges: tuple[bytes, bytes, bytes]  # the three as bytes

    def around(self, row: bytes, operation_id: str) -> bytes:
        """The answer with this row in it."""
        before, after, ending = self.edges
        return b"".join((before, row, after, operation_id.encode(), ending))


class AtOnce:
    """Begins such answers, for one worker."""

    def __init__(self, readings: Readings, log: AccessLog, ahead: ReadAhead, known: KnownRows) -> None:
        self._readings = readings
        self._log = log
        self._ahead = ahead
        self._known = known
        self._frames: WeakKeyDictionary[Plan, Frame] = WeakKeyDictionary()

    def ask(self, asked: Asked, begun: Begun, found: Waiter[Completed | None]) -> bool:
        """Reads and records, for one who is told (see Readings.ask); False where that is not possible, or not worth it.

        Nobody is told before this returns. Raises Refusal.
        """
        prepared = begun.prepared
        lookup = prepared.plan.lookup
        is_possible = lookup is not None and lookup.completed and self._log.has_stored(prepared.plan.digest)
        are_many = self._log.load.under_way >= FEW or self._readings.is_full
        if lookup is None or not is_possible or are_many:
            return False
        key = lookup.key(prepared.variables)
        if not isinstance(key, str):
            return False
        frame = self._frame(prepared)
        record = record_of(asked, begun.view.state, Draft(b"", None, prepared.plan.problems, prepared, begun.variables))
        filling = lookup.make_id(key) if lookup.hole else ""
        after = f"{frame.after}{asked.id}{frame.ending}"
        self._readings.ask(frame.reading, Incomplete(record, key, frame.before, after, filling), found)
        return True

    def made_before(self, asked: Asked, begun: Begun) -> Made | None:
        """The answer of rows that were read before they were asked for, None if they were not.

        Raises Refusal for a key that is none.
        """
        lookup = begun.prepared.plan.lookup
        if lookup is None:
            return self._made_of_known(asked, begun)
        key = lookup.key(begun.prepared.variables)
        row = self._ahead.find(lookup, key, begun.view.state)
        if row is None:
            return None
        text, keys, shown = row.split(_BEHIND)
        if lookup.hole:
            text = text.replace(lookup.hole.encode(), lookup.make_id(str(key)).encode())
        return self._made(asked, begun, (text, keys, int(shown)))

    def _made_of_known(self, asked: Asked, begun: Begun) -> Made | None:
        prepared = begun.prepared
        if prepared.plan.needs_snapshot:
            return None
        rows = self._known.find(prepared, begun.view.state)
        if rows is None:
            return None
        try:
            return assembled(asked, prepared, rows, {})
        except NotWritableError:
            return None

    def made(self, asked: Asked, begun: Begun, found: Completed) -> Made:
        """The answer that was recorded."""
        return self._made(asked, begun, (found.text.encode(), found.keys.encode(), found.shown))

    def _made(self, asked: Asked, begun: Begun, found: tuple[bytes, bytes, int]) -> Made:
        text, keys, shown = found
        plan = begun.prepared.plan
        body = self._frame(begun.prepared).around(text, str(asked.id))
        return Made(body, place_of_id(body, plan.told), plan.problems, keys, shown)

    def _frame(self, prepared: Prepared) -> Frame:
        frame = self._frames.get(prepared.plan)
        if frame is None:
            frame = self._frames[prepared.plan] = frame_of(prepared)
        return frame


def frame_of(prepared: Prepared) -> Frame:
    """The frame of a plan whose look-up can be completed."""
    plan = prepared.plan
    assert plan.lookup is not None
    result = assemble(prepared, [[AROUND]], {})
    body = body_of(_NOBODY, result.data, plan.problems, plan.told)
    place = place_of_id(body, plan.told)
    before, _, after = body[:place].decode().partition(AROUND[0])
    ending = body[place + len(_NOBODY) :].decode()
    reading = Reading(plan.lookup.completed, plan.lookup.constants, plan.lookup.hole)
    return Frame(before, after, ending, reading, (before.encode(), after.encode(), ending.encode()))
