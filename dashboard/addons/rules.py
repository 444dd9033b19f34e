"""What each kind of add-on needs before it goes further, and what of it may not change unseen."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from dashboard.addons.states import CUSTOM_DOMAIN, PROVEN, SINGLE_SIGN_ON, UPTIME_SLA, Missing, Setup

TESTERS = {"admin": "an administrator", "member": "an ordinary member"}
DOMAIN_CHECKS = {"ownership": "Ownership", "routing": "Routing", "certificate": "Certificate"}


def _sso_set_up(setup: Setup, now: datetime) -> Iterator[str]:
    settings = setup.settings
    protocol = settings.get("protocol")
    if protocol == "saml" and settings.get("metadata"):
        yield from _certificates(settings["metadata"], now)
    elif protocol == "saml":
        yield "The identity provider's metadata has not been given."
    elif protocol == "oidc" and not settings.get("provider"):
        yield "The provider's issuer has not been read."
    elif protocol == "oidc" and not settings.get("client_id"):
        yield "The client id has not been given."
    elif protocol != "oidc":
        yield "SAML or OpenID Connect has not been chosen."


def _certificates(metadata: Mapping[str, Any], now: datetime) -> Iterator[str]:
    spans = [(each["not_before"], each["not_after"]) for each in metadata["certificates"]]
    if not any(datetime.fromisoformat(first) <= now < datetime.fromisoformat(last) for first, last in spans):
        yield "No certificate of the identity provider is valid now: ask for new metadata."


def _sso_verified(setup: Setup, now: datetime) -> list[str]:
    names = [each["name"] for each in setup.settings.get("domains", [])]
    open_ones = [name for name in names if not setup.passed(f"domain:{name}")]
    missing = [*_sso_set_up(setup, now)]
    if not names:
        missing.append("No e-mail domain has been given.")
    return [*missing, *(f"The domain {name} is not verified." for name in open_ones)]


def _sso_tested(setup: Setup, now: datetime) -> list[str]:
    tests = setup.settings.get("tests", {})
    untested = [told for who, told in TESTERS.items() if who not in tests]
    return [*_sso_verified(setup, now), *(f"Nobody noted that {told} has signed on." for told in untested)]


def _domain_proven(setup: Setup, now: datetime) -> list[str]:
    if not setup.settings.get("hostname"):
        return ["No hostname has been given."]
    return [f"{told} is not proven." for name, told in DOMAIN_CHECKS.items() if not setup.passed(name)]


def _promise_complete(setup: Setup, now: datetime) -> list[str]:
    if setup.settings.get("ended"):
        return ["The last promise has ended: keep a new one, with the month from which it runs."]
    needed = {"tier": "a tier", "begins": "the month from which it runs", "fee": "the month's fee"}
    return [f"Choose {told}." for name, told in needed.items() if setup.settings.get(name) is None]


GUARDS: Mapping[str, Mapping[str, Missing]] = {
    SINGLE_SIGN_ON: {
        "verified": _sso_verified,
        "tested": _sso_tested,
        "active": _sso_tested,
        "enforced": _sso_tested,
    },
    CUSTOM_DOMAIN: {"verified": _domain_proven, "active": _domain_proven},
    UPTIME_SLA: {"active": _promise_complete},
}


def identity(kind: str, settings: Mapping[str, Any]) -> tuple[Any, ...]:
    """What was verified: once it is another, verification and tests say nothing any more."""
    if kind == CUSTOM_DOMAIN:
        return (settings.get("hostname"),)
    if kind != SINGLE_SIGN_ON:
        return ()
    metadata, provider = settings.get("metadata") or {}, settings.get("provider") or {}
    places = sorted(each["location"] for each in metadata.get("endpoints", []) if each["use"] == "sign on")
    return (
        settings.get("protocol"),
        metadata.get("entity_id"),
        tuple(places),
        provider.get("issuer"),
        settings.get("client_id"),
    )


def after_change(setup: Setup, settings: Mapping[str, Any]) -> tuple[str, dict[str, Any], str | None]:
    """State, settings and reason once settings are changed: what was proven of others leads back."""
    changed = dict(settings)
    if identity(setup.kind, setup.settings) == identity(setup.kind, settings):
        return setup.state, changed, None
    changed.pop("tests", None)
    if setup.state in PROVEN:
        return (
            "waiting",
            changed,
            "What had been verified was changed, so it is to be verified and tested again.",
        )
    return setup.state, changed, None
