"""Bytes that are too many to be held: in memory while few, in a file without a name when many, bounded altogether."""

import asyncio
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from api.spool import Slice, Spool, SpoolSpace
from resolvers.refusal import Refusal


async def _read(spool: Spool, *places: Slice) -> bytes:
    return b"".join([piece async for piece in spool.read(places)])


async def _filled(space: SpoolSpace, *pieces: bytes) -> tuple[Spool, list[Slice]]:
    places = []
    with ExitStack() as given_up:
        spool = given_up.enter_context(closing(Spool(space)))
        for piece in pieces:
            places.append(spool.append(piece))
            await spool.settle()
        given_up.pop_all()
    return spool, places


async def test_what_is_little_stays_in_memory(tmp_path: Path) -> None:
    spool, places = await _filled(SpoolSpace(tmp_path / "spool", memory_bytes=100), b"one", b"two")

    assert spool.is_in_memory
    assert await _read(spool, *reversed(places)) == b"twoone"
    assert not (tmp_path / "spool").exists()
    spool.close()


async def test_what_is_much_is_read_back_in_any_order_and_leaves_no_name(tmp_path: Path) -> None:
    pieces = [bytes([number]) * 300_000 for number in range(5)] + [b"rest"]
    spool, places = await _filled(SpoolSpace(tmp_path / "spool", memory_bytes=500_000), *pieces)

    with closing(spool):
        assert not spool.is_in_memory
        assert await _read(spool, *reversed(places)) == b"".join(reversed(pieces))
        assert await _read(spool, Slice(299_999, 2)) == b"\x00\x01"
        assert list((tmp_path / "spool").iterdir()) == []
        assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700


async def test_all_spools_together_have_a_bound_and_give_space_back(tmp_path: Path) -> None:
    space = SpoolSpace(tmp_path, limit_bytes=1000, memory_bytes=10)
    first, _ = await _filled(space, b"x" * 600)

    with pytest.raises(Refusal) as busy:
        await _filled(space, b"x" * 600)
    first.close()
    with pytest.raises(Refusal) as too_large:
        await _filled(space, b"x" * 600, b"x" * 600)

    assert (busy.value.code, too_large.value.code) == ("RATE_LIMITED", "QUERY_TOO_COSTLY")
    assert space.used_bytes == 0


async def test_a_spool_that_is_closed_while_it_is_read_ends_the_reading(tmp_path: Path) -> None:
    spool, places = await _filled(SpoolSpace(tmp_path, memory_bytes=1), b"x" * 1_000_000)
    reading = spool.read(places)
    await anext(reading)

    spool.close()
    spool.close()

    with pytest.raises(OSError, match="closed"):
        await anext(reading)


async def test_a_spool_that_is_given_up_while_it_is_written_is_closed_after_the_write(tmp_path: Path) -> None:
    space = SpoolSpace(tmp_path, memory_bytes=1)
    spool = Spool(space)
    spool.append(b"x" * 10_000_000)
    writing = asyncio.create_task(spool.settle())
    await asyncio.sleep(0)
    writing.cancel()

    spool.close()

    assert space.used_bytes == 0
    with pytest.raises(asyncio.CancelledError):
        await writing
