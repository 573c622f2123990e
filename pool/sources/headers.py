"""The names of columns as a file's first row gives them: trimmed, none empty, none twice."""

from collections.abc import Iterable


def unique_headers(values: Iterable[object]) -> list[str]:
    """One name for each value, in order.

    >>> unique_headers(["code ", "", "备注", "备注"])
    ['code', 'column_2', '备注', '备注_2']
    """
    names: list[str] = []
    for position, value in enumerate(values, 1):
        wanted = clean_name("" if value is None else str(value)) or f"column_{position}"
        name, number = wanted, 1
        while name in names:
            number += 1
            name = f"{wanted}_{number}"
        names.append(name)
    return names


def clean_name(text: str) -> str:
    """The text without what no name can hold, its white space made single spaces."""
    return " ".join(text.replace("\0", "").encode(errors="ignore").decode().split())
