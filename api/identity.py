"""In charge of who asks: an `Authorization: Bearer` JWT (RFC 6750, RFC 7519) becomes a Principal or is refused.

It knows nothing of what a principal may do. No header at all is the anonymous public; a header that cannot be used is
never quietly treated as none.
"""

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import jwt

from api.config import Settings
from api.errors import Code, RequestError
from api.keys import KeySet, KeySource, KeysUnavailable, SingleKey, VerifyingKey
from api.signing import DEMO_KEY_ID, demo_key
from policies.principal import PUBLIC, Principal

_LEEWAY_S = 30
_LONGEST_TOKEN = 16_384
_LONGEST_NAME = 200
_MOST_ROLES = 64
_TOKENS_KEPT = 10_000
_RECHECK_AFTER_S = 60  # so that a key withdrawn from the key set soon stops counting


class Departments(Protocol):
    """Who is a department. May be asked concurrently; an answer is at most seconds old."""

    async def knows(self, department: str) -> bool:
        """Whether this is the code of a department, or `town-` and the division code of a town's office."""

    def knew(self, department: str) -> bool:
        """Whether knows() would say yes without asking anybody."""


@dataclass(frozen=True, slots=True)
class _Verified:
    principal: Principal
    holds_until: float
    generation: int


@dataclass(slots=True)
class Identities:
    """Turns headers into principals. Remembers those verified until their tokens expire or the keys change."""

    keys: KeySource
    departments: Departments
    issuer: str | None = None
    audience: str | None = None
    _verified: OrderedDict[str, _Verified] = field(default_factory=OrderedDict)

    def known(self, authorization: str | None) -> Principal | None:
        """The principal of this header where that can be told at once; None where principal() must be asked."""
        if authorization is None:
            return PUBLIC
        known = self._verified.get(authorization)
        if known is None or not self._holds(known) or not self.departments.knew(known.principal.department):
            return None
        return known.principal

    async def principal(self, authorization: str | None) -> Principal:
        """The principal of this header, PUBLIC without one. Raises RequestError UNAUTHENTICATED."""
        if authorization is None:
            return PUBLIC
        scheme, _, token = authorization.strip().partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or len(token) > _LONGEST_TOKEN:
            raise _refused("The header Authorization must be: Bearer and a token.")
        known = self._verified.get(authorization)
        if known is None or not self._holds(known):
            known = await self._verify(authorization, token)
        if not await self.departments.knows(known.principal.department):
            raise _refused("The token's claim dept names no department.")
        return known.principal

    def holds_until(self, authorization: str | None) -> float | None:
        """When a header that was accepted is to be looked at again, in seconds since 1970; None: never."""
        if authorization is None:
            return None
        known = self._verified.get(authorization)
        return time.time() if known is None else known.holds_until

    def _holds(self, known: _Verified) -> bool:
        return known.generation == self.keys.generation and known.holds_until > time.time()

    async def _verify(self, authorization: str, token: str) -> _Verified:
        key = await self._find_key(token)
        generation = self.keys.generation
        claims = self._claims(token, key)
        holds_until = min(int(claims["exp"]) + _LEEWAY_S, time.time() + _RECHECK_AFTER_S)
        verified = _Verified(_principal_of(claims), holds_until, generation)
        self._verified[authorization] = verified
        while len(self._verified) > _TOKENS_KEPT:
            self._verified.popitem(last=False)
        return verified

    async def _find_key(self, token: str) -> VerifyingKey:
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
            key = await self.keys.find(key_id)
        except jwt.PyJWTError as error:
            raise _refused("The token is malformed.") from error
        except KeysUnavailable as error:
            raise RequestError(Code.UNAUTHENTICATED, "Tokens cannot be checked at the moment.", "Try later.") from error
        if key is None:
            raise _refused("The token is signed with a key that is not trusted here.")
        return key

    def _claims(self, token: str, key: VerifyingKey) -> Mapping[str, Any]:
        """The verified payload: JSON from outside, hence Any."""
        try:
            return jwt.decode(
                token,
                key.key,
                algorithms=list(key.algorithms),
                audience=self.audience,
                issuer=self.issuer,
                leeway=_LEEWAY_S,
                options={"require": ["exp", "sub"], "verify_aud": self.audience is not None},
            )
        except jwt.ExpiredSignatureError as error:
            raise _refused("The token has expired.") from error
        except jwt.PyJWTError as error:
            raise _refused("The token is malformed, forged, or not meant for this platform.") from error
        except (ValueError, RecursionError, OverflowError) as error:
            raise _refused("The token is malformed.") from error


def identities(settings: Settings, departments: Departments) -> Identities:
    """Identities by these settings: the key set they name, or else the demo key of this home."""
    keys: KeySource
    if settings.jwks is not None:
        keys = KeySet(settings.jwks)
    else:
        keys = SingleKey(DEMO_KEY_ID, VerifyingKey(demo_key(settings.home).public_key(), ("EdDSA",)))
    return Identities(keys, departments, settings.token_issuer, settings.token_audience)


def _principal_of(claims: Mapping[str, Any]) -> Principal:
    department, user = _name(claims, "dept"), _name(claims, "sub")
    if not department or not user:
        raise _refused(f"The token has no claim {'sub' if department else 'dept'}.")
    roles = claims.get("roles", [])
    if not isinstance(roles, list) or len(roles) > _MOST_ROLES or not all(_is_name(role) for role in roles):
        raise _refused("The token's claim roles must be a list of names.")
    try:
        return Principal(department, tuple(roles), user, _name(claims, "app"))
    except ValueError as error:
        raise _refused("The token's claims dept or roles are not names the platform uses.") from error


def _name(claims: Mapping[str, Any], claim: str) -> str:
    value = claims.get(claim, "")
    if value != "" and not _is_name(value):
        raise _refused(f"The token's claim {claim} must be a text of at most {_LONGEST_NAME} characters.")
    return str(value)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and value.isprintable()


def _refused(message: str) -> RequestError:
    return RequestError(Code.UNAUTHENTICATED, message)
