"""In charge of telling large answers from small ones before they are made: by what their plan may read, and has shown.

What a plan may read is a bound that few answers reach: fifty enterprises with ten licences each are a small answer,
though the document allows for thousands of rows. It knows nothing of what is done with large ones.
"""

from resolvers.keep import Kept

LARGE_ROWS = 1_000
_PLANS_KNOWN = 4_000


class Lanes:
    """What the plans of one worker have shown."""

    def __init__(self) -> None:
        self._most_shown: Kept[object, int] = Kept(_PLANS_KNOWN, _PLANS_KNOWN)

    def is_large(self, plan: object, most_rows: int) -> bool:
        """Whether an answer of the plan is to be taken for large: if it may be, and one was or none is known."""
        if most_rows < LARGE_ROWS:
            return False
        shown = self._most_shown.recent(plan)
        return shown is None or shown >= LARGE_ROWS

    def saw(self, plan: object, most_rows: int, shown: int) -> None:
        """An answer of the plan has shown so many rows of those it may read."""
        if most_rows < LARGE_ROWS:
            return
        known = self._most_shown.recent(plan)
        if known is None or shown > known:
            self._most_shown.remember(plan, shown, 1)
