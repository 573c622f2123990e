"""In charge of asking one server single questions over a connection that is kept, and timing each."""

import http.client
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import orjson

_TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Timed:
    """An answer, when its first byte came after the question was sent, and when it was there whole."""

    body: bytes
    first_ms: float
    whole_ms: float


class Asker:
    """One kept connection of one department."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
        self._headers = {
            "Content-Type": "application/json",
            "Accept": "application/graphql-response+json",
            "Authorization": f"Bearer {token}",
        }

    def ask(self, document: str, variables: object = None) -> Timed:
        """The answer, whatever it says."""
        body = orjson.dumps({"query": document, "variables": variables})
        started = time.perf_counter()
        self._connection.request("POST", "/graphql", body, self._headers)
        response = self._connection.getresponse()
        first = time.perf_counter()
        answer = response.read()
        whole = time.perf_counter()
        return Timed(answer, (first - started) * 1000, (whole - started) * 1000)

    def close(self) -> None:
        """Hangs up."""
        self._connection.close()


@contextmanager
def asking(port: int, token: str) -> Iterator[Asker]:
    """An asker for the length of the block."""
    asker = Asker(port, token)
    try:
        yield asker
    finally:
        asker.close()
