"""Onboarding as people do it, against real name and web servers on loopback."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import Engine

from dashboard import access
from dashboard.onboarding import checks as addon_checks
from dashboard.onboarding import credits as addon_credits
from dashboard.onboarding import desk as addon_desk
from dashboard.onboarding.desk import AddonError, Kept
from data import clock, config
from data.provisioning import outbox
from tests.addons import metadata, name_server, web_server

TARGET = "domains.ours.example"


@pytest.fixture
def url(sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database that the settings name."""
    url = sqlite_engine.url.render_as_string()
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("CUSTOM_DOMAIN_TARGET", TARGET)
    monkeypatch.setenv("OWN_DOMAINS", "ours.example")
    monkeypatch.setenv("ADDON_PRIVATE_ADDRESSES", "1")
    config.use(None)
    yield url
    config.use(None)


def begun(addon: str) -> Kept:
    return now(addon_desk.request("cus_1", addon))


def now(name: str) -> Kept:
    kept = addon_desk.one(name)
    assert kept is not None
    return kept


def use(monkeypatch: pytest.MonkeyPatch, server: tuple[str, int]) -> None:
    """Ask this name server from now on."""
    monkeypatch.setenv("DNS_SERVERS", f"{server[0]}:{server[1]}")
    config.use(None)


def test_single_sign_on_from_request_to_enforced(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = begun("sso").id
    addon_desk.move(now(name), "waiting", "")
    addon_desk.add_domain(now(name), "people@acme.com")
    with pytest.raises(AddonError, match="there already"):
        addon_desk.add_domain(now(name), "ACME.com")
    with pytest.raises(AddonError, match="is ours"):
        addon_desk.add_domain(now(name), "mail.ours.example")
    body = metadata(clock.now() + timedelta(days=20))
    with web_server({"/metadata": (200, {}, body), "/app/sso": (200, {}, b"<html>")}) as base:
        with pytest.raises(AddonError, match="address where people sign on"):
            addon_desk.saml_from_url(now(name), f"{base}/app/sso")
        with pytest.raises(
            AddonError, match=r"status 404\. The address looks like the one where people sign on"
        ):
            addon_desk.saml_from_url(now(name), f"{base}/other/sso")
        addon_desk.saml_from_url(now(name), f"{base}/metadata")
    assert now(name).settings["metadata"]["entity_id"] == "https://idp.acme.com"
    with pytest.raises(AddonError, match=r"The domain acme\.com is not verified"):
        addon_desk.move(now(name), "verified", "")
    [(_, record)] = addon_checks.records(now(name), TARGET)
    with name_server(f'{record.name} 60 TXT "{record.value}"', "acme.com 60 A 203.0.113.9") as server:
        use(monkeypatch, server)
        assert addon_desk.check(now(name)) == "Checked just now."
    for to in ("verified", "tested", "active", "enforced"):
        if to == "tested":
            with pytest.raises(AddonError, match="an administrator has signed on"):
                addon_desk.move(now(name), to, "")
            for who in ("admin", "member"):
                addon_desk.note_test(now(name), who, f"{who}@acme.com")
        addon_desk.move(now(name), to, "")
    assert now(name).state == "enforced"
    newer = metadata(clock.now() + timedelta(days=400))
    addon_desk.saml_from_file(now(name), newer)  # the next certificate of the same provider
    assert now(name).state == "enforced"
    addon_desk.saml_from_file(
        now(name), metadata(clock.now() + timedelta(days=9), entity="https://new.example")
    )
    assert now(name).state == "waiting"
    assert "verified and tested again" in str(now(name).reason)
    addon_desk.move(now(name), "disabled", "Left")
    told = outbox.claim(url)
    assert [told[0].type, told[0].body["state"]] == ["addon.active", "active"]
    assert told[0].body["settings"]["metadata"]["entity_id"] == "https://idp.acme.com"
    assert outbox.claim(url) == []  # the next goes when this one is acknowledged
    types = []
    while told:
        types.append(told[0].type)
        outbox.acknowledged(url, told[0])
        told = outbox.claim(url)
    assert types == ["addon.active", "addon.enforced", "addon.changed", "addon.disabled"]


def test_an_openid_connect_provider_is_asked(url: str) -> None:
    name = begun("sso").id
    answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
    with web_server(answers) as base:
        told: dict[str, Any] = {
            each: f"{base}/{each}" for each in ("authorization_endpoint", "token_endpoint")
        }
        told |= {"issuer": base, "jwks_uri": f"{base}/keys", "response_types_supported": ["code"]}
        told["id_token_signing_alg_values_supported"] = ["RS256"]
        answers["/.well-known/openid-configuration"] = (200, {}, json.dumps(told).encode())
        answers["/keys"] = (200, {}, b'{"keys": []}')
        with pytest.raises(AddonError, match="no key for signatures"):
            addon_desk.oidc_from_issuer(now(name), base, "client")
        answers["/keys"] = (200, {}, b'{"keys": [{"kty": "RSA"}]}')
        with pytest.raises(AddonError, match="client id"):
            addon_desk.oidc_from_issuer(now(name), base, " ")
        addon_desk.oidc_from_issuer(now(name), base, "client")
    assert now(name).settings["provider"]["issuer"] == base
    assert now(name).settings["protocol"] == "oidc"


def test_a_custom_domain_is_seen_by_the_job(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = begun("custom_domain").id
    with pytest.raises(AddonError, match="belongs to us"):
        addon_desk.set_hostname(now(name), f"x.{TARGET}")
    addon_desk.set_hostname(now(name), "portal.acme.com")
    addon_desk.move(now(name), "waiting", "")
    owner, route = (record for _, record in addon_checks.records(now(name), TARGET))
    assert route == ("CNAME", "portal.acme.com", TARGET)
    with name_server("portal.acme.com 60 A 203.0.113.1", f"{TARGET} 60 A 127.0.0.1") as server:
        use(monkeypatch, server)
        assert addon_checks.repeat(config.settings(), threading.Event()) == 1
        assert addon_checks.repeat(config.settings(), threading.Event()) == 0  # not due yet
    before = now(name)
    assert before.checks["ownership"]["told"] == f"There is no name {owner.name}."
    assert "create the CNAME instead" in before.checks["routing"]["told"]
    zone = (
        f'{owner.name} 60 TXT "{owner.value}"',
        f"portal.acme.com 60 CNAME {TARGET}",
        f"{TARGET} 60 A 127.0.0.1",
    )
    with name_server(*zone) as server:
        use(monkeypatch, server)
        addon_desk.check(before)
    after = now(name)
    assert [after.checks[each]["ok"] for each in ("ownership", "routing")] == [True, True]
    assert after.checks["ownership"]["since"] > before.checks["ownership"]["since"]
    assert addon_desk.in_the_way(after, "verified") == ["Certificate is not proven."]
    addon_desk.move(after, "disabled", "the customer left")
    assert now(name).hostname is None  # somebody else may have it


def test_name_servers_that_are_silent_prove_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.addons.lookups.SECONDS", 0.2)
    name = begun("custom_domain").id
    addon_desk.set_hostname(now(name), "portal.acme.com")
    use(monkeypatch, ("127.0.0.1", 9))
    addon_desk.check(now(name))
    assert now(name).checks["ownership"]["ok"] is None
    assert now(name).checks["routing"]["ok"] is None


def test_downtime_is_of_months_of_the_promise(url: str) -> None:
    name = begun("sla").id
    last = clock.months_before(clock.month_of(clock.now()), 1)
    with pytest.raises(AddonError, match="from which month"):
        addon_desk.note_downtime(now(name), {last: 1}, "typed")
    addon_desk.promise(now(name), "99.9", last, 100_000, "usd", "maintenance")
    for minutes, why in (({"2020-01": 1}, "runs from"), ({last: 10**6}, "the whole month")):
        with pytest.raises(AddonError, match=why):
            addon_desk.note_downtime(now(name), minutes, "typed")
    addon_desk.note_downtime(now(name), {last: 60}, "typed")
    assert addon_desk.downtime(now(name)) == {last: 60}
    addon_desk.move(now(name), "active", "")
    with pytest.raises(AddonError, match="is not changed"):
        addon_desk.promise(now(name), "99.99", last, 1, "usd", "")


def test_a_month_is_credited_by_the_terms_that_ran_in_it(url: str) -> None:
    name, this = begun("sla").id, clock.month_of(clock.now())
    before, last = clock.months_before(this, 2), clock.months_before(this, 1)
    addon_desk.promise(now(name), "99.9", before, 100_000, "usd", "")
    assert addon_credits.months(now(name), clock.now()) == []  # it does not run yet
    addon_desk.move(now(name), "active", "")
    addon_desk.note_downtime(now(name), {before: 60, last: 60}, "typed")
    addon_desk.move(now(name), "disabled", "Another tier")
    later = clock.now() + timedelta(days=70)
    assert [month.month for month, _ in addon_credits.months(now(name), later)] == [this, last, before]
    addon_desk.move(now(name), "requested", "")
    with pytest.raises(AddonError, match="The last promise has ended"):
        addon_desk.move(now(name), "active", "")
    addon_desk.promise(now(name), "99.99", last, 900_000, "eur", "")
    assert [each.month.credit for each in addon_credits.owed(now(name), clock.now())] == [10_000] * 2
    addon_desk.move(now(name), "active", "")
    owed = addon_credits.owed(now(name), clock.now())
    assert [(each.month.month, each.month.credit) for each in owed] == [(last, 225_000), (before, 10_000)]
    assert "1,000.00" in addon_credits.memo(owed[1].month, owed[1].terms)
    half = {**now(name).settings, "credits": [["99.99", 50]]}  # agreed, whatever the catalogue says by now
    [credit, _] = addon_credits.owed(replace(now(name), settings=half), clock.now())
    assert credit.month.credit == 450_000
    with pytest.raises(AddonError, match="no tier of 42%"):
        addon_desk.promise(replace(now(name), state="requested"), "42", last, 1, "usd", "")
    share = addon_credits.share(owed[0], 900_000, 1_190_000, 1_000_000)
    command = addon_credits.command(now(name), owed[0], "in_1", share, refund=False)
    assert (command.minutes, command.amount, command.currency) == (60, 225_000, "eur")
    assert (command.tax, command.credit) == (42_750, 0)
    part = addon_credits.command(
        now(name), owed[0], "in_1", addon_credits.share(owed[0], 119_000, 1_190_000, 1_000_000), refund=False
    )
    assert (part.amount, part.tax, part.credit) == (100_000, 19_000, 225_000)
    assert part.memo.endswith("This credits €1,000.00 of €2,250.00, before tax.")


@pytest.mark.parametrize("role", ["viewer", "finance", ""])
def test_who_may_not(url: str, role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = begun("sso")
    monkeypatch.setitem(st.session_state, "_role", role)
    for refused in (
        lambda: addon_desk.request("cus_2", "sso"),
        lambda: addon_desk.move(kept, "waiting", ""),
        lambda: addon_desk.check(kept),
        lambda: addon_desk.saml_from_url(kept, "https://example.com"),
        lambda: addon_desk.oidc_from_issuer(kept, "https://example.com", "x"),
    ):
        with pytest.raises(access.ForbiddenError):
            refused()
