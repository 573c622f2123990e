"""Which encoding a text file is in: UTF-8, else what Chinese offices write, GB 18030; a byte order mark settles it.

A file that begins as UTF-8 and then breaks is damaged UTF-8, not GB 18030: its bad bytes become lone surrogates
(PEP 383), so that the rows they stand in can be named.
"""

import codecs
import sys
from itertools import islice
from pathlib import Path

from pool.errors import CollectionError

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_PIECE_BYTES = 1 << 20
_PROOF_CHARACTERS = 4


def detect_encoding(path: Path) -> str:
    """The name of the file's encoding. Reads the whole file if it has no mark; raises CollectionError if it cannot."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise CollectionError(f"cannot read {path}: {error.strerror}") from error
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    if marked:
        return marked
    if _is_whole(path, "utf-8", _PROOF_CHARACTERS):
        return "utf-8"
    return "gb18030" if _is_whole(path, "gb18030", sys.maxsize) else "utf-8"


def _is_whole(path: Path, encoding: str, proof_characters: int) -> bool:
    """Whether all bytes are in the encoding, or so many characters beyond ASCII before the first that are not."""
    decoder = codecs.getincrementaldecoder(encoding)()
    found = 0
    with path.open("rb") as file:
        while True:
            piece = file.read(_PIECE_BYTES)
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(encoding)
                return found + _beyond_ascii(good) >= proof_characters
            found += _beyond_ascii(text)
            if not piece or found >= proof_characters:
                return True


def _beyond_ascii(text: str) -> int:
    """How many characters are not ASCII, up to as many as prove something."""
    return len(list(islice((character for character in text if not character.isascii()), _PROOF_CHARACTERS)))
