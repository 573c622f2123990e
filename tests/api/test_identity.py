"""A token becomes a principal or is refused; nothing in between."""

import asyncio
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from api.config import Settings
from api.errors import RequestError
from api.identity import Identities, identities
from api.signing import SigningError, demo_key
from api.tokens import Claims, demo_token
from policies.principal import PUBLIC, Principal
from tests.api.conftest import Served, ThreeDepartments

RSA = generate_rsa_key(65537, 2048)
_UNENCRYPTED = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def known(settings: Settings) -> Identities:
    return identities(settings, ThreeDepartments())


def _payload(**claims: object) -> dict[str, object]:
    return {"sub": "li", "dept": "education", "exp": int(time.time()) + 60, **claims}


def _signed(settings: Settings, payload: Mapping[str, object]) -> str:
    return "Bearer " + jwt.encode(dict(payload), demo_key(settings.home), algorithm="EdDSA")


async def _refusal(known: Identities, authorization: str) -> str:
    with pytest.raises(RequestError) as raised:
        await known.principal(authorization)
    assert raised.value.code == "UNAUTHENTICATED"
    return raised.value.message


async def test_no_header_is_the_public(known: Identities) -> None:
    assert await known.principal(None) == PUBLIC


async def test_a_token_says_who_asks(settings: Settings, known: Identities) -> None:
    token = demo_token(settings, Claims("town-330784105", ("clerk", "auditor"), "li", "one-window"), 60)

    principal = await known.principal(f"bearer  {token} ")

    assert principal == Principal("town-330784105", ("auditor", "clerk"), "li", "one-window")


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"exp": 1}, "expired"),
        ({"exp": "soon"}, "malformed"),
        ({"nbf": int(time.time()) + 3600}, "malformed"),
        ({"sub": 7}, "malformed"),
        ({"sub": ""}, "no claim sub"),
        ({"dept": ""}, "no claim dept"),
        ({"dept": None}, "claim dept must be a text"),
        ({"dept": ["education"]}, "claim dept must be a text"),
        ({"dept": "Education"}, "not names the platform uses"),
        ({"dept": "nobody"}, "names no department"),
        ({"dept": "town-330784999"}, "names no department"),
        ({"roles": "auditor"}, "list of names"),
        ({"roles": ["*"]}, "not names the platform uses"),
        ({"roles": ["x"] * 65}, "list of names"),
        ({"roles": [""]}, "list of names"),
        ({"app": "a\x00b"}, "claim app must be a text"),
        ({"app": "a" * 201}, "claim app must be a text"),
    ],
)
async def test_a_token_with_unusable_claims_is_refused(
    settings: Settings, known: Identities, claims: Mapping[str, object], message: str
) -> None:
    assert message in await _refusal(known, _signed(settings, _payload(**claims)))


@pytest.mark.parametrize("missing", ["exp", "sub", "dept"])
async def test_a_token_without_a_needed_claim_is_refused(settings: Settings, known: Identities, missing: str) -> None:
    payload = {name: value for name, value in _payload().items() if name != missing}

    await _refusal(known, _signed(settings, payload))


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Basic bGk6bGk=", "Bearer x", "Bearer a.b.c", "Bearer " + "a" * 20_000, "Bearer é.é.é"],
)
async def test_a_header_that_is_no_token_is_never_taken_for_none(known: Identities, authorization: str) -> None:
    await _refusal(known, authorization)


async def test_a_forged_token_is_refused(settings: Settings, known: Identities) -> None:
    stranger = jwt.encode(_payload(), Ed25519PrivateKey.generate(), algorithm="EdDSA")
    header, _, signature = demo_token(settings, Claims("education"), 60).split(".")
    other = urlsafe_b64encode(json.dumps(_payload(dept="market-regulation")).encode()).decode().rstrip("=")

    await _refusal(known, f"Bearer {stranger}")
    await _refusal(known, f"Bearer {header}.{other}.{signature}")


async def test_a_token_cannot_choose_a_weaker_check(settings: Settings, known: Identities) -> None:
    public = demo_key(settings.home).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    unsigned = jwt.encode(_payload(), "", algorithm="none")
    symmetric = jwt.encode(_payload(), public.ljust(64, b"x"), algorithm="HS256")

    await _refusal(known, f"Bearer {unsigned}")
    await _refusal(known, f"Bearer {symmetric}")


async def test_an_expiry_beyond_any_calendar_is_no_error(settings: Settings, known: Identities) -> None:
    assert (await known.principal(_signed(settings, _payload(exp=10**400)))).department == "education"


async def test_a_remembered_token_still_expires(settings: Settings, known: Identities) -> None:
    token = _signed(settings, _payload(exp=int(time.time()) - 29))
    await known.principal(token)

    await asyncio.sleep(1.1)

    assert "expired" in await _refusal(known, token)


async def test_issuer_and_audience_are_checked_where_set(settings: Settings) -> None:
    strict = replace(settings, token_issuer="https://login.example", token_audience="yishu")
    known = identities(strict, ThreeDepartments())

    assert (await known.principal(f"Bearer {demo_token(strict, Claims('education'), 60)}")).department == "education"
    await _refusal(known, _signed(settings, _payload(iss="https://login.example", aud="other")))
    await _refusal(known, _signed(settings, _payload(iss="https://other.example", aud="yishu")))


def test_demo_tokens_are_refused_where_tokens_come_from_elsewhere(settings: Settings) -> None:
    for elsewhere in (replace(settings, environment="production"), replace(settings, jwks="keys.json")):
        with pytest.raises(SigningError, match="refused"):
            demo_token(elsewhere, Claims("education"), 60)


async def test_a_refused_token_gets_401_and_the_challenge(served: Served) -> None:
    response = await served.client.post(
        "/graphql", json={"query": "{ me }"}, headers={"authorization": "Bearer forged"}
    )

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer realm="yishu", error="invalid_token"'
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert served.service.questions == []


async def test_a_token_reaches_the_engine_as_its_principal(served: Served) -> None:
    headers = {"authorization": f"Bearer {served.token('market-regulation')}"}

    response = await served.client.post("/graphql", json={"query": "{ me }"}, headers=headers)

    assert response.json() == {"data": {"me": "market-regulation"}}
    assert served.service.questions[0].principal == Principal("market-regulation", ("auditor",), "li", "test")


async def test_a_database_that_is_away_is_not_taken_for_a_bad_token(served: Served) -> None:
    served.departments.failure = ConnectionRefusedError()
    headers = {"authorization": f"Bearer {served.token('education')}"}

    response = await served.client.post("/graphql", json={"query": "{ me }"}, headers=headers)

    assert response.status_code == 503
