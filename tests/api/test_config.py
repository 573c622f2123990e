"""Settings come from the environment, and every fault in them is told at once."""

from pathlib import Path

import pytest

from api.config import VARIABLES, ConfigurationError, Settings, read_settings


def test_without_variables_everything_has_a_default() -> None:
    assert read_settings({"PATH": "/bin", "YISHU_HOME": ""}) == Settings()


def test_every_variable_sets_its_field(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text('{"keys": []}')

    settings = read_settings(
        {
            "YISHU_ENV": "production",
            "YISHU_HOME": str(tmp_path),
            "YISHU_DATABASE_URL": "postgresql://db/yishu",
            "YISHU_DATABASE_CONNECTIONS": "3",
            "YISHU_CURSOR_SECRET": "ab" * 32,
            "YISHU_JWKS": str(keys),
            "YISHU_TOKEN_ISSUER": "https://login.example",
            "YISHU_TOKEN_AUDIENCE": "yishu",
            "YISHU_BODY_LIMIT_BYTES": "2048",
            "YISHU_REQUEST_TIMEOUT_S": "0.5",
            "YISHU_DRAIN_TIMEOUT_S": "1",
            "YISHU_ALLOWED_ORIGINS": "https://a.example, http://localhost:3000",
            "YISHU_LOG_LEVEL": "debug",
        }
    )

    assert settings == Settings(
        environment="production",
        home=tmp_path,
        database_url="postgresql://db/yishu",
        database_connections=3,
        cursor_secret=b"\xab" * 32,
        jwks=str(keys),
        token_issuer="https://login.example",
        token_audience="yishu",
        body_limit_bytes=2048,
        request_timeout_s=0.5,
        drain_timeout_s=1,
        allowed_origins=("https://a.example", "http://localhost:3000"),
        log_level="debug",
    )
    assert settings.is_production


def test_every_field_has_one_variable() -> None:
    assert sorted(variable.field for variable in VARIABLES) == sorted(Settings.__dataclass_fields__)


def test_all_faults_are_told_at_once() -> None:
    environment = {
        "YISHU_ENV": "prod",
        "YISHU_HOEM": "/srv",
        "YISHU_DATABASE_URL": "mysql://x",
        "YISHU_DATABASE_CONNECTIONS": "many",
        "YISHU_BODY_LIMIT_BYTES": "5",
        "YISHU_CURSOR_SECRET": "abcd",
        "YISHU_REQUEST_TIMEOUT_S": "nan",
        "YISHU_DRAIN_TIMEOUT_S": "soon",
        "YISHU_JWKS": "missing.json",
        "YISHU_ALLOWED_ORIGINS": "https://a.example/path",
    }

    with pytest.raises(ConfigurationError) as raised:
        read_settings(environment)

    assert [fault.split(" ")[0] for fault in raised.value.faults] == sorted(environment)


@pytest.mark.parametrize("location", ["http://login.example/jwks", "file:///etc/jwks"])
def test_keys_are_never_fetched_in_the_clear(location: str) -> None:
    with pytest.raises(ConfigurationError, match="https"):
        read_settings({"YISHU_JWKS": location})


@pytest.mark.parametrize("location", ["https://login.example/jwks", "http://localhost:9/jwks"])
def test_a_key_set_may_be_a_url(location: str) -> None:
    assert read_settings({"YISHU_JWKS": location}).jwks == location


@pytest.mark.parametrize("content", ["", "not JSON", "[]", '{"keys": {}}', "[" * 100_000, "\ufeff{}"])
def test_a_file_that_is_no_key_set_is_a_fault(tmp_path: Path, content: str) -> None:
    (tmp_path / "keys.json").write_text(content)

    with pytest.raises(ConfigurationError, match="names no JSON Web Key Set"):
        read_settings({"YISHU_JWKS": str(tmp_path / "keys.json")})


def test_production_needs_a_key_set() -> None:
    with pytest.raises(ConfigurationError, match="YISHU_JWKS must be set"):
        read_settings({"YISHU_ENV": "production"})


def test_a_secret_is_never_printed() -> None:
    secret = "ab" * 32
    settings = read_settings({"YISHU_DATABASE_URL": "postgresql://yishu:hush@db/yishu", "YISHU_CURSOR_SECRET": secret})

    assert "hush" not in repr(settings)
    assert repr(bytes.fromhex(secret)) not in repr(settings)
