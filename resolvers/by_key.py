"""Compiles the second form of a written page: which rows it has, by their keys, and how those rows are written.

How a row is written is then one statement for all pages that show the same of it, whoever asks. Which rows there are,
for whom and in which order, says the statement of their keys alone.
"""

import hashlib
from dataclasses import dataclass

from resolvers.columns import list_of
from resolvers.connection import Listing
from resolvers.lookup import has_ordered_key
from resolvers.place import Place
from resolvers.rows import KEY_PARTS, key_columns
from resolvers.sql import ByKey, Listed, Parameter, Parameters, order_by, part_of
from resolvers.values import Operand
from resolvers.written import Reader
from schema.graph import Node

# The variables by which statements that write rows are given their keys, a list for each column of the key, or the key
# that they come after and how many they are. No variable of a document has such a name.
KEYS, AFTER, SIZE = "the keys", "after a key", "so many"


@dataclass(frozen=True, slots=True)
class WrittenRows:
    """The statement that writes rows_by_key(), and their reader; whether a page has values of cursors beside them.

    `portion` is the one that writes rows_after_key(); empty where there are none.
    """

    sql: str
    portion: str
    reader: Reader
    has_values: bool


def is_found_by_key(node: Node) -> bool:
    """Whether a row is found by the texts of its key, and no other with it. Lists are no texts to find rows by."""
    return node.has_unique_key and not any(kind.endswith("[]") for kind in node.key_types)


def rows_by_key(place: Place, parameters: Parameters) -> str:
    """The source of rows of given keys; whether they exist for who asks was decided where the keys were read."""
    alias, first = place.row.alias, len(parameters.all()) + 1
    columns = [f"{alias}.{each}" for each in place.node.key_columns]
    keys = [f"${number}::text[]{list_of(kind)}" for number, kind in enumerate(place.node.key_types, first)]
    is_one = f"{columns[0]} = any({keys[0]})"
    if len(columns) > 1:
        is_one = f"({', '.join(columns)}) in (select * from unnest({', '.join(keys)}))"
    return f"from {place.node.relation} as {alias} where {is_one}"


def rows_after_key(place: Place, parameters: Parameters) -> str:
    """The source of all rows whose one key, a text, comes after the given one."""
    column = f"{place.row.alias}.{place.node.key_columns[0]}"
    return f"from {place.node.relation} as {place.row.alias} where {column} > ${len(parameters.all()) + 1}::text"


def so_many(parameters: Parameters) -> str:
    """How many of rows_after_key() are wanted."""
    return f"${len(parameters.all()) + 2}::int"


def by_key(place: Place, listing: Listing, rows: WrittenRows, parameters: Parameters) -> ByKey | None:
    """The two steps of a page; None where requests differ in what they want of a row."""
    given = parameters.all()
    keys = [Parameter(Operand(variable=KEYS, path=(number,))) for number in range(len(place.node.key_columns))]
    written = part_of(rows.sql, (*given, *keys))
    ahead = [Parameter(Operand(variable=each)) for each in (AFTER, SIZE)]
    portion = part_of(rows.portion, (*given, *ahead)) if rows.portion else None
    constants = [each for each in written.parameters if each not in keys]
    if not all(each.operand.is_constant for each in constants):
        return None
    values, of_values = (f", {place.row.own_texts} as c", ", array_agg(x.c)") if rows.has_values else ("", "")
    key = KEY_PARTS.join(key_columns(place.node, place.row))
    found = f"{listing.source}{order_by(listing.order)} limit {listing.paging.limit}"
    # A key that is null or has lines of its own makes more lines than there are rows.
    lines = "string_agg(coalesce(x.k, chr(10)), chr(10))"
    page = f"select count(*)::int4, {lines}{of_values} from (select {key} as k{values} {found}) as x"
    listed = _listed(place, listing, (key, rows.has_values), parameters)
    types = [each.type_name for each in rows.reader.recorded]  # of which ids are made
    same = repr((written.sql, types, [each.value({}) for each in constants]))
    return ByKey(
        hashlib.sha256(same.encode(errors="surrogatepass")).digest(),
        part_of(page, given),
        written,
        listing.size,
        rows.reader,
        portion,
        listed,
    )


def _listed(place: Place, listing: Listing, told: tuple[str, bool], parameters: Parameters) -> Listed | None:
    key, has_values = told
    keyset = listing.paging.keyset
    if not listing.start or not has_ordered_key(place.node):
        return None
    slots = keyset.slots(place.row, parameters) if has_values else []
    if [place.row.place(slot) for slot in slots] != list(range(len(slots))):
        return None  # before a cursor's values there are others
    given = list(parameters.all())
    number = int(listing.start[1:].partition("::")[0])
    start, given[number - 1] = given[number - 1], Parameter(Operand(variable=AFTER))
    most = Parameter(Operand(variable=SIZE))
    found = f"{listing.source}{order_by(listing.order)} limit ${len(given) + 1}::int"
    portion = part_of(f"select {key} {found}", (*given, most))
    others = tuple(each for each in portion.parameters if each not in (given[number - 1], most))
    return Listed(start, listing.paging.limit, portion, others, keyset.before_terms() if has_values else None)
