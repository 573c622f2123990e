"""In charge of the public keys tokens are checked with: the demo key, or a JSON Web Key Set (RFC 7517).

It knows nothing of tokens beyond the key id they name, and keeps only keys for asymmetric signatures: a shared secret
(`oct`) or an encryption key in a set is passed over, so a token can never choose a weaker way to be checked.
"""

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol
from urllib.request import Request, urlopen

import jwt
from jwt.algorithms import AllowedPublicKeys

_ALGORITHMS_BY_KEY: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("OKP", "Ed25519"): ("EdDSA",),
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("RSA", ""): ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
}
_SET_LIMIT_BYTES = 1 << 20
_FETCH_TIMEOUT_S = 5
_log = logging.getLogger("yishu.keys")


class KeysUnavailable(Exception):
    """The key set could not be read, and none was read before."""


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key and the algorithms a signature made with it may name."""

    key: AllowedPublicKeys
    algorithms: tuple[str, ...]


class KeySource(Protocol):
    """Where keys come from. `find` may be called concurrently; it may wait for a fetch, at most every few seconds."""

    async def find(self, key_id: str | None) -> VerifyingKey | None:
        """The key of that id, or, without an id, the only key there is; None if there is no such key."""

    @property
    def generation(self) -> int:
        """Changes whenever keys change: what was verified under another generation must be verified again."""


@dataclass(frozen=True, slots=True)
class SingleKey:
    """One key that never changes; the demo key's public half."""

    key_id: str
    key: VerifyingKey
    generation: int = 0

    async def find(self, key_id: str | None) -> VerifyingKey | None:
        """The key, if it is the one meant."""
        return self.key if key_id in (None, self.key_id) else None


@dataclass(slots=True)
class KeySet:
    """A key set, read from a file or URL when first needed, when it is old, and when a token names a key it lacks."""

    location: str
    max_age_s: float = 300
    min_age_s: float = 10
    generation: int = 0
    _keys: Mapping[str, VerifyingKey] = field(default_factory=dict)
    _digest: bytes = b""
    _read_at: float = float("-inf")
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find(self, key_id: str | None) -> VerifyingKey | None:
        """The key of that id. A set that cannot be read again is kept; raises KeysUnavailable if it never was."""
        found = self._look_up(key_id)
        if self._age_s() > (self.min_age_s if found is None else self.max_age_s):
            await self._refresh()
            found = self._look_up(key_id)
        return found

    def _look_up(self, key_id: str | None) -> VerifyingKey | None:
        if key_id is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(key_id)

    def _age_s(self) -> float:
        return time.monotonic() - self._read_at

    async def _refresh(self) -> None:
        async with self._lock:
            if self._age_s() <= self.min_age_s:
                return  # somebody else has just read it
            try:
                text = await asyncio.to_thread(_read, self.location)
                keys = usable_keys(text)
            except (OSError, ValueError) as error:
                _log.error("the key set %s cannot be read: %s", self.location, error)
                if not self._keys:
                    raise KeysUnavailable from error
            else:
                if (digest := sha256(text).digest()) != self._digest:
                    self._keys, self._digest = keys, digest
                    self.generation += 1
            self._read_at = time.monotonic()


def usable_keys(text: bytes) -> dict[str, VerifyingKey]:
    """The keys of a set that may verify a token, by key id. Raises ValueError if it is not a key set."""
    document = json.loads(text)
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("not a JSON Web Key Set")
    keys: dict[str, VerifyingKey] = {}
    for position, entry in enumerate(document["keys"]):
        if isinstance(entry, dict) and (key := _usable_key(entry)) is not None:
            keys[str(entry.get("kid", f"#{position}"))] = key
    return keys


def _usable_key(entry: Mapping[str, Any]) -> VerifyingKey | None:
    kind = (str(entry.get("kty")), str(entry.get("crv", "")))
    algorithms = _ALGORITHMS_BY_KEY.get(kind, ())
    if entry.get("use", "sig") != "sig" or not algorithms:
        return None
    if "alg" in entry:
        algorithms = tuple(name for name in algorithms if name == entry["alg"])
    if not algorithms:
        return None
    try:
        public = {name: value for name, value in entry.items() if name != "d"}
        return VerifyingKey(jwt.PyJWK(public, algorithms[0]).key, algorithms)
    except (jwt.PyJWTError, ValueError, KeyError, TypeError):
        return None


def _read(location: str) -> bytes:
    if "://" not in location:
        return Path(location).read_bytes()
    request = Request(location, headers={"Accept": "application/json"})
    with urlopen(request, timeout=_FETCH_TIMEOUT_S) as answer:  # scheme was checked when the setting was read
        text: bytes = answer.read(_SET_LIMIT_BYTES + 1)
    if len(text) > _SET_LIMIT_BYTES:
        raise ValueError("larger than 1 MiB")
    return text
