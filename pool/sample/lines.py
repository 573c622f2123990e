"""In charge of the shape of generated rows: lines of COPY text in chunks, and the small faults that real data has.

Generated values hold no tab, newline or backslash, so nothing is escaped. It refuses to know tables.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from random import Random

NULL = "\\N"
_ROWS_PER_CHUNK = 4096
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_MOBILE = (
    "139",
    "138",
    "137",
    "136",
    "135",
    "159",
    "158",
    "188",
    "187",
    "133",
    "189",
    "180",
    "130",
    "186",
    "150",
    "177",
)


def chunks(lines: Iterable[str]) -> Iterator[bytes]:
    """The lines, which end in a newline each, in chunks of some thousand."""
    waiting = iter(lines)
    while taken := list(islice(waiting, _ROWS_PER_CHUNK)):
        yield "".join(taken).encode()


def mobile(random: Random) -> str:
    """A mobile number."""
    return f"{_MOBILE[int(random.random() * len(_MOBILE))]}{int(random.random() * 100_000_000):08d}"


def sloppy(text: str, random: Random) -> str:
    """The text as some clerk typed it: now and then with a blank behind it or with full-width digits."""
    chance = random.random()
    if chance > 0.008:
        return text
    return f"{text} " if chance < 0.004 else text.translate(_FULL_WIDTH)
