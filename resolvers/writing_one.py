"""Compiles one object that the database writes whole as JSON, escaped: nothing is left to be looked through.

So the statement that reads it can also take the digest of the answer that it stands in, and write the record of that
(`audit/completing.py`). Its columns are the row's key as text, its JSON, and the key of each recorded node as JSON.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
from orjson import Fragment

from resolvers.connection import Compiled, Connections
from resolvers.lookup import Lookup
from resolvers.place import Place
from resolvers.rows import key_columns
from resolvers.shown_keys import ShownKeys
from resolvers.work import Work
from resolvers.writing_objects import ESCAPED, Objects, RowsWritten
from resolvers.written import AROUND, BEHIND, Recorded

KEY_POSITION = 0
_FIRST_RECORDED = 2


class OneReader:
    """Reads the row that such a statement gives."""

    def __init__(self, recorded: Sequence[Recorded]) -> None:
        self.recorded = recorded

    def __call__(self, row: Sequence[Any] | None, keys: Sequence[ShownKeys]) -> Fragment | None:
        """The object, None if there is none; keys are added to `keys`. Of AROUND the mark that it is."""
        if row is None:
            return None
        if row is AROUND:
            return Fragment(row[0])
        text = row[1]
        for place, each in enumerate(self.recorded, _FIRST_RECORDED):
            written = row[place]
            if written is not None:
                key = orjson.loads(written)
                keys[each.index].append(key)
                if each.holes.number:
                    text = text.replace(each.holes.mark, each.holes.make(*(key if each.width > 1 else (key,))))
        return Fragment(text)


# A look-up, and who reads its row if the database writes that.
Found = tuple[Lookup, OneReader | None]


def write_one(work: Work, connections: Connections, place: Place) -> tuple[Compiled, OneReader]:
    """The object at the place, and who reads it; what can be written says can_write_one()."""
    work.count_rows(1)
    row = RowsWritten(place.row)
    objects = Objects(work, connections, ESCAPED)
    objects.write(row, place, place.selected.sets, place.path, row.text)
    reader = OneReader([objects.recorded[index] for index in row.recorded])
    key = place.row.reach(key_columns(place.node, place.row)[0])
    keys = [f"{each} as k{index}" for index, each in row.keys.items()]
    told = ", ".join((f"{key} as key", f"{row.text.sql} as text", *keys))
    sql = f"select {told} {place.row.reached(connections.source(place))}"
    return Compiled(sql, work.code.value("read", reader)), reader


def completed(lookup: Lookup, sql: str, reader: OneReader, nodes: int) -> Lookup:
    """The look-up with its completed forms, of so many recorded nodes.

    `sql` finds the row of one key. Ids are made of keys by this process: all but that of the row, whose key is known
    before it is read, keep a look-up from that form.
    """
    first, *others = reader.recorded
    if any(each.holes.number for each in others) or (first.holes.number and first.width > 1):
        return lookup
    keys = {each.index: f"coalesce(y.k{each.index}, '')" for each in reader.recorded}
    lists = " || '],[' || ".join(keys.get(index, "''") for index in range(nodes))
    shown = " + ".join(f"(y.k{each.index} is not null)::int4" for each in reader.recorded)
    keys_of_all = f"'[[' || {lists} || ']]'"
    told = f"select y.text, {keys_of_all} as keys, {shown} as shown from ({sql}) as y"
    portion = ""
    if lookup.following:
        row = f" || chr({ord(BEHIND)}) || ".join(("y.text", keys_of_all, f"({shown})"))
        source = f"({lookup.following}) as y order by y.key limit ${len(lookup.parameters) + 1}::int"
        portion = f"select y.key, convert_to({row}, 'UTF8') from {source}"
    hole = first.holes.mark if first.holes.number else ""
    return replace(lookup, completed=told, portion=portion, hole=hole, make_id=first.holes.make)
