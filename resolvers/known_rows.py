"""In charge of rows that were written before: known by their keys for as long as the platform has its state.

Pages that nobody asked for before consist of rows that somebody did. Where most rows of a kind come again, a page is
read as its keys, which an index often has by itself, and only rows that are not known are read and written. So which
rows there are for whom, and in which order, is said by the database each time; and a row leaves only in an answer whose
record is committed under the state it was read under. It knows nothing of what the texts say.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import asyncpg

from resolvers.by_key import AFTER, KEYS, SIZE
from resolvers.keep import Prepared
from resolvers.read_ahead import Portions, ReadAhead
from resolvers.row_kinds import Phase, RowKind, Worth
from resolvers.row_store import RowStore
from resolvers.run import Connection, Row
from resolvers.sql import ByKey, Statement
from resolvers.values import Variables
from resolvers.written import Page, Reader, separator

_WORTH = Worth()


class KnownRows:
    """The pages of one worker that are made of rows in its store. Safe to use concurrently."""

    def __init__(self, store: RowStore | None = None, worth: Worth = _WORTH) -> None:
        self.store = store or RowStore()
        self._worth = worth

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
                self._earn(statement.by_key, state, ahead)
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
            page = await self._page(connection, by_key, variables, kind)
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

    def _earn(self, by_key: ByKey | None, state: object, ahead: ReadAhead) -> None:
        if by_key is None or by_key.portion is None or not self._is_worth_it(by_key):
            return
        kind = self.store.kind(by_key.name, state, self._worth)
        if kind.misses_some:
            ahead.earn(by_key.name, kind, by_key.size, _portions_of(by_key.reader, by_key.portion))

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


def _taken_apart(reader: Reader, written: Sequence[asyncpg.Record]) -> dict[str, bytes]:
    """What is kept of rows that were written. Raises NotWritableError."""
    columns: Sequence[Sequence[Any]] = list(zip(*written, strict=True))
    keys, texts, *others = columns
    return dict(zip(keys, reader.kept(keys, texts, others), strict=True))
