"""In charge of one figure that bounds every durable record: how long this disk takes to flush."""

import os
import tempfile
import time
from pathlib import Path
from statistics import median

_FLUSHES = 60
_BLOCK = b"\0" * 8192


def flush_ms(folder: Path) -> float:
    """The median time of writing one block of an allocated file and flushing it (fdatasync), in milliseconds."""
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        number = file.fileno()
        os.write(number, _BLOCK * _FLUSHES)
        os.fsync(number)
        taken = [_flush(number, each * len(_BLOCK)) for each in range(_FLUSHES)]
    return median(taken) * 1000


def _flush(number: int, offset: int) -> float:
    started = time.perf_counter()
    os.pwrite(number, _BLOCK, offset)
    os.fdatasync(number)
    return time.perf_counter() - started
