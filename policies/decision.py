"""What the law says: the rights that can be asked for, and one decision about one of them.

Refuses to know how a decision is reached.
"""

from dataclasses import dataclass
from enum import StrEnum


class Right(StrEnum):
    """What may be done with a coordinate; each is given separately."""

    READ = "read"
    MASK = "mask"
    FILTER = "filter"
    AGGREGATE = "aggregate"
    VERIFY = "verify"
    EXPORT = "export"


class Effect(StrEnum):
    """What becomes of the value. Only reading can be `masked`."""

    CLEAR = "clear"
    MASKED = "masked"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, with the reason the record keeps and the hint the principal may be shown.

    `rule` is the text of the deciding line, or `default-deny: ` and what is missing; for the log and the operator,
    never for a client. `hint` is empty unless denied, and always empty for the public. `mask` is set exactly when the
    effect is masked.
    """

    coordinate: str
    right: Right
    effect: Effect
    rule: str
    hint: str
    mask: str | None
