"""In charge of the demo key: the Ed25519 key that signs tokens for trying, made on first use under YISHU_HOME/keys.

It knows nothing of claims; production never comes here (see `identity.py`). RFC 8037 for EdDSA in JOSE.
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from api.secrets import SecretError, kept_secret

DEMO_KEY_ID = "yishu-demo"


class SigningError(Exception):
    """There is no usable demo key; the message says why and what to do."""


def demo_key(home: Path) -> Ed25519PrivateKey:
    """The demo key of this home, readable by its owner alone; the same one for every process that asks at once."""
    path = home / "keys" / "demo.pem"
    try:
        key = load_pem_private_key(kept_secret(path, _new_pem), password=None)
    except SecretError as error:
        raise SigningError(str(error)) from error
    except ValueError as error:
        raise SigningError(f"{path} is not a private key: remove it, and a new one is made") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningError(f"{path} is not an Ed25519 key: remove it, and a new one is made")
    return key


def _new_pem() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
