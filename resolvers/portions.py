"""Runs a plan in pieces: reads and shows one root field after the other, a connection some rows at a time.

Nothing is held but the portion under way: whoever takes it makes bytes of it. Each field is read in a transaction of
its own, so that no table is held for longer than it is read; an unmoved data epoch makes one snapshot of them. A
statement's time limit counts for each portion anew.
"""

from collections.abc import Mapping
from typing import Protocol

import asyncpg
from asyncpg.transaction import Transaction

from resolvers.keep import Prepared
from resolvers.pieces import Pages, Piece
from resolvers.refusal import Problem
from resolvers.run import Connection, missing
from resolvers.shown_keys import ShownKeys

Keys = list[ShownKeys]
_Results = dict[int, list[asyncpg.Record]]


class Taker(Protocol):
    """Takes what is shown, in the order of the answer; what it is given is let go when it returns."""

    async def take(self, piece: Piece, value: object, keys: Keys) -> None:
        """A field as a whole."""

    async def take_portion(self, piece: Piece, value: Mapping[str, object], keys: Keys) -> None:
        """A connection with some of its rows, which come in the order they are read."""

    async def take_rest(self, piece: Piece, rest: Mapping[str, object], keys: Keys) -> None:
        """The members of a connection that are no lists, after its last portion."""


async def show_pieces(
    connection: Connection, prepared: Prepared, computed: Mapping[str, object], taker: Taker
) -> tuple[Problem, ...]:
    """Gives everything the plan shows to the taker; what was promised and not found."""
    plan = prepared.plan
    assert plan.pieces is not None  # or the plan is run as a whole
    promised = {promise.statement for promise in plan.promises}
    empty: set[int] = set()
    for piece in plan.pieces.pieces:
        async with _transaction(connection):
            if piece.pages is None:
                results = await _fetch(connection, prepared, piece.statements)
                empty.update(index for index in promised & results.keys() if not results[index])
                keys = _no_keys(prepared)
                await taker.take(piece, piece.show(results, keys, computed), keys)
            else:
                await _show_portions(connection, prepared, (piece, piece.pages), taker)
    return missing(plan, empty)


async def _show_portions(connection: Connection, prepared: Prepared, paged: tuple[Piece, Pages], taker: Taker) -> None:
    piece, pages = paged
    results = await _fetch(connection, prepared, piece.statements[1:])
    statement = prepared.plan.statements[piece.statements[0]]
    cursor = await connection.cursor(statement.sql, *statement.bind(prepared.variables))
    left, is_over, has_more = pages.size, False, False
    first: Mapping[str, object] | None = None
    last: Mapping[str, object] = {}
    while not is_over:
        wanted = min(pages.rows, left + 1)
        rows = await cursor.fetch(wanted)
        has_more = len(rows) > left
        is_over = has_more or len(rows) < wanted
        results[piece.statements[0]] = shown = rows[:left] if has_more else rows
        left -= len(shown)
        if shown or first is None:
            keys = _no_keys(prepared)
            value = piece.show(results, keys, {})
            assert isinstance(value, dict)
            for index in pages.counted:
                keys[index].clear()
            await taker.take_portion(piece, value, keys)
            last = {key: each for key, each in value.items() if key not in pages.lists}
            first = first or last
    keys = _no_keys(prepared)
    for index in pages.counted:
        keys[index].append(())
    await taker.take_rest(piece, pages.rest(first or {}, last, has_more=has_more), keys)


async def _fetch(connection: Connection, prepared: Prepared, indexes: range) -> _Results:
    variables, statements = prepared.variables, prepared.plan.statements
    return {
        index: await connection.fetch(statements[index].sql, *statements[index].bind(variables)) for index in indexes
    }


def _no_keys(prepared: Prepared) -> Keys:
    return [ShownKeys() for _ in range(prepared.plan.node_count)]


def _transaction(connection: Connection) -> Transaction:
    """One of its own, or a savepoint in the one that the caller has begun."""
    if connection.is_in_transaction():
        return connection.transaction()
    return connection.transaction(isolation="repeatable_read", readonly=True)
