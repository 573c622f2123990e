"""Which encoding a text file is in: UTF-8, else what Chinese offices write, GB 18030; a byte order mark settles it.

A file that begins as UTF-8 and then breaks is damaged UTF-8, not GB 18030: its bad bytes become lone surrogates
(PEP 383), so that the rows they stand in can be named.
"""

import codecs
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
    proof = _characters_before_fault(path, "utf-8")
    if proof is None or proof >= _PROOF_CHARACTERS:
        return "utf-8"
    return "gb18030" if _characters_before_fault(path, "gb18030") is None else "utf-8"


def _characters_before_fault(path: Path, encoding: str) -> int | None:
    """How many characters beyond ASCII come before the first bytes that are not in the encoding; None if all are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    found = 0
    with path.open("rb") as file:
        while True:
            piece = file.read(_PIECE_BYTES)
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(encoding)
                return found + sum(not character.isascii() for character in good)
            found += 0 if text.isascii() else sum(not character.isascii() for character in text)
            if not piece:
                return None
