"""In charge of what all commands share: how one is added, how it fails, and how it prints.

It knows no command.
"""

import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Sequence
from typing import Protocol, TypeAlias

import orjson

from api.config import Settings

DONE, FAILED, WRONG_USAGE = 0, 1, 2
Parsers: TypeAlias = "_SubParsersAction[ArgumentParser]"


class Run(Protocol):
    """A command: returns the exit status, or raises one of the errors `cli.py` tells in one line."""

    def __call__(self, arguments: Namespace, settings: Settings) -> int: ...


class CommandError(Exception):
    """What was asked for does not hold or cannot be done; the message is the one line to print."""

    def __init__(self, message: str, hint: str = "", details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details


def tell(line: str) -> None:
    """One line for the person at the terminal, on stderr."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def put(text: str) -> None:
    """What was asked for, on stdout."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


def put_json(value: object) -> None:
    """What was asked for, for a program to read."""
    put(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode())


def put_table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Rows under their heads, in columns."""
    texts = [list(map(str, row)) for row in (heads, *rows)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        put("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def with_json(parser: ArgumentParser) -> None:
    """Lets a command print for programs."""
    parser.add_argument("--json", action="store_true", help="print JSON, for a program to read")
