"""The message that asks a customer for their part of a set-up."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.onboarding.asking import message
from data.addons.storage import Kept
from data.config import Settings

AT = datetime(2026, 11, 22, tzinfo=UTC)
SAML = {"sso_acs_url": "https://app.example.com/{customer}/acs", "sso_entity_id": "urn:example:{customer}"}
DOMAINS = {"domains": [{"name": "acme.com", "token": "t0k3n"}]}


def kept(kind: str, **settings: Any) -> Kept:
    return Kept(
        "s_1", "cus_1", kind, kind, "requested", AT, None, settings, {}, None, None, 1, AT, "ann@example.com"
    )


def test_all_that_the_customer_has_to_do_is_in_it() -> None:
    chosen = Settings.model_construct(**SAML, custom_domain_target=None)
    text = str(message(kept("single_sign_on", **DOMAINS), "saml", chosen))
    for part in (
        "ACS URL: https://app.example.com/cus_1/acs",
        "Entity id: urn:example:cus_1",
        "SAML metadata",
        "TXT  _addon-verification.acme.com",
        "value  addon-verification=t0k3n",
    ):
        assert part in text
    again = str(message(kept("single_sign_on", metadata={"entity_id": "x"}), "saml", chosen))
    assert "SAML metadata" not in again  # they gave it
    assert "e-mail domains of the people" in again
    target = Settings.model_construct(custom_domain_target="domains.example.com")
    named = str(message(kept("custom_domain", hostname="portal.acme.com", token="t"), "", target))
    assert "to set up portal.acme.com with us" in named
    assert "CNAME  portal.acme.com\n    value  domains.example.com" in named


@pytest.mark.parametrize(
    ("kind", "settings", "known"),
    [
        ("single_sign_on", DOMAINS, {**SAML, "sso_acs_url": None}),
        ("custom_domain", {"hostname": "portal.acme.com", "token": "t"}, {}),
        ("custom_domain", {}, {"custom_domain_target": "domains.example.com"}),
    ],
)
def test_there_is_none_while_something_of_it_is_not_known(
    kind: str, settings: dict[str, Any], known: dict[str, Any]
) -> None:
    chosen = Settings.model_construct(**{"custom_domain_target": None, **known})
    assert message(kept(kind, **settings), "saml", chosen) is None
