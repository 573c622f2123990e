"""In charge of one figure that bounds every durable record: how long this disk takes to flush."""

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

_FLUSHES = 100
_BLOCK = b"\0" * 8192


@dataclass(frozen=True, slots=True)
class Flush:
    """How long a flush takes: half of them at most so long, and nine of ten."""

    half_ms: float
    most_ms: float


def time_flush(folder: Path) -> Flush:
    """Of single blocks of an allocated file, each written and flushed (fdatasync)."""
    # A file with a name: one without is not flushed at all on some file systems.
    with tempfile.NamedTemporaryFile(dir=folder, buffering=0) as file:
        number = file.fileno()
        os.write(number, _BLOCK * _FLUSHES)
        os.fsync(number)
        taken = [_flush_ms(number, each * len(_BLOCK)) for each in range(_FLUSHES)]
    return Flush(median(taken), quantiles(taken, n=10)[-1])


def _flush_ms(number: int, offset: int) -> float:
    started = time.perf_counter()
    os.pwrite(number, _BLOCK, offset)
    os.fdatasync(number)
    return (time.perf_counter() - started) * 1000
