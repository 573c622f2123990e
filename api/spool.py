"""In charge of bytes that are too many to be held: written one after another to a file without a name, read in pieces.

As long as they are few they stay in memory. All files of a worker together have a bound. It knows nothing of what the
bytes say.
"""

import asyncio
import os
import tempfile
import threading
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from resolvers.refusal import Refusal, refuse

_READ_BYTES = 256 << 10


class Slice(NamedTuple):
    """Where in a spool some bytes stand."""

    start: int
    length: int


@dataclass(slots=True)
class SpoolSpace:
    """Where the spools of one worker are, how large all of them may be, and what each may hold in memory.

    An answer that has to be in memory as one message may have `message_bytes`.
    """

    folder: Path | None = None
    limit_bytes: int = 4 << 30
    memory_bytes: int = 1 << 20
    message_bytes: int = 64 << 20
    used_bytes: int = field(default=0, init=False)

    def take(self, size_bytes: int, own_bytes: int) -> None:
        """Takes space for a spool that has so much already. Raises Refusal when there is not enough."""
        if self.used_bytes + size_bytes > self.limit_bytes:
            raise self._full(own_bytes + size_bytes)
        self.used_bytes += size_bytes

    def _full(self, wanted_bytes: int) -> Refusal:
        if wanted_bytes > self.limit_bytes:
            return refuse(
                "QUERY_TOO_COSTLY",
                f"The answer is larger than {self.limit_bytes} bytes.",
                "Ask for smaller pages, or fewer at once.",
            )
        return refuse("RATE_LIMITED", "Too many large answers are under way.", "Ask again when others have left.")


class _File:
    """A file without a name. Its methods may run in threads; after close() they raise OSError."""

    def __init__(self, folder: Path | None) -> None:
        if folder is not None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115  # closed by close()
        # A number that is closed while a thread uses it may already be that of another file.
        self._lock = threading.Lock()

    def write(self, content: bytes) -> None:
        """Appends everything."""
        with self._lock:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(self._descriptor(), rest) :]

    def read(self, place: Slice) -> bytes:
        """The bytes at a place, or those of them that came at once."""
        with self._lock:
            content = os.pread(self._descriptor(), place.length, place.start)
        if not content:
            raise OSError("the spool is shorter than what was written to it")
        return content

    def close(self) -> None:
        """Gives the file up, once no thread uses it."""
        with self._lock:
            self._file.close()

    def _descriptor(self) -> int:
        if self._file.closed:
            raise OSError("the spool is closed")
        return self._file.fileno()


class Spool:
    """Bytes in the order they were appended. To be closed; then nothing is left of them."""

    def __init__(self, space: SpoolSpace) -> None:
        self._space = space
        self._file: _File | None = None
        self._in_file = 0
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._is_closed = False

    def __del__(self) -> None:
        self.close()  # of an answer that was given up on its way

    @property
    def is_in_memory(self) -> bool:
        """Whether there is no file."""
        return self._file is None

    def append(self, content: bytes) -> Slice:
        """Where the bytes will stand. settle() is to follow before much more is appended."""
        place = Slice(self._in_file + self._waiting_bytes, len(content))
        self._waiting.append(content)
        self._waiting_bytes += len(content)
        return place

    async def settle(self) -> None:
        """Lets go of memory. Raises Refusal when there is no space left, OSError when the disk has none."""
        if self._waiting_bytes < self._space.memory_bytes:
            return
        content = b"".join(self._waiting)
        self._space.take(len(content), self._in_file)
        self._waiting, self._waiting_bytes = [], 0
        self._in_file += len(content)
        if self._file is None:
            self._file = _File(self._space.folder)
        await asyncio.to_thread(self._file.write, content)

    async def read(self, places: Sequence[Slice]) -> AsyncGenerator[bytes, None]:
        """The bytes at these places, in pieces of a size that is good to send."""
        waiting = b"".join(self._waiting)
        for place in places:
            start, end = place.start, place.start + place.length
            while start < end:
                if start >= self._in_file:
                    piece = waiting[start - self._in_file : min(end, start + _READ_BYTES) - self._in_file]
                else:
                    assert self._file is not None  # what is not in it is waiting
                    most = min(end, self._in_file, start + _READ_BYTES)
                    piece = await asyncio.to_thread(self._file.read, Slice(start, most - start))
                yield piece
                start += len(piece)

    def close(self) -> None:
        """Gives up file and space."""
        if not self._is_closed:
            self._is_closed = True
            self._space.used_bytes -= self._in_file
            self._waiting = []
            if self._file is not None:
                self._file.close()
