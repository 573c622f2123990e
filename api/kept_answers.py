"""In charge of answers that are asked for again: kept as bytes, each exact for as long as the platform has its state.

Data, graph and policy change only together with the state, and an answer leaves only if its record was committed under
the state it was made under. So a kept answer is never stale and never unrecorded. It knows nothing of documents.
"""

from collections.abc import Callable, Coroutine

from msgspec import Struct

from api.once import Once
from api.spooled import SpooledAnswer
from audit.record import State
from resolvers.keep import Kept
from resolvers.refusal import Problem

_MOST = 50_000
_MOST_BYTES = 48 << 20
_OVERHEAD_BYTES = 600  # of one kept: key, tuple, bytes objects, the place in the store
_LARGEST_BYTES = 4 << 20
_ASKED_ONCE = 100_000


class Key(Struct, frozen=True):
    """What an answer is found by: the identity of its plan, which may be forgotten meanwhile, and its variables."""

    plan: object
    variables: bytes | None


class Made(Struct, frozen=True):
    """An answer: its body, where in it the operation's id stands, and what its record says of it.

    The digest is of the body as it is, None where it was not computed yet. With an opening the body is only what
    follows it.
    """

    body: bytes
    place: int
    problems: tuple[Problem, ...]
    keys: bytes
    shown: int
    digest: bytes | None = None
    spooled: SpooledAnswer | None = None  # instead of the body
    opening: tuple[bytes, ...] = ()


class KeptAnswers:
    """Answers of one worker under the newest state it has met, by plan and variables.

    What is asked for a second time is kept: most answers are asked for once.
    """

    def __init__(self) -> None:
        self._state: State | None = None
        self._asked_once: set[int] = set()
        self._kept: Kept[Key, Made] = Kept(_MOST, _MOST_BYTES)
        self._making: Once[Key, Made] = Once()

    def find(self, state: State, key: Key) -> Made | None:
        """The answer kept under the key, if the state is still the one it was made under."""
        if state != self._state:
            self._state = state
            self._asked_once.clear()
            self._kept = Kept(_MOST, _MOST_BYTES)
            self._making = Once()
        return self._kept.recent(key)

    def keep(self, state: State, key: Key, made: Made) -> None:
        """Keeps an answer that was not found, if it was asked for before and the state has not moved."""
        size_bytes = len(made.body) + len(made.keys) + len(key.variables or b"")
        if state != self._state or size_bytes > _LARGEST_BYTES or self._kept.recent(key) is not None:
            return
        number = hash(key)
        if number in self._asked_once:
            self._kept.remember(key, made, size_bytes + _OVERHEAD_BYTES)
        else:
            if len(self._asked_once) >= _ASKED_ONCE:
                self._asked_once.clear()
            self._asked_once.add(number)

    async def make_once(self, key: Key, make: Callable[[], Coroutine[None, None, Made]]) -> Made:
        """What `make` gives; who asks for the same while it is being made waits for the same.

        Only right for who has just called find(): all of them then have one state. It is given up when the last who
        waits for it is cancelled.
        """
        return await self._making.make(key, make)
