"""In charge of an introspection that is kept: the values of its root fields, and an answer of nothing else.

With thousands of tables it is tens of megabytes: they are held once, whatever number of answers is being sent, and
their digest is not computed again for each. It knows nothing of how an introspection is made.
"""

import hashlib
from collections.abc import Mapping
from itertools import chain

import orjson
from orjson import Fragment

_BEGIN = b'{"data":{'


class Introspected:
    """The JSON of each root field by response key, in the order asked."""

    def __init__(self, json_by_key: Mapping[str, bytes]) -> None:
        self.values: Mapping[str, object] = {key: Fragment(value) for key, value in json_by_key.items()}
        self.size_bytes = sum(map(len, json_by_key.values()))
        members = ((b",", orjson.dumps(key), b":", value) for key, value in json_by_key.items())
        self.opening = (_BEGIN, *tuple(chain.from_iterable(members))[1:])
        self._hashed = hashlib.sha256()
        for piece in self.opening:
            self._hashed.update(piece)

    def ended(self, empty: bytes) -> tuple[bytes, bytes]:
        """What follows the opening in an answer with these as all its data, and the digest of its whole body.

        `empty` is the same answer without data.
        """
        ending = empty.removeprefix(_BEGIN)
        hashed = self._hashed.copy()
        hashed.update(ending)
        return ending, hashed.digest()
