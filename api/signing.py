"""In charge of the demo key: the Ed25519 key that signs tokens for trying, made on first use under YISHU_HOME/keys.

It knows nothing of claims; production never comes here (see `identity.py`). RFC 8037 for EdDSA in JOSE.
"""

import os
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

DEMO_KEY_ID = "yishu-demo"


class SigningError(Exception):
    """There is no usable demo key; the message says why and what to do."""


def demo_key(home: Path) -> Ed25519PrivateKey:
    """The demo key of this home, readable by its owner alone; the same one for every process that asks at once."""
    path = home / "keys" / "demo.pem"
    try:
        if not path.exists():
            _make(path)
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise SigningError(f"cannot use the demo key {path}: {error.strerror}") from error
    except ValueError as error:
        raise SigningError(f"{path} is not a private key: remove it, and a new one is made") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningError(f"{path} is not an Ed25519 key: remove it, and a new one is made")
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        os.link(unfinished, path)  # whole or not at all, and the first of two processes wins
    except FileExistsError:
        pass
    finally:
        os.unlink(unfinished)
