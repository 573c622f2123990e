"""The program `python -m resolvers.introspecting`: introspects beside a server that is answering, and ends.

Reads a pickled Order from standard input, writes the pickled result to standard output. Both ends are one server's
own.
"""

import pickle
import sys

from resolvers.introspection import introspect

if __name__ == "__main__":
    pickle.dump(introspect(pickle.load(sys.stdin.buffer)), sys.stdout.buffer)
