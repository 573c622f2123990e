"""The program `python -m resolvers.introspecting`: introspects beside a server that is answering, and ends.

Reads the pickled parts of an Order from standard input, writes the pickled result to standard output. Both ends are one
server's own.
"""

import pickle
import sys
from collections.abc import Iterator
from typing import BinaryIO

from resolvers.introspection import introspect, order_of


def _parts(stream: BinaryIO) -> Iterator[object]:
    """What was pickled by one pickler, until the stream ends."""
    unpickler = pickle.Unpickler(stream)
    while True:
        try:
            yield unpickler.load()
        except EOFError:
            return


if __name__ == "__main__":
    pickle.dump(introspect(order_of(_parts(sys.stdin.buffer))), sys.stdout.buffer)
