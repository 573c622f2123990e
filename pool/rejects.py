"""The rejects files: every row a collection left out, with its line and the reason, to be mended and sent again.

CSV after RFC 4180, UTF-8 with a byte order mark, because departments open it in a spreadsheet. They are there only if
the batch is: what a failed collection left out is in the way of nobody.
"""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from pool.errors import CollectionError
from pool.sources.intake import BadRow


class Rejects:
    """The rejects file of one table, which comes into being with its first row."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path = path
        self._columns = columns
        self._file: TextIO | None = None

    def keep(self, bad_row: BadRow) -> None:
        """Writes the row; raises CollectionError if it cannot be written, because then it would be lost."""
        try:
            if self._file is None:
                self._file = self.path.open("w", encoding="utf-8-sig", errors="replace", newline="")
                csv.writer(self._file).writerow(["line", "reason", *self._columns])
            csv.writer(self._file).writerow([bad_row.line, bad_row.reason, *bad_row.values])
        except OSError as error:
            raise CollectionError(f"cannot write {self.path}: {error.strerror}") from error

    def clear(self) -> None:
        """Removes what was written."""
        if self.close() is not None:
            self.path.unlink()

    def close(self) -> Path | None:
        """Closes the file; its path, or None if nothing was refused since."""
        if self._file is None:
            return None
        self._file.close()
        self._file = None
        return self.path


class RejectsFolder:
    """The rejects files of one collection."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written: list[Path] = []

    def open(self, table: str, columns: Sequence[str]) -> Rejects:
        """The file of a table, not there yet."""
        return Rejects(self._folder / f"{table.replace('/', '_')}.rejects.csv", columns)

    def close(self, rejects: Rejects) -> Path | None:
        """Closes a table's file; its path, or None if it never came to be."""
        path = rejects.close()
        if path is not None:
            self._written.append(path)
        return path

    def discard(self) -> None:
        """Removes all files: the batch has failed."""
        for path in self._written:
            path.unlink(missing_ok=True)
