"""What COPY's text format says is what PostgreSQL reads; lines are counted; encodings are found."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool.errors import CollectionError
from pool.sources.copy_text import lines, text_fields
from pool.sources.encodings import detect_encoding
from pool.sources.intake import BadRow, Intake

HOSTILE = [
    "\\",
    "\\N",
    "\\.",
    "\t",
    "\n",
    "\r\n",
    "a\\tb",
    "\b\f\v",
    "永康😀",
    "'; drop table x; --",
    '"',
    "",
    " ",
    "\x7f",
]


async def test_hostile_texts_arrive_as_they_were(connection: asyncpg.Connection) -> None:
    await connection.execute("create temp table texts (a text, b text)")

    chunk = lines([text_fields(HOSTILE), text_fields(list(reversed(HOSTILE)))])
    await connection.copy_to_table("texts", source=once(chunk))

    rows = [tuple(row) for row in await connection.fetch("select a, b from texts")]
    assert rows == [(a or None, b or None) for a, b in zip(HOSTILE, reversed(HOSTILE), strict=True)]


async def once(chunk: bytes) -> AsyncIterator[bytes]:
    yield chunk


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 3)), max_size=50))
def test_a_row_s_line_is_found_again_whatever_was_refused_between(rows: list[tuple[bool, int]]) -> None:
    intake, expected, line = Intake(), [], 2
    for is_bad, height in rows:
        if is_bad:
            intake.refuse(BadRow(line, "bad"))
        else:
            expected.append(line)
            intake.place(len(expected), line)
        line += height

    assert [intake.line_of(position) for position in range(1, len(expected) + 1)] == expected
    assert intake.rejected == sum(is_bad for is_bad, _ in rows)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"", "utf-8"),
        (b"plain", "utf-8"),
        ("永康".encode(), "utf-8"),
        (b"\xef\xbb\xbfa", "utf-8-sig"),
        ("永康市五金厂".encode("gb18030"), "gb18030"),
        ("联通".encode("gb18030"), "gb18030"),
        ("永康市五金".encode() + b"\xff", "utf-8"),
        (b"\xff\xfea\x00", "utf-16"),
        (b"\x81", "utf-8"),
        (b"a" * (1 << 20) + "永".encode() * 10, "utf-8"),
    ],
)
def test_encodings_are_told_apart(tmp_path: Path, content: bytes, encoding: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)

    assert detect_encoding(path) == encoding


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="cannot read"):
        detect_encoding(tmp_path / "absent.csv")
