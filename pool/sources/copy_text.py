"""COPY's text format (PostgreSQL documentation of COPY, "Text Format"): values to fields, fields to lines."""

from collections.abc import Iterable, Sequence

NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v"})
_ESCAPED = ("\\", "\t", "\n", "\r")


def field(text: str) -> str:
    r"""A value as a field.

    >>> print(field("a\tb"))
    a\tb
    """
    return text.translate(_ESCAPES)


def text_fields(values: Sequence[str]) -> list[str]:
    """A column of written values as fields; an empty value is null. Fast where no value needs escaping."""
    joined = "".join(values)
    if any(character in joined for character in _ESCAPED):
        return [field(value) if value else NULL for value in values]
    return [value or NULL for value in values]


def lines(columns: Iterable[Sequence[str]]) -> bytes:
    """Columns of fields as one chunk of whole lines."""
    text = "\n".join(map("\t".join, zip(*columns, strict=True)))
    return f"{text}\n".encode() if text else b""
