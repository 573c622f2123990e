"""Rows that are kept are put together to what was written of them, whatever stands in it; or they are not kept."""

from collections.abc import Sequence
from typing import NamedTuple

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resolvers.written import APART, NULL, Holes, NotWritableError, Reader, Recorded, separator

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4) | st.sampled_from('\n\x1f\0"\\,é股')
_NO_IDS = Holes("", 0, str)
# Ten quotes around what each row has, two around each of its list.
_RECORDED = [Recorded(0, "Row", 10, 1, _NO_IDS), Recorded(1, "Pair", 0, 2, _NO_IDS), Recorded(2, "Each", 2, 1, _NO_IDS)]
_READER = Reader(_RECORDED, 9, None, None)


class _Row(NamedTuple):
    """A row's key, the two texts of the key of another that it may link to, and the keys of a list."""

    key: str
    pair: tuple[str, str] | None
    each: Sequence[str]

    @property
    def text(self) -> str:
        """As the database writes it."""
        name = NULL if self.pair is None else self.pair[0]
        each = ",".join(f'"{key}"' for key in self.each)
        return f'{{"key":"{self.key}","name":"{name}","each":[{each}]}}'

    @property
    def others(self) -> tuple[bytes | None, bytes | None]:
        """The keys beside it."""
        pair = None if self.pair is None else separator(1).join(self.pair).encode()
        return pair, APART.join(self.each).encode() if self.each else None


_ROWS = st.lists(
    st.builds(_Row, _TEXTS, st.none() | st.tuples(_TEXTS, _TEXTS), st.lists(_TEXTS, max_size=3)),
    min_size=1,
    max_size=4,
)


def _is_plain(rows: Sequence[_Row]) -> bool:
    texts = [text for row in rows for text in (row.key, *(row.pair or ()), *row.each)]
    return not any(char < " " or char in '"\\' for char in "".join(texts))


@given(_ROWS)
@example([_Row("a", ("\n", "\x1f"), []), _Row("\x1f", None, ["\n"])])
@example([_Row("", ("", ""), [""]), _Row("", None, ["", ""])])
@example([_Row(",", (",", ","), [",", ","]), _Row(",", None, [""]), _Row("", (",", ""), [","])])
def test_rows_that_are_kept_are_put_together_as_they_were_written(rows: Sequence[_Row]) -> None:
    keys = [row.key for row in rows]
    columns = list(zip(*(row.others for row in rows), strict=True))
    if not _is_plain(rows):
        with pytest.raises(NotWritableError):
            _READER.kept(keys, [row.text.encode() for row in rows], columns)
        return

    kept = _READER.kept(keys, [row.text.encode() for row in rows], columns)
    page = _READER.put_together(len(rows) + 1, keys, kept, ())

    assert orjson.loads(b"[%b]" % page.text) == [
        {"key": row.key, "name": row.pair[0] if row.pair else None, "each": list(row.each)} for row in rows
    ]
    assert [each.values() for each in page.keys] == [
        keys,
        [list(row.pair) for row in rows if row.pair],
        [key for row in rows for key in row.each],
    ]
    assert [each.number for each in page.keys] == [len(each.values()) for each in page.keys]
