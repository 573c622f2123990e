"""Newline-delimited JSON (RFC 8259, one object a line, UTF-8): columns are the members of all objects, as they appear.

Numbers keep every digit, lists and objects stay JSON, a missing member is null. A line that is no object goes to the
intake.
"""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from pool.conversion import JsonText
from pool.errors import CollectionError
from pool.json_text import json_text
from pool.sources.headers import clean_name, unique_headers
from pool.sources.intake import BadRow, Intake
from pool.sources.tabular import BLOCK_ROWS, Block

_LONGEST_INTEGER = 1000


class NdjsonReader:
    """The one table of an NDJSON file, named like the file."""

    is_written = False

    def __init__(self, path: Path) -> None:
        self.name = clean_name(path.stem)
        self._path = path
        self._members: dict[str, None] = {}

    def columns(self) -> Sequence[str]:
        """Reads the whole file for the members of its objects."""
        for _, row in self._objects(Intake()):
            self._members.update(dict.fromkeys(row))
        if not self._members:
            raise CollectionError(f"{self._path.name} holds no JSON object", "each line must be one object")
        return unique_headers(self._members)

    def blocks(self, intake: Intake) -> Iterator[Block]:
        """The objects as rows."""
        block = Block()
        for line, row in self._objects(intake):
            block.lines.append(line)
            block.rows.append([_value(row.get(name)) for name in self._members])
            if len(block.lines) == BLOCK_ROWS:
                yield block
                block = Block()
        yield block

    def _objects(self, intake: Intake) -> Iterator[tuple[int, dict[str, object]]]:
        with self._path.open(encoding="utf-8-sig", errors="surrogateescape", newline="\n") as file:
            for line, text in enumerate(file, 1):
                if not text.strip():
                    continue
                try:
                    row = json.loads(text, parse_float=Decimal, parse_int=_integer, parse_constant=_refuse_constant)
                except (ValueError, RecursionError) as error:
                    intake.refuse(BadRow(line, f"is not JSON: {error}", [text.rstrip("\n")]))
                    continue
                if isinstance(row, dict):
                    yield line, row
                else:
                    intake.refuse(BadRow(line, "is not a JSON object", [text.rstrip("\n")]))


def _value(value: object) -> object:
    return JsonText(json_text(value)) if isinstance(value, dict | list) else value


def _integer(digits: str) -> int | Decimal:
    """Python refuses to read integers of thousands of digits."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER else Decimal(digits)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
