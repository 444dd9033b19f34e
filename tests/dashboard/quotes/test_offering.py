"""What a quote leads to once it is accepted: its terms, and what its add-ons are set up with."""

from datetime import date
from typing import Any

import pytest

from dashboard.quotes.offering import wanted
from dashboard.quotes.pricing import price
from dashboard.quotes.reading import read
from data.catalog import load
from data.contracts import Terms, terms
from tests.dashboard.actions.quoted import ENTERPRISE

SOLD, TODAY = load(), date(2026, 1, 3)


def led_to(**changes: Any) -> dict[str, Any]:
    """What Stripe is to bill, and what follows, of the quote of other tests with some fields changed."""
    fields = {**ENTERPRISE, "customer_id": "cus_1", **{k.replace("__", "."): v for k, v in changes.items()}}
    quote = read(fields, SOLD, TODAY).quote
    assert quote is not None
    of = {"quote": "q_1", "version": 1, "seal": "s", "owner": "sam"}
    return wanted(of, fields, price(quote, SOLD), SOLD, TODAY)


@pytest.mark.parametrize(
    ("changes", "agreed", "ends"),
    [
        ({}, Terms(36, notice_days=30, auto_renews=True), False),
        ({"notice_days": None}, Terms(36, auto_renews=True), False),
        ({"renewal": "ends"}, Terms(36, auto_renews=False), True),
        ({"renewal": None, "notice_days": 60}, Terms(36, notice_days=60), False),
    ],
)
def test_what_is_agreed_for_the_end_of_the_term_is_what_renewals_read(
    changes: dict[str, Any], agreed: Terms, ends: bool
) -> None:
    found = led_to(**changes)["terms"]
    assert (terms(found["metadata"]), found["ends"]) == (agreed, ends)


def test_addons_are_set_up_with_what_was_checked() -> None:
    asked = {"addon__sso__domains": "münchen.example, Acme.com acme.com", "addon__sso__scim": "yes"}
    domain, sso = "addon__custom_domain__hostname", {"name": "xn--mnchen-3ya.example"}
    led = led_to(**asked, **{domain: "Portal.MÜNCHEN.example"})
    found = {each["addon"]: each["settings"] for each in led["setups"]}
    assert found["sso"] == {"protocol": "saml", "domains": [sso, {"name": "acme.com"}], "scim": True}
    assert found["custom_domain"] == {"hostname": "portal.xn--mnchen-3ya.example"}


def test_an_uptime_promise_has_the_fee_of_each_time() -> None:
    def promised(**changes: Any) -> dict[str, Any]:
        [found] = [each["settings"] for each in led_to(addons=["sla"], **changes)["setups"]]
        return found

    flat = promised(discount__whole__percent=None)
    ends = promised(discount__whole__percent="20", discount__whole__months=12)
    assert "later" not in flat
    assert (flat["tier"], flat["credits"][0]) == ("99.95", ["99.95", 10])
    assert flat["excluded"] == "Maintenance that was announced does not count."
    assert ends["fee"] == flat["fee"] * 0.8
    assert ends["later"] == [[12, flat["fee"]]]
