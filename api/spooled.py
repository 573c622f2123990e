"""In charge of an answer that was made in pieces: how they are laid out as one body, and the keys of its record.

It takes what portions.py shows and makes bytes of it, in a spool. It knows nothing of who asked and of how the answer
is sent.
"""

import hashlib
from collections.abc import AsyncGenerator, Mapping

import orjson

from api.errors import Code, RequestError
from api.spool import Slice, Spool, SpoolSpace
from audit.record import KeyPart
from resolvers.pieces import Piece
from resolvers.portions import Keys

_PART_BYTES = 512 << 10


class _KeyParts:
    """The keys shown at each node, in parts. What is read backward is turned round part by part."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._open: dict[int, list[bytes]] = {}
        self._open_counts: dict[int, int] = {}
        self._parts: dict[int, list[tuple[Slice, int]]] = {}
        self._of_piece: dict[int, list[tuple[Slice, int]]] = {}
        self.shown = 0

    def add(self, keys: Keys, *, is_apart: bool) -> None:
        """Adds the keys of a portion, in a part of their own if that is to be moved."""
        for node, shown in enumerate(keys):
            if shown:
                self._open.setdefault(node, []).append(orjson.dumps(shown)[1:-1])
                self._open_counts[node] = self._open_counts.get(node, 0) + shown.number
                self.shown += shown.number
                if is_apart or sum(map(len, self._open[node])) > _PART_BYTES:
                    self._end_part(node)

    def end_piece(self, *, is_backward: bool) -> None:
        """All that a piece shows has been added."""
        for node in list(self._open):
            self._end_part(node)
        for node, parts in self._of_piece.items():
            self._parts.setdefault(node, []).extend(reversed(parts) if is_backward else parts)
        self._of_piece = {}

    def _end_part(self, node: int) -> None:
        part = (self._spool.append(b",".join(self._open.pop(node))), self._open_counts.pop(node))
        self._of_piece.setdefault(node, []).append(part)

    @property
    def count(self) -> int:
        """How many parts there are."""
        return sum(map(len, self._parts.values()))

    async def parts(self) -> AsyncGenerator[KeyPart, None]:
        """All parts, by node and in the order shown."""
        for node, parts in sorted(self._parts.items()):
            first = 1
            for place, count in parts:
                keys = b"".join([piece async for piece in self._spool.read([place])])
                yield KeyPart(node, first, b"[" + keys + b"]")
                first += count

    async def whole(self, node_count: int) -> bytes:
        """All keys, as a record has them that has no parts."""
        by_node: dict[int, list[bytes]] = {}
        async for part in self.parts():
            by_node.setdefault(part.node, []).append(part.keys[1:-1])
        return b"[" + b",".join(b"[" + b",".join(by_node.get(node, ())) + b"]" for node in range(node_count)) + b"]"


class SpooledAnswer:
    """The body of an answer between its two ends, and the keys of its record. To be closed; see Spool."""

    def __init__(self, space: SpoolSpace) -> None:
        self._space = space
        self._body = Spool(space)
        self._key_spool = Spool(space)
        self._keys = _KeyParts(self._key_spool)
        self._layout: list[Slice] = []
        self._lists: dict[str, list[Slice]] = {}
        self._ends = (b"", b"")
        self.digest = b""

    @property
    def is_in_memory(self) -> bool:
        """Whether it is small after all."""
        return self._body.is_in_memory and self._key_spool.is_in_memory

    @property
    def length(self) -> int:
        """The bytes of the body."""
        return sum(map(len, self._ends)) + sum(place.length for place in self._layout)

    @property
    def shown(self) -> int:
        """How many keys were shown."""
        return self._keys.shown

    @property
    def part_count(self) -> int:
        """In how many parts the keys are."""
        return self._keys.count

    async def take(self, piece: Piece, value: object, keys: Keys) -> None:
        """See resolvers.portions.Taker."""
        self._lay(self._body.append(piece.before + orjson.dumps(value)))
        self._keys.add(keys, is_apart=False)
        self._keys.end_piece(is_backward=False)
        await self._settle()

    async def take_portion(self, piece: Piece, value: Mapping[str, object], keys: Keys) -> None:
        """See resolvers.portions.Taker."""
        assert piece.pages is not None
        for key in piece.pages.members:
            if key in piece.pages.lists and (listed := orjson.dumps(value[key])[1:-1]):
                self._add(self._lists.setdefault(key, []), listed, is_backward=piece.pages.backward)
        self._keys.add(keys, is_apart=piece.pages.backward)
        await self._settle()

    async def take_rest(self, piece: Piece, rest: Mapping[str, object], keys: Keys) -> None:
        """See resolvers.portions.Taker."""
        assert piece.pages is not None
        text = piece.before + b"{"
        for number, key in enumerate(piece.pages.members):
            text += b"," * (number > 0) + orjson.dumps(key) + b":"
            if key not in piece.pages.lists:
                text += orjson.dumps(rest[key])
                continue
            self._lay(self._body.append(text + b"["))
            for place in self._lists.pop(key, ()):
                self._lay(place)
            text = b"]"
        self._lay(self._body.append(text + b"}"))
        self._keys.add(keys, is_apart=False)
        self._keys.end_piece(is_backward=piece.pages.backward)
        await self._settle()

    def _add(self, places: list[Slice], listed: bytes, *, is_backward: bool) -> None:
        """Adds members of a list: after those that are there, or before them."""
        if not is_backward:
            places.append(self._body.append(b"," + listed if places else listed))
        else:
            places.insert(0, self._body.append(listed + b"," if places else listed))

    def _lay(self, place: Slice) -> None:
        """What comes next in the body. Places beside one another are one."""
        last = self._layout[-1] if self._layout else Slice(0, 0)
        if self._layout and last.start + last.length == place.start:
            self._layout[-1] = Slice(last.start, last.length + place.length)
        else:
            self._layout.append(place)

    async def _settle(self) -> None:
        await self._body.settle()
        await self._key_spool.settle()

    async def complete(self, before: bytes, after: bytes) -> None:
        """Gives the body its ends, and makes its digest."""
        self._ends = (before, after)
        digest = hashlib.sha256()
        async for piece in self.chunks():
            digest.update(piece)
        self.digest = digest.digest()

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body."""
        before, after = self._ends
        yield before
        async for piece in self._body.read(self._layout):
            yield piece
        yield after

    async def in_one(self) -> bytes:
        """The body as one message. Raises RequestError when it is too large for that."""
        most = self._space.message_bytes
        if self.length > most:
            message = f"The answer is larger than {most} bytes."
            raise RequestError(Code.QUERY_TOO_COSTLY, message, "Ask for it over HTTP.")
        return b"".join([chunk async for chunk in self.chunks()])

    def key_parts(self) -> AsyncGenerator[KeyPart, None]:
        """The keys for its record."""
        return self._keys.parts()

    async def keys(self, node_count: int) -> bytes:
        """The keys for its record as one."""
        return await self._keys.whole(node_count)

    def close(self) -> None:
        """Lets go of everything."""
        self._body.close()
        self._key_spool.close()
