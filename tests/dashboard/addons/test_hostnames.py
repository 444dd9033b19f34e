"""Hostnames: what is one, what looks like another, what nobody may have."""

import pytest

from dashboard.addons import hostnames
from dashboard.addons.hostnames import HostnameError

OURS = ("ours.example", "domains.ours.example")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Portal.Acme.COM. ", "portal.acme.com"),
        ("bücher.example.de", "xn--bcher-kva.example.de"),
        ("テスト.example.jp", "xn--zckzah.example.jp"),
        ("почта.example.ru", "xn--80a1acny.example.ru"),
    ],
)
def test_a_name_as_dns_has_it(typed: str, name: str) -> None:
    assert hostnames.ascii_form(typed) == name


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "Type a name"),
        ("https://portal.acme.com/x", "without https://"),
        ("10.0.0.1", "IP address"),
        ("::1", "alone|IP address"),
        ("*.acme.com", "wildcard"),
        ("localhost", "needs a domain"),
        ("por tal.acme.com", "no valid hostname"),
        ("under_score.acme.com", "no valid hostname"),
        ("-a.acme.com", "no valid hostname"),
        (f"{'a' * 64}.acme.com", "no valid hostname"),
        ("раураl.acme.com", "mixes Cyrillic and Latin"),
        ("аррӏе.acme.com", "look like Latin|mixes"),
        ("xn--80ak6aa92e.com", "look like Latin|mixes"),
        ("օօօ.acme.com", "look like Latin"),
        ("ɡoogle.com", "look like Latin"),
        ("a\u200db.acme.com", "no valid hostname"),
        ("<script>.acme.com", "no valid hostname"),
        ("=cmd().acme.com", "no valid hostname"),
    ],
)
def test_what_is_refused_says_why(typed: str, why: str) -> None:
    with pytest.raises(HostnameError, match=why):
        hostnames.ascii_form(typed)


def test_what_a_customer_cannot_have() -> None:
    assert list(hostnames.refused("portal.acme.com", OURS)) == []
    assert "belongs to us" in next(hostnames.refused("x.ours.example", OURS))
    assert "a CNAME cannot stand there" in next(hostnames.refused("acme.com", OURS))
    assert "a CNAME cannot stand there" in next(hostnames.refused("acme.co.uk", OURS))
    assert list(hostnames.refused("notours.example.org", OURS)) == []


def test_domains_of_mail() -> None:
    assert hostnames.email_domain("people@Acme.com") == "acme.com"
    with pytest.raises(HostnameError, match="open to everybody"):
        hostnames.email_domain("me@gmail.com")
