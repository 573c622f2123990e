"""Keys are kept safe, read when needed, and only those that cannot be misused are trusted."""

import asyncio
import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_curve_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.config import Settings
from api.errors import RequestError
from api.identity import Identities
from api.keys import KeySet, KeysUnavailable, usable_keys
from api.secrets import cursor_secret
from api.signing import SigningError, demo_key
from tests.api.conftest import ThreeDepartments

RSA = generate_private_key(65537, 2048)


def _token(algorithm: str, **headers: str) -> str:
    payload = {"sub": "li", "dept": "education", "exp": int(time.time()) + 60}
    return "Bearer " + jwt.encode(payload, RSA, algorithm=algorithm, headers=headers)


async def _refusal(known: Identities, authorization: str) -> str:
    with pytest.raises(RequestError) as raised:
        await known.principal(authorization)
    return raised.value.message


def test_the_demo_key_is_its_owners_alone_and_stays_the_same(tmp_path: Path) -> None:
    first, second = demo_key(tmp_path), demo_key(tmp_path)

    assert first.private_bytes_raw() == second.private_bytes_raw()
    assert (tmp_path / "keys" / "demo.pem").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["demo.pem"]


@pytest.mark.parametrize("content", ["nonsense", "rsa"])
def test_an_unusable_demo_key_is_told(tmp_path: Path, content: str) -> None:
    demo_key(tmp_path)
    path = tmp_path / "keys" / "demo.pem"
    path.write_bytes(_pem(RSA) if content == "rsa" else content.encode())

    with pytest.raises(SigningError, match="remove it"):
        demo_key(tmp_path)


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file")

    with pytest.raises(SigningError, match="cannot use"):
        demo_key(tmp_path)


def _pem(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_the_cursor_secret_is_kept_unless_it_is_set(tmp_path: Path) -> None:
    kept = cursor_secret(Settings(home=tmp_path))

    assert len(kept) == 32
    assert cursor_secret(Settings(home=tmp_path)) == kept
    assert cursor_secret(Settings(home=tmp_path, cursor_secret=b"x" * 32)) == b"x" * 32


def _jwk(key_id: str, **more: object) -> dict[str, object]:
    return {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key())), "kid": key_id, **more}


async def test_a_key_set_is_read_again_when_a_token_names_a_new_key(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [_jwk("old")]}))
    keys = KeySet(str(path), min_age_s=0)
    known = Identities(keys, ThreeDepartments())
    token = _token("PS256", kid="new")

    assert "not trusted" in await _refusal(known, token)
    path.write_text(json.dumps({"keys": [_jwk("new")]}))

    assert (await known.principal(token)).department == "education"
    assert keys.generation == 2


async def test_a_withdrawn_key_stops_counting_for_remembered_tokens(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [_jwk("one")]}))
    keys = KeySet(str(path), min_age_s=0, max_age_s=0)
    known = Identities(keys, ThreeDepartments())
    token = _token("RS256", kid="one")
    await known.principal(token)

    path.write_text(json.dumps({"keys": []}))
    await keys.find("one")

    assert "not trusted" in await _refusal(known, token)


async def test_a_set_that_cannot_be_read_again_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [_jwk("one")]}))
    keys = KeySet(str(path), min_age_s=0, max_age_s=0)

    assert await keys.find("one") is not None
    path.unlink()

    assert await keys.find(None) is not None


async def test_without_any_key_set_nobody_is_let_in(tmp_path: Path) -> None:
    keys = KeySet(str(tmp_path / "missing.json"))
    token = _token("RS256")

    with pytest.raises(KeysUnavailable):
        await keys.find(None)
    assert "cannot be checked" in await _refusal(Identities(keys, ThreeDepartments()), token)


class _KeySetServer(BaseHTTPRequestHandler):
    """Serves a key set, or more than anybody should read."""

    def do_GET(self) -> None:  # the name the standard library calls
        keys = json.dumps({"keys": [_jwk("one")]}).encode()
        body = keys + b" " * (2 << 20) if self.path == "/endless" else keys
        self.send_response(404 if self.path == "/missing" else 200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def key_server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _KeySetServer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


async def test_a_key_set_may_come_from_a_url(key_server: str) -> None:
    assert await KeySet(f"{key_server}/jwks").find("one") is not None


@pytest.mark.parametrize("path", ["/endless", "/missing"])
async def test_a_url_that_gives_no_key_set_lets_nobody_in(key_server: str, path: str) -> None:
    with pytest.raises(KeysUnavailable):
        await KeySet(key_server + path).find("one")


async def test_many_tokens_at_once_read_the_set_once(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [_jwk("one")]}))
    keys = KeySet(str(path))

    found = await asyncio.gather(*(keys.find("one") for _ in range(20)))

    assert all(found)
    assert keys.generation == 1


def test_only_keys_for_asymmetric_signatures_are_used() -> None:
    curve = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(generate_curve_key(SECP256R1())))
    document = {
        "keys": [
            _jwk("rsa"),
            _jwk("pinned", alg="RS512"),
            _jwk("encrypts", use="enc"),
            _jwk("weak", alg="HS256"),
            {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"},
            {"kty": "RSA", "kid": "half"},
            {**curve, "kid": "curve"},
            "nonsense",
        ]
    }

    keys = usable_keys(json.dumps(document).encode())

    assert {key_id: key.algorithms[0] for key_id, key in keys.items()} == {
        "rsa": "RS256",
        "pinned": "RS512",
        "curve": "ES256",
    }
    assert keys["pinned"].algorithms == ("RS512",)
    assert not hasattr(keys["curve"].key, "private_numbers")


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"keys": 7}'])
def test_what_is_no_key_set_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # json's own message, or ours
        usable_keys(text)
