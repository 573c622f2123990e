"""The rejects file: every row a collection left out, with its line and the reason, to be mended and sent again.

CSV after RFC 4180, UTF-8 with a byte order mark, because departments open it in a spreadsheet.
"""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from pool.errors import CollectionError
from pool.sources.intake import BadRow


class Rejects:
    """A rejects file that comes into being with its first row."""

    def __init__(self, folder: Path, table: str, columns: Sequence[str]) -> None:
        self.path = folder / f"{table.replace('/', '_')}.rejects.csv"
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
        self.close()
        self.path.unlink(missing_ok=True)

    def close(self) -> Path | None:
        """Closes the file; its path, or None if nothing was refused."""
        if self._file is None:
            return None
        self._file.close()
        self._file = None
        return self.path
