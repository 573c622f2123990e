"""In charge of bodies that come again but for their variables: what stands around those is read once.

Clients send one document again and again. It knows nothing of what a body says; `parameters.py` does.
"""

from typing import NamedTuple

import orjson
from msgspec.structs import replace

from api.parameters import Parameters, parameters_of_object, read_plain, read_thoroughly
from resolvers.keep import Kept

_VARIABLES = b',"variables":'
_MOST, _MOST_BYTES = 1_000, 8 << 20
_OVERHEAD_BYTES = 400
_LARGEST_BYTES = 64 << 10


class _Met(NamedTuple):
    """What a body was found to say, but for its variables, and what stood behind those."""

    ending: bytes
    parameters: Parameters


class Bodies:
    """The bodies one worker has met of late, by what stands before their variables."""

    def __init__(self) -> None:
        self._met: Kept[bytes, _Met] = Kept(_MOST, _MOST_BYTES)

    def read(self, body: bytes) -> Parameters:
        """The parameters in a JSON body. Raises RequestError BAD_REQUEST."""
        found = self.find(body)
        if found is not None:
            return found
        plain = read_plain(body)
        parameters = parameters_of_object(plain or read_thoroughly(body))
        if plain is not None and len(body) <= _LARGEST_BYTES and "variables" in plain:
            self._learn(body, plain, parameters)
        return parameters

    def find(self, body: bytes) -> Parameters | None:
        """The parameters in a body of which all but the variables was met before, as plain as most are.

        One JSON object in the place of another is read as nothing else: what stands around it says what it said.
        """
        start = body.find(_VARIABLES)
        met = self._met.recent(body[:start]) if start >= 0 else None
        if met is None or not body.endswith(met.ending):
            return None
        variables = read_plain(body[start + len(_VARIABLES) : len(body) - len(met.ending)])
        return None if variables is None else replace(met.parameters, variables=variables)

    def _learn(self, body: bytes, request: dict[str, object], parameters: Parameters) -> None:
        variables = request.pop("variables")
        before, _, behind = body.partition(_VARIABLES)
        # Plain JSON has this separator only between two members: were it in a text, its quotes would be escaped.
        ending = behind.removeprefix(orjson.dumps(variables))
        if type(variables) is dict and orjson.dumps(request) == before + ending:
            self._met.remember(before, _Met(ending, replace(parameters, variables={})), len(body) + _OVERHEAD_BYTES)
