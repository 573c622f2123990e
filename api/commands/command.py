"""In charge of what all commands share: how one is added, how it fails, and how it prints.

It knows no command.
"""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace, _SubParsersAction
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

import orjson

from api.config import Settings
from policies.principal import Principal

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


def whole(low: int, high: int) -> Callable[[str], int]:
    """A reader of whole numbers from low to high, for arguments."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ArgumentTypeError(f"must be a whole number from {low} to {high}, not {text!r}")
        return int(text)

    return read


def department(text: str) -> str:
    """A reader of department codes, for arguments: the form only."""
    try:
        Principal(text, ())
    except ValueError as error:
        raise ArgumentTypeError(f"must be a department code such as education, not {text!r}") from error
    if not text:
        raise ArgumentTypeError("must not be empty")
    return text


def role(text: str) -> str:
    """A reader of role names, for arguments."""
    try:
        Principal("x", (text,))
    except ValueError as error:
        raise ArgumentTypeError(f"must be a role such as auditor, not {text!r}") from error
    return text


def with_json(parser: ArgumentParser) -> None:
    """Lets a command print for programs."""
    parser.add_argument("--json", action="store_true", help="print JSON, for a program to read")
