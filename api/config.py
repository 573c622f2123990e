"""In charge of the settings: which `YISHU_` variables there are, what they may say, and all their faults at once.

It knows nothing of what the settings are used for. Secrets are kept out of every printed form.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from api.keys import usable_keys

PREFIX = "YISHU_"
_ENVIRONMENTS = ("development", "production")
_SHORTEST_SECRET_BYTES = 32
_LOG_LEVELS = ("debug", "info", "warning", "error")


class ConfigurationError(Exception):
    """The settings cannot be used; `faults` has one line for each thing to mend."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process of the platform is told by its environment; see docs/configuration.md."""

    environment: str = "development"
    home: Path = Path(".yishu")
    database_url: str | None = field(default=None, repr=False)
    database_connections: int = 9
    cursor_secret: bytes | None = field(default=None, repr=False)
    jwks: str | None = None
    token_issuer: str | None = None
    token_audience: str | None = None
    body_limit_bytes: int = 1 << 20
    cost_limit: int = 1_000_000
    rows_limit: int = 500_000
    spool_limit_bytes: int = 4 << 30
    known_rows_bytes: int = 768 << 20
    wakeful_s: float = 0.0005
    request_timeout_s: float = 30.0
    long_timeout_s: float = 600.0
    drain_timeout_s: float = 30.0
    allowed_origins: tuple[str, ...] = ()
    log_level: str = "info"

    @property
    def is_production(self) -> bool:
        """Whether nothing made for trying (such as the demo key) may be used."""
        return self.environment == "production"


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: its name without the prefix, the field it sets, and how its text becomes a value."""

    name: str
    field: str
    read: Callable[[str], object]


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return text

    return read


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


def _seconds(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise ValueError(f"must be a number of seconds from {low:g} to {high:g}")
        return value

    return read


def _database_url(text: str) -> str:
    if urlsplit(text).scheme not in ("postgresql", "postgres"):
        raise ValueError("must be a URL that begins with postgresql://")
    return text


def _secret(text: str) -> bytes:
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) < _SHORTEST_SECRET_BYTES:
        raise ValueError(f"must be {_SHORTEST_SECRET_BYTES} bytes or more in hexadecimal")
    return secret


def _jwks(text: str) -> str:
    parts = urlsplit(text)
    is_local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme == "https" or (parts.scheme == "http" and is_local):
        return text
    if parts.scheme in ("http", "file"):
        raise ValueError("must be an https URL (http only on this machine) or the path of a file")
    if not Path(text).is_file():
        raise ValueError(f"names no file: {text}")
    try:
        usable_keys(Path(text).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"names no JSON Web Key Set: {text}") from error
    return text


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.strip() for part in text.split(",") if part.strip())
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}":
            raise ValueError(f"must be a list of origins like https://example.gov.cn, not {origin!r}")
    return origins


VARIABLES = (
    Variable("ENV", "environment", _one_of(*_ENVIRONMENTS)),
    Variable("HOME", "home", Path),
    Variable("DATABASE_URL", "database_url", _database_url),
    Variable("DATABASE_CONNECTIONS", "database_connections", _whole(2, 1000)),
    Variable("CURSOR_SECRET", "cursor_secret", _secret),
    Variable("JWKS", "jwks", _jwks),
    Variable("TOKEN_ISSUER", "token_issuer", str),
    Variable("TOKEN_AUDIENCE", "token_audience", str),
    Variable("BODY_LIMIT_BYTES", "body_limit_bytes", _whole(1024, 1 << 30)),
    Variable("COST_LIMIT", "cost_limit", _whole(1, 1 << 40)),
    Variable("ROWS_LIMIT", "rows_limit", _whole(1, 1 << 40)),
    Variable("SPOOL_LIMIT_BYTES", "spool_limit_bytes", _whole(1 << 20, 1 << 50)),
    Variable("KNOWN_ROWS_BYTES", "known_rows_bytes", _whole(0, 1 << 40)),
    Variable("WAKEFUL_S", "wakeful_s", _seconds(0, 0.1)),
    Variable("LONG_TIMEOUT_S", "long_timeout_s", _seconds(0.1, 86_400)),
    Variable("REQUEST_TIMEOUT_S", "request_timeout_s", _seconds(0.1, 3600)),
    Variable("DRAIN_TIMEOUT_S", "drain_timeout_s", _seconds(0, 3600)),
    Variable("ALLOWED_ORIGINS", "allowed_origins", _origins),
    Variable("LOG_LEVEL", "log_level", _one_of(*_LOG_LEVELS)),
)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings in these environment variables; an empty variable counts as unset.

    Raises ConfigurationError with every fault found: bad values, unknown `YISHU_` variables, what production lacks.
    """
    by_name = {PREFIX + variable.name: variable for variable in VARIABLES}
    values: dict[str, object] = {}
    faults = [f"{name} is not a setting" for name in environment if name.startswith(PREFIX) and name not in by_name]
    for name, variable in by_name.items():
        text = environment.get(name, "")
        if not text:
            continue
        try:
            values[variable.field] = variable.read(text)
        except ValueError as error:
            faults.append(f"{name} {error}")
    settings = Settings(**values)  # type: ignore[arg-type]  # each reader returns the type of its field
    if settings.is_production and settings.jwks is None and not any("YISHU_JWKS" in fault for fault in faults):
        faults.append("YISHU_JWKS must be set when YISHU_ENV=production: demo keys are refused there")
    if faults:
        raise ConfigurationError(tuple(sorted(faults)))
    return settings
