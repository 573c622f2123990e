"""In charge of tokens for trying: what they claim and how they are signed, with the demo key of this home.

It refuses to make any where tokens come from an identity provider, in production above all.
"""

import time
from dataclasses import dataclass

import jwt

from api.config import Settings
from api.signing import DEMO_KEY_ID, SigningError, demo_key


@dataclass(frozen=True, slots=True)
class Claims:
    """Who a token speaks for."""

    department: str
    roles: tuple[str, ...] = ()
    user: str = ""
    application: str = ""


def demo_token(settings: Settings, claims: Claims, lifetime_s: int) -> str:
    """A signed token that begins now. Raises SigningError in production and where a key set is configured."""
    if settings.is_production or settings.jwks is not None:
        raise SigningError("tokens come from the identity provider here: demo tokens are refused")
    now = int(time.time())
    payload: dict[str, object] = {
        "sub": claims.user or f"{claims.department}-demo",
        "dept": claims.department,
        "roles": list(claims.roles),
        "app": claims.application,
        "iat": now,
        "exp": now + lifetime_s,
    }
    if settings.token_issuer is not None:
        payload["iss"] = settings.token_issuer
    if settings.token_audience is not None:
        payload["aud"] = settings.token_audience
    return jwt.encode(payload, demo_key(settings.home), algorithm="EdDSA", headers={"kid": DEMO_KEY_ID})
