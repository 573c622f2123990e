"""In charge of secrets this installation makes for itself and keeps in files that only their owner can read.

It knows nothing of what they are used for.
"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from secrets import token_bytes

from api.config import Settings

_CURSOR_SECRET_BYTES = 32


class SecretError(Exception):
    """The secret can be neither read nor made; the message says why."""


def kept_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """The content of the file, made on first use; the same for every process that asks at once. Raises SecretError."""
    try:
        if not path.exists():
            _keep(path, make())
        return path.read_bytes()
    except OSError as error:
        raise SecretError(f"cannot use {path}: {error.strerror}") from error


def cursor_secret(settings: Settings) -> bytes:
    """What cursors are sealed with: the setting, or a secret of this home. All workers and hosts need the same one."""
    if settings.cursor_secret is not None:
        return settings.cursor_secret
    return kept_secret(settings.home / "keys" / "cursor", lambda: token_bytes(_CURSOR_SECRET_BYTES))


def _keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.link(unfinished, path)  # whole or not at all, and the first of two processes wins
    except FileExistsError:
        pass
    finally:
        os.unlink(unfinished)
