"""In charge of memory that was needed once and is free again: giving it back to the operating system.

The allocator of the C library keeps what lies between pieces still in use, for good if nobody asks for it: after tens
of megabytes were pieced together half as much again. It knows nothing of what needed it.
"""

import ctypes

_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of the GNU C library; others have none and keep less


def give_back() -> None:
    """Gives back what is free; in a thread of its own, it may take milliseconds."""
    if _TRIM is not None:
        _TRIM(0)
