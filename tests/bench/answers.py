"""In charge of agreement: before anything is timed, all servers give the same data for the same variables.

It knows nothing of speed.
"""

import http.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from tests.bench.load import Call
from tests.bench.servers.server import Server
from tests.bench.targets import Target

_SAMPLES = 12
_TIMEOUT_S = 60


class Disagreement(Exception):
    """Two servers differ, or one gives errors or nothing; the message says which, on what."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a question: which call, which variables."""

    call: int
    variables: bytes


def check_agreement(name: str, lines: Path, targets: Sequence[Target], servers: Mapping[str, Server]) -> int:
    """How many answers were compared. Raises Disagreement."""
    compared = 0
    for asked in _samples(lines):
        first: tuple[str, object] | None = None
        for target in targets:
            data = _data(servers[target.server], target.calls[name][asked.call], asked.variables)
            if _is_empty(data):
                raise Disagreement(f"{name}: {target.name} has nothing for {asked.variables.decode()}")
            data = target.reshaped[name](data) if name in target.reshaped else data
            first = first or (target.name, data)
            if data != first[1]:
                raise Disagreement(f"{name}: {target.name} and {first[0]} differ for {asked.variables.decode()}")
            compared += 1
    return compared


def _samples(lines: Path) -> list[Asked]:
    """Requests from all over the file, of every kind of call in it."""
    texts = lines.read_bytes().splitlines()
    step = max(1, len(texts) // _SAMPLES)
    step += step % 3 == 0 and len(texts) > step  # calls come in threes: do not always meet the same one
    chosen = [text.partition(b"\t") for text in texts[::step][:_SAMPLES]]
    return [Asked(int(number), variables) for number, _, variables in chosen]


def _data(server: Server, call: Call, variables: bytes) -> object:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_TIMEOUT_S)
    request, *headers = call.head.split("\r\n")
    method, path, _ = request.split(" ")
    named = dict(header.split(": ", 1) for header in headers if header)
    try:
        connection.request(method, path, call.body(variables), named)
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    answer = orjson.loads(body)
    if response.status != http.HTTPStatus.OK or "errors" in answer:
        raise Disagreement(f"{server.name} answers {response.status}: {body[:500].decode(errors='replace')}")
    return answer.get("data", answer)


def _is_empty(data: object) -> bool:
    return not data or (isinstance(data, dict) and all(each is None for each in data.values()))
