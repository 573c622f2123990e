"""Memory that is free goes back to the operating system, also where it lies between pieces still in use."""

import ctypes
import os
from pathlib import Path

import pytest

from api.memory import give_back

_PIECES, _PIECE_BYTES = 50_000, 1_000


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="not the GNU C library")
def test_what_lies_between_pieces_in_use_is_given_back() -> None:
    pieces = [bytes(_PIECE_BYTES) for _ in range(_PIECES)]
    kept = pieces[::20]
    del pieces
    before = _resident_bytes()

    give_back()

    assert _resident_bytes() < before - _PIECES * _PIECE_BYTES // 2
    assert len(kept) == _PIECES // 20
