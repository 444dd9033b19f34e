"""OpenID Connect discovery: what is read, what is refused, and why."""

import json
from typing import Any

import pytest

from dashboard.addons import oidc
from dashboard.addons.oidc import DiscoveryError

ISSUER = "https://login.acme.com/t1"
GOOD = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
    "response_types_supported": ["code", "id_token"],
    "id_token_signing_alg_values_supported": ["RS256"],
}
ASKED = f"{ISSUER}/.well-known/openid-configuration"


@pytest.mark.parametrize("typed", [ISSUER, f"{ISSUER}/", f" {ASKED} "])
def test_where_a_provider_describes_itself(typed: str) -> None:
    assert oidc.discovery_url(typed) == ASKED


@pytest.mark.parametrize(
    "typed", ["", "login.acme.com", "http://login.acme.com", f"{ISSUER}?a=1", "file:///etc", "https://["]
)
def test_what_is_no_issuer(typed: str) -> None:
    with pytest.raises(DiscoveryError):
        oidc.discovery_url(typed)


def test_what_a_provider_says() -> None:
    assert oidc.read(json.dumps(GOOD).encode(), ASKED).token_endpoint == f"{ISSUER}/token"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"issuer": "https://evil.example"}, "says that its issuer is https://evil.example"),
        ({"issuer": None}, "issuer is nobody"),
        ({"token_endpoint": "http://login.acme.com/token"}, "token_endpoint is not an https address"),
        ({"jwks_uri": None}, "no jwks_uri"),
        ({"jwks_uri": f"{ISSUER}/\ud800"}, "jwks_uri is not an https address"),
        ({"jwks_uri": f"{ISSUER}/\0"}, "jwks_uri is not an https address"),
        ({"response_types_supported": ["id_token"]}, "authorization code flow"),
        ({"id_token_signing_alg_values_supported": "RS256"}, "does not sign with RS256"),
    ],
)
def test_what_is_refused_says_why(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(DiscoveryError, match=why):
        oidc.read(json.dumps(GOOD | changed).encode(), ASKED)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"\xff", b"[" * 100_000])
def test_what_is_no_document(body: bytes) -> None:
    with pytest.raises(DiscoveryError, match="not JSON"):
        oidc.read(body, ASKED)


def test_keys() -> None:
    keys = [{"kty": "RSA", "use": "sig"}, {"kty": "EC"}, {"kty": "RSA", "use": "enc"}, "no key"]
    assert oidc.check_keys(json.dumps({"keys": keys}).encode()) == 2
    with pytest.raises(DiscoveryError, match="no key for signatures"):
        oidc.check_keys(b'{"keys": {}}')
