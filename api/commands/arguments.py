"""In charge of reading command line arguments: what is not of the right form is wrong usage, told by argparse.

It knows nothing of what exists: only the form is read here.
"""

from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import UTC, datetime

from policies.principal import Principal


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


def moment(text: str) -> datetime:
    """A reader of times such as 2026-11-22 or 2026-11-22T08:00+08:00; without an offset, UTC."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"must be a time such as 2026-11-22T08:00, not {text!r}") from error
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)
