"""Global ids: sealed texts that say of which type a node is and what its key is.

They follow the Relay global object identification specification. An id is the same for everybody and opens nothing by
itself: what it leads to is decided anew for whoever asks. What is no id of ours leads nowhere, as a node that has gone.
"""

from collections.abc import Hashable
from dataclasses import dataclass

from resolvers.seal import Seal

_CONTEXT = b"id"
# Plans for lists of ids are made per class of length, so that page sizes below are counted and few plans are kept.
_LENGTHS = (0, 1, 5, 20, 100, 500)
MOST_IDS = 1_000

Kind = tuple[str, int]  # the type of a node and how many columns its key has


@dataclass(frozen=True, slots=True)
class Ids:
    """Reads ids."""

    seal: Seal

    def kind(self, text: object) -> Kind | None:
        """What of an id shapes a plan; None for what is no id."""
        values = self.seal.remembered(_CONTEXT, str(text))
        return None if values is None else (str(values[0]), len(values) - 1)

    def part(self, text: object, index: int) -> object:
        """One column of an id's key, as text; None for what is no id."""
        values = self.seal.remembered(_CONTEXT, str(text))
        return None if values is None else values[index + 1]

    def shape(self, value: object) -> Hashable:
        """What of an id, or of a list of ids, shapes a plan."""
        if not isinstance(value, list):
            return None if value is None else self.kind(value)
        return length_class(len(value)), tuple(sorted({kind for each in value if (kind := self.kind(each))}))


class GlobalId:
    """Makes the sealed global ids of one type."""

    def __init__(self, seal: Seal, type_name: str) -> None:
        self._seal = seal
        self._type_name = type_name

    def __call__(self, *key: object) -> str:
        return self._seal.close(_CONTEXT, (self._type_name, *key))


@dataclass(frozen=True, slots=True)
class KeyPart:
    """Changes an id into one column of its key."""

    ids: Ids
    index: int

    def __call__(self, text: object) -> object:
        return self.ids.part(text, self.index)


@dataclass(frozen=True, slots=True)
class KeyParts:
    """Changes a list of ids into one column of the keys of those of one kind, null in the place of all others."""

    ids: Ids
    kind: Kind
    index: int

    def __call__(self, texts: object) -> object:
        assert isinstance(texts, list)
        ids, kind, index = self.ids, self.kind, self.index
        return [ids.part(text, index) if ids.kind(text) == kind else None for text in texts]


def length_class(length: int) -> int:
    """The least length of a list of ids that is planned for and not below this one; beyond all, the length itself."""
    return next((each for each in (*_LENGTHS, MOST_IDS) if length <= each), length)
