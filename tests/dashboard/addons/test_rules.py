"""States: each step is guarded, and changing what was proven leads back."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from dashboard.addons import rules, saml, states
from dashboard.addons.states import CUSTOM_DOMAIN, PATHS, SINGLE_SIGN_ON, STATES, UPTIME_SLA, Setup
from tests.addons import NOW, metadata

OK, NO = {"ok": True}, {"ok": False}
METADATA = saml.read(metadata(NOW + timedelta(days=90))).kept()
SSO: dict[str, Any] = {
    "protocol": "saml",
    "metadata": METADATA,
    "domains": [{"name": "acme.com", "token": "t"}],
}
TESTS = {"admin": {"by": "ann"}, "member": {"by": "ann"}}


def lacks(setup: Setup, to: str, days: int = 0) -> list[str]:
    return states.in_the_way(setup, to, NOW + timedelta(days=days), rules.GUARDS[setup.kind])


def test_single_sign_on_from_request_to_enforced() -> None:
    proven = {"domain:acme.com": OK}
    assert lacks(Setup(SINGLE_SIGN_ON, "requested"), "waiting") == []
    assert lacks(Setup(SINGLE_SIGN_ON, "waiting"), "verified") == [
        "SAML or OpenID Connect has not been chosen.",
        "No e-mail domain has been given.",
    ]
    assert lacks(Setup(SINGLE_SIGN_ON, "waiting", SSO, {"domain:acme.com": NO}), "verified") == [
        "The domain acme.com is not verified."
    ]
    assert lacks(Setup(SINGLE_SIGN_ON, "waiting", SSO, proven), "verified") == []
    assert lacks(Setup(SINGLE_SIGN_ON, "verified", SSO, proven), "tested") == [
        "Nobody noted that an administrator has signed on.",
        "Nobody noted that an ordinary member has signed on.",
    ]
    tested = SSO | {"tests": TESTS}
    for state, to in (
        ("verified", "tested"),
        ("tested", "active"),
        ("active", "enforced"),
        ("enforced", "active"),
    ):
        assert lacks(Setup(SINGLE_SIGN_ON, state, tested, proven), to) == []
    assert "No certificate of the identity provider is valid now" in lacks(
        Setup(SINGLE_SIGN_ON, "tested", tested, proven), "active", days=91
    )[0]  # fmt: skip


def test_openid_connect_needs_its_provider_and_client() -> None:
    settings: dict[str, Any] = {"protocol": "oidc", "domains": SSO["domains"]}
    setup = Setup(SINGLE_SIGN_ON, "waiting", settings, {"domain:acme.com": OK})
    assert lacks(setup, "verified") == ["The provider's issuer has not been read."]
    given = settings | {"provider": {"issuer": "x"}}
    assert lacks(Setup(SINGLE_SIGN_ON, "waiting", given, setup.checks), "verified") == [
        "The client id has not been given."
    ]


@pytest.mark.parametrize("name", rules.DOMAIN_CHECKS)
@pytest.mark.parametrize("found", [NO, {"ok": None}, {}])
def test_a_custom_domain_needs_all_three(name: str, found: dict[str, Any]) -> None:
    settings, checks = {"hostname": "a.acme.com"}, dict.fromkeys(rules.DOMAIN_CHECKS, OK)
    assert lacks(Setup(CUSTOM_DOMAIN, "waiting", settings, checks), "verified") == []
    assert len(lacks(Setup(CUSTOM_DOMAIN, "waiting", settings, checks | {name: found}), "verified")) == 1
    assert len(lacks(Setup(CUSTOM_DOMAIN, "verified", settings, checks | {name: found}), "active")) == 1


def test_a_promise_needs_its_terms() -> None:
    assert len(lacks(Setup(UPTIME_SLA, "requested"), "active")) == 3
    told = {"tier": "99.9", "begins": "2026-10", "fee": 100}
    assert lacks(Setup(UPTIME_SLA, "requested", told), "active") == []


@pytest.mark.parametrize("kind", PATHS)
def test_no_other_step_is_there(kind: str) -> None:
    for state, to in product(STATES, STATES):
        if to not in PATHS[kind].get(state, ()):
            assert "does not lead to" in lacks(Setup(kind, state), to)[0]
    reached = {"requested"} | {to for ways in PATHS[kind].values() for to in ways}
    assert reached == set(PATHS[kind])
    assert all("disabled" in ways or state == "disabled" for state, ways in PATHS[kind].items())


def test_another_identity_provider_leads_back_and_the_next_certificate_does_not() -> None:
    live = Setup(SINGLE_SIGN_ON, "enforced", SSO | {"tests": TESTS})
    rotated = saml.read(metadata(NOW + timedelta(days=90), NOW + timedelta(days=400))).kept()
    state, settings, reason = rules.after_change(live, {**live.settings, "metadata": rotated})
    assert (state, settings["tests"], reason) == ("enforced", TESTS, None)
    other = saml.read(metadata(NOW + timedelta(days=90), entity="https://other.example")).kept()
    state, settings, reason = rules.after_change(live, {**live.settings, "metadata": other})
    assert state == "waiting"
    assert "tests" not in settings
    assert reason is not None


def test_another_hostname_leads_back() -> None:
    live = Setup(CUSTOM_DOMAIN, "active", {"hostname": "a.acme.com"})
    assert rules.after_change(live, {"hostname": "b.acme.com"})[0] == "waiting"
    assert rules.after_change(Setup(CUSTOM_DOMAIN, "requested"), {"hostname": "b.acme.com"})[0] == "requested"
