"""Sealed texts: cursors and global ids that carry values nobody but the server can read or make.

AES-SIV (RFC 5297) is deterministic, so the same row has the same cursor in every answer and an answer can be replayed
byte for byte; it is authenticated, and the context (what for, for whom) is bound in, so a text sealed in one place
opens nowhere else.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from functools import lru_cache

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

_REMEMBERED = 4_096
_LONGEST_REMEMBERED = 400


class SealError(ValueError):
    """The text was not sealed here, or not for this use."""


class Seal:
    """Seals and opens with one secret (32 bytes or more). `order_key` keys digests whose order must tell nothing."""

    def __init__(self, secret: bytes) -> None:
        self.order_key = hashlib.sha256(b"yishu order\0" + secret).hexdigest()
        self._cipher = AESSIV(hashlib.sha512(b"yishu seal\0" + secret).digest())
        self._remembered = lru_cache(_REMEMBERED)(self._opened)

    def close(self, context: bytes, values: Sequence[object]) -> str:
        """The values (JSON scalars) as a sealed text."""
        sealed = self._cipher.encrypt(orjson.dumps(values), [context])
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, context: bytes, text: str) -> list[object]:
        """The values of a sealed text. Raises SealError when it was not sealed with this secret and context."""
        try:
            sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            values = orjson.loads(self._cipher.decrypt(sealed, [context]))
        except (InvalidTag, binascii.Error, ValueError, UnicodeEncodeError) as error:
            raise SealError("not sealed here") from error
        return list(values)

    def remembered(self, context: bytes, text: str) -> tuple[object, ...] | None:
        """The values of a sealed text, None when it was not sealed so; those asked for last are not opened again."""
        return (self._remembered if len(text) <= _LONGEST_REMEMBERED else self._opened)(context, text)

    def _opened(self, context: bytes, text: str) -> tuple[object, ...] | None:
        try:
            return tuple(self.open(context, text))
        except SealError:
            return None
