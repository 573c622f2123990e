"""How names and texts are written into SQL, for all statements of this room; knows no table.

PostgreSQL documentation, "Lexical Structure": quoted identifiers (4.1.1), string constants (4.1.2.1).
"""

from collections.abc import Container, Iterable
from hashlib import sha256

LONGEST_NAME_BYTES = 63
_CUT_DIGEST_CHARACTERS = 8


def identifier(name: str) -> str:
    """The name, quoted.

    >>> print(identifier('the "old" name'))
    "the ""old"" name"
    """
    return '"' + name.replace('"', '""') + '"'


def identifiers(names: Iterable[str]) -> str:
    """The names, quoted, with commas between."""
    return ", ".join(map(identifier, names))


def relation(schema_name: str, relation_name: str) -> str:
    """A table with its schema, quoted."""
    return f"{identifier(schema_name)}.{identifier(relation_name)}"


def literal(text: str) -> str:
    """The text as a string constant, whatever standard_conforming_strings says.

    >>> literal("it's")
    "'it''s'"
    """
    quoted = "'" + text.replace("'", "''") + "'"
    return "E" + quoted.replace("\\", "\\\\") if "\\" in quoted else quoted


def text_array(texts: Iterable[str]) -> str:
    """The texts as a text[] expression."""
    return f"array[{', '.join(map(literal, texts))}]::text[]"


def short_name(name: str) -> str:
    """The name as PostgreSQL keeps it: itself up to 63 bytes, else cut, with a digest of the whole.

    >>> len(short_name("数" * 40).encode())
    62
    """
    encoded = name.encode()
    if len(encoded) <= LONGEST_NAME_BYTES:
        return name
    kept = encoded[: LONGEST_NAME_BYTES - _CUT_DIGEST_CHARACTERS - 1].decode(errors="ignore")
    return f"{kept}_{digest(name)[:_CUT_DIGEST_CHARACTERS]}"


def digest(name: str) -> str:
    """Twenty hexadecimal characters that stand for a name."""
    return sha256(name.encode()).hexdigest()[:20]


def free_of(name: str, taken: Container[str]) -> str:
    """The name as PostgreSQL keeps it, with as many underscores after it as it takes to be none of those taken.

    >>> free_of("__row", {"__row"})
    '__row_'
    """
    while short_name(name) in taken:
        name += "_"
    return short_name(name)
