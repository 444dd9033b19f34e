"""What an OpenID Connect provider says of itself, checked.

Source: OpenID Connect Discovery 1.0, sections 3 and 4.3.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from dashboard.addons.saml import is_https

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class DiscoveryError(ValueError):
    """The provider cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Provider:
    """A provider's addresses."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str

    def kept(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def discovery_url(issuer: str) -> str:
    """Where the provider describes itself. Raises DiscoveryError for what is no issuer."""
    text = issuer.strip().removesuffix("/.well-known/openid-configuration")
    if not is_https(text) and not text.startswith("http://127.0.0.1:"):
        raise DiscoveryError("The issuer is an address such as https://login.example.com.")
    if "?" in text or "#" in text:
        raise DiscoveryError("An issuer has no ? and no #: take the address up to there.")
    return f"{text.rstrip('/')}/.well-known/openid-configuration"


def read(body: bytes, asked: str) -> Provider:
    """The provider in a discovery document that was asked for at an address. Raises DiscoveryError."""
    told = _json(body)
    issuer = str(told.get("issuer") or "")
    if discovery_url(issuer or asked) != asked or not issuer:
        raise DiscoveryError(
            f"The document says that its issuer is {issuer[:200] or 'nobody'}: type exactly that."
        )
    wrong = list(_wrong(told))
    if wrong:
        raise DiscoveryError(" ".join(wrong))
    return Provider(issuer, *(str(told[name]) for name in ENDPOINTS))


def _wrong(told: dict[str, Any]) -> Iterator[str]:
    secure = urlsplit(str(told.get("issuer"))).scheme == "https"
    for name in ENDPOINTS:
        address = str(told.get(name) or "")
        if not address:
            yield f"The document has no {name}."
        elif secure and not is_https(address):
            yield f"Its {name} is not an https address."
    if "code" not in _list(told, "response_types_supported"):
        yield "The provider does not offer the authorization code flow (response type code)."
    if "RS256" not in _list(told, "id_token_signing_alg_values_supported"):
        yield "The provider does not sign with RS256, which every provider must."


def check_keys(body: bytes) -> int:
    """How many keys for signatures there are at the provider's jwks_uri. Raises DiscoveryError for none."""
    keys = _list(_json(body), "keys")
    count = sum(
        1 for each in keys if isinstance(each, dict) and each.get("use", "sig") == "sig" and "kty" in each
    )
    if not count:
        raise DiscoveryError("The provider's jwks_uri has no key for signatures.")
    return count


def _json(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise DiscoveryError(
            "There is no discovery document: the answer is not JSON. Is it the issuer's address?"
        )
    return told


def _list(told: dict[str, Any], name: str) -> list[Any]:
    found = told.get(name)
    return found if isinstance(found, list) else []
