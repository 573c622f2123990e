"""In charge of answers whose row is read by the statement that records them.

Before it is read all of the answer is known but the row: what stands around that, and what its record says beside keys
and digest. It knows nothing of what to do when there is no such row, and when the platform's state has moved.
"""

from weakref import WeakKeyDictionary

from msgspec import Struct

from api.draft import Asked, Draft, body_of, place_of_id, record_of
from api.drafting import Begun
from api.kept_answers import Made
from audit.completing import Completed, Incomplete, Reading
from audit.log import AccessLog
from audit.readings import FEW, Readings
from resolvers.keep import Prepared
from resolvers.load import Waiter
from resolvers.plan import Plan
from resolvers.run import assemble
from resolvers.written import AROUND

_NOBODY = "00000000-0000-0000-0000-000000000000"


class Frame(Struct, frozen=True):
    """What stands around the row in a plan's answers, but for the operation's id; and the reading they share."""

    before: str
    after: str
    ending: str
    reading: Reading


class AtOnce:
    """Begins such answers, for one worker."""

    def __init__(self, readings: Readings, log: AccessLog) -> None:
        self._readings = readings
        self._log = log
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

    def made(self, asked: Asked, begun: Begun, found: Completed) -> Made:
        """The answer that was recorded."""
        plan, frame = begun.prepared.plan, self._frame(begun.prepared)
        body = f"{frame.before}{found.text}{frame.after}{asked.id}{frame.ending}".encode()
        return Made(body, place_of_id(body, plan.told), plan.problems, found.keys.encode(), found.shown)

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
    return Frame(before, after, ending, Reading(plan.lookup.completed, plan.lookup.constants, plan.lookup.hole))
