"""In charge of records whose keys are too many for one value: written in parts, then the record, in one transaction.

While the parts are written nobody waits for them: the state is held from when the record is written to the commit, as
for any record. docs/log.md specifies it.
"""

from collections.abc import AsyncIterable
from uuid import UUID

from audit.append import Connection, Written, append, row_of
from audit.record import KeyPart, Record

_STORE_PART = "insert into log.key_part (record, node, first, keys) values ($1, $2, $3, $4::text::json)"


def parts_as_keys(count: int) -> bytes:
    """What stands in a record whose keys are in so many parts.

    >>> parts_as_keys(12)
    b'{"parts":12}'
    """
    return b'{"parts":%d}' % count


async def store_parts(connection: Connection, record: UUID, parts: AsyncIterable[KeyPart]) -> None:
    """Stores the parts in the caller's transaction, which is to write the record too."""
    async for part in parts:
        await connection.execute(_STORE_PART, record, part.node, part.first, part.keys.decode(errors="replace"))


async def write_in_parts(
    connection: Connection, record: Record, parts: AsyncIterable[KeyPart], *, timeout_s: float
) -> Written:
    """Writes parts and record in a transaction of their own, durable on return; nothing if the state is another.

    Raises what audit.append.append() raises; after an error nothing is written, or it is not known.
    """
    transaction = connection.transaction()
    await transaction.start()
    is_written = False
    try:
        await store_parts(connection, record.id, parts)
        plans = () if record.plan is None else (record.plan,)
        written = await append(connection, [row_of(record, must_match=True)], plans, timeout_s=timeout_s)
        is_written = written.records == 1
    finally:
        if not is_written:
            await transaction.rollback()
    if is_written:
        await transaction.commit()
    return written
