"""In charge of rows that were written before: known by their keys for as long as the platform has its state.

Pages that nobody asked for before consist of rows that somebody did. Where most rows of a kind come again, a page is
read as its keys, which an index often has by itself, and only rows that are not known are read and written. Pages that
differ only in the key they come after are cut from one list, which the database said once: which rows there are for
whom, and in which order. Rows and lists leave only in an answer whose record is committed under the state they were
read under. It knows nothing of what the texts say.
"""

from collections.abc import Hashable, Sequence
from functools import partial
from typing import Any

import asyncpg

from resolvers.by_key import AFTER, KEYS, SIZE
from resolvers.keep import Prepared
from resolvers.listed_keys import keys_taken
from resolvers.read_ahead import Portions, ReadAhead
from resolvers.refusal import Refusal
from resolvers.row_kinds import Phase, RowKind, Worth
from resolvers.row_store import RowStore
from resolvers.run import Connection, Row
from resolvers.sql import ByKey, Listed, Statement
from resolvers.values import Variables
from resolvers.written import Page, Reader, separator

_WORTH = Worth()
_KEYS_AT_A_TIME = 1_000
_MOST_VALUES, _LONGEST_NAME = 50, 1_000  # of a list in a condition; characters
_MOST_AT_ONCE = 500  # rows of the pages of an answer that is made without waiting for a turn


class KnownRows:
    """The pages of one worker that are made of rows in its store. Safe to use concurrently."""

    def __init__(self, store: RowStore | None = None, worth: Worth = _WORTH) -> None:
        self.store = store or RowStore()
        self._worth = worth

    def find(self, prepared: Prepared, state: object) -> list[Sequence[Row]] | None:
        """As fetch(), where all is known: the rows, and which of them there are in which order. Else None."""
        self.store.let_go()
        shown: list[Sequence[Row]] = []
        most = _MOST_AT_ONCE
        for statement in prepared.plan.statements:
            by_key = statement.by_key
            most -= 0 if by_key is None else by_key.size
            page = None if by_key is None or most < 0 else self._listed(by_key, prepared.variables, state)
            if page is None:
                return None
            shown.append([page])
        return shown

    async def fetch(
        self, connection: Connection, prepared: Prepared, state: object, ahead: ReadAhead | None = None
    ) -> list[Sequence[Row]]:
        """The rows of every statement of a plan that is exact; `state` is greater whenever anything has moved.

        Where pages still have rows that are not known, others of their kind are read ahead.
        """
        shown = [
            await self._rows(connection, statement, prepared.variables, state) for statement in prepared.plan.statements
        ]
        if ahead is not None:
            for statement in prepared.plan.statements:
                self._earn(statement.by_key, prepared.variables, state, ahead)
        return shown

    async def _rows(
        self, connection: Connection, statement: Statement, variables: Variables, state: object
    ) -> Sequence[Row]:
        by_key = statement.by_key
        if by_key is None or not self._is_worth_it(by_key):
            return await connection.fetch(statement.sql, *statement.bind(variables))
        kind = self.store.kind(by_key.name, state, self._worth)
        self.store.let_go()
        if kind.phase is Phase.KNOWN:
            page = self._listed(by_key, variables, state) or await self._page(connection, by_key, variables, kind)
            if page is not None:
                return [page]
        rows = await connection.fetch(statement.sql, *statement.bind(variables))
        before = kind.size_bytes
        if kind.phase is Phase.LEARNED:
            page = self._learned(by_key.reader, rows[0], kind)
            self.store.weigh(by_key.name, kind, before)
            return [page]
        if kind.phase is Phase.COUNTED:
            keys = (rows[0][2] or b"").split(separator(by_key.reader.width).encode())
            if len(keys) >= self._worth.fewest:
                kind.see(keys)
        self.store.weigh(by_key.name, kind, before)
        return rows

    def _learned(self, reader: Reader, row: asyncpg.Record, kind: RowKind) -> Page:
        """The page that was read as a whole, its rows known from now on. Raises NotWritableError."""
        page, rows = reader.taken_apart(row)
        values = page.keys[0].values()
        shown = values if reader.width == 1 else [separator(1).join(each) for each in values]
        rows_by_key = dict(zip(shown, rows, strict=True))
        known = kind.rows
        if len(rows_by_key) < len(rows) or any(known.get(key, row) != row for key, row in rows_by_key.items()):
            kind.give_up()  # the key has ceased to tell rows apart
            return page
        learned = {key: row for key, row in rows_by_key.items() if key not in known}
        kind.learn(learned)
        self._met(kind, len(rows), len(learned))
        return page

    def _earn(self, by_key: ByKey | None, variables: Variables, state: object, ahead: ReadAhead) -> None:
        if by_key is None or by_key.portion is None or not self._is_worth_it(by_key):
            return
        kind = self.store.kind(by_key.name, state, self._worth)
        if kind.misses_some:
            ahead.earn(by_key.name, kind, by_key.size, _portions_of(by_key.reader, by_key.portion))
        if kind.phase is Phase.KNOWN and by_key.listed is not None:
            self._earn_list(by_key.listed, variables, state, ahead)

    def _earn_list(self, listed: Listed, variables: Variables, state: object, ahead: ReadAhead) -> None:
        name = _name_of(listed, variables)
        if name is None:
            return
        keys = self.store.listed(name, state) or self.store.begin_list(name, state)
        earned = keys.earned()
        if earned and keys.keeps:
            ahead.earn(name, keys, earned, _keys_of(listed, variables))

    def _listed(self, by_key: ByKey, variables: Variables, state: object) -> Page | None:
        """The page, cut from a list that is known of rows that are known; None where not all of that is known."""
        listed = by_key.listed
        if listed is None or not self._is_worth_it(by_key):
            return None
        kind = self.store.kind(by_key.name, state, self._worth)
        if kind.phase is not Phase.KNOWN:
            return None
        try:
            start, name = listed.start.value(variables), _name_of(listed, variables)
        except Refusal:
            return None  # the statement is not bound to these either, and says why
        if name is None or not isinstance(start, str):
            return None
        known = self.store.listed(name, state)
        found = None if known is None else known.after(start, listed.limit)
        if found is None:
            return None
        keys = found[: by_key.size]
        try:
            rows = list(map(kind.rows.__getitem__, keys))
        except KeyError:
            return None
        self._met(kind, len(keys), 0)
        cursors: Sequence[Sequence[str | None]] = ()
        if listed.before_key is not None:
            before = [str(each.value(variables)) for each in listed.before_key]
            cursors = [[*before, key] for key in keys]
        return by_key.reader.put_together(len(found), keys, rows, cursors)

    def _is_worth_it(self, by_key: ByKey) -> bool:
        return by_key.size >= self._worth.fewest and self.store.most_bytes > 0

    def _met(self, kind: RowKind, number: int, unknown: int) -> None:
        if number >= max(self._worth.fewest, 1):
            kind.met(number, unknown)

    async def _page(self, connection: Connection, by_key: ByKey, variables: Variables, kind: RowKind) -> Page | None:
        """The page, of rows known and of those it learns; None where its keys do not tell its rows apart.

        Raises NotWritableError.
        """
        ((count, lines, *values),) = await connection.fetch(by_key.keys.sql, *by_key.keys.bind(variables))
        keys: list[str] = [] if lines is None else lines.split("\n")
        rows: Sequence[bytes] | None = None
        if len(keys) == count:
            del keys[by_key.size :]
            try:
                rows = list(map(kind.rows.__getitem__, keys))
            except KeyError:
                rows = await self._learn(connection, by_key, kind, keys)
            else:
                self._met(kind, len(keys), 0)
        if rows is None:
            before = kind.size_bytes
            kind.give_up()
            self.store.weigh(by_key.name, kind, before)
            return None
        cursors = values[0][: len(keys)] if values and values[0] else ()
        return by_key.reader.put_together(count, keys, rows, cursors)

    async def _learn(
        self, connection: Connection, by_key: ByKey, kind: RowKind, keys: Sequence[str]
    ) -> Sequence[bytes] | None:
        """The rows of the keys, those that were not known read; None where keys do not tell rows apart."""
        known = {key: row for key in keys if (row := kind.rows.get(key)) is not None}
        unknown = [key for key in keys if key not in known]
        parts = [key.split('","') for key in unknown]
        if any(len(each) != by_key.reader.width for each in parts):
            return None
        columns = list(map(list, zip(*parts, strict=True)))
        written = await connection.fetch(by_key.rows.sql, *by_key.rows.bind({KEYS: columns}))
        learned = _taken_apart(by_key.reader, written) if written else {}
        if not len(written) == len(unknown) == len(learned) or learned.keys() != set(unknown):
            return None  # the rows are gone, or several have one key
        before = kind.size_bytes
        kind.learn(learned)
        self._met(kind, len(keys), len(unknown))
        self.store.weigh(by_key.name, kind, before)
        return [known[key] if key in known else learned[key] for key in keys]


def _portions_of(reader: Reader, portion: Statement) -> Portions:
    return Portions(
        portion.sql, lambda last, rows: portion.bind({AFTER: last, SIZE: rows}), partial(_taken_apart, reader)
    )


def _name_of(listed: Listed, variables: Variables) -> Hashable | None:
    """What the list is known by; None if it is told apart by more than is worth keeping. Raises Refusal."""
    given = [each.value(variables) for each in listed.given]
    if any(isinstance(each, list) and len(each) > _MOST_VALUES for each in given):
        return None
    told = repr(given)  # not the values: 1 and true are equal
    return (listed.portion.sql, "list", told) if len(told) <= _LONGEST_NAME else None


def _keys_of(listed: Listed, variables: Variables) -> Portions:
    return Portions(
        listed.portion.sql,
        lambda last, keys: listed.portion.bind({**variables, AFTER: last, SIZE: keys}),
        keys_taken,
        _KEYS_AT_A_TIME,
    )


def _taken_apart(reader: Reader, written: Sequence[asyncpg.Record]) -> dict[str, bytes]:
    """What is kept of rows that were written. Raises NotWritableError."""
    columns: Sequence[Sequence[Any]] = list(zip(*written, strict=True))
    keys, texts, *others = columns
    return dict(zip(keys, reader.kept(keys, texts, others), strict=True))
