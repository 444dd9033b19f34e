"""Fields as they are typed: what they mean, and which rule each breaks."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.quotes import joining
from dashboard.quotes.fields import label
from dashboard.quotes.model import Discount, Step
from dashboard.quotes.pricing import price
from dashboard.quotes.reading import Reading, read
from dashboard.quotes.rules import needed
from dashboard.quotes.sealing import seal
from dashboard.quotes.standard import differences
from data.catalog import load
from data.fx.rates import RateTable

SOLD, TODAY = load(), date(2026, 11, 21)
GOOD = {
    "prospect": "Initech",
    "plan": "enterprise",
    "capacity": 250,
    "currency": "usd",
    "interval": "3month",
    "term": 36,
    "start": "acceptance",
    "collection": "send_invoice",
    "net_days": 30,
}


def reading(**changes: Any) -> Reading:
    names = {name.replace("__", "."): value for name, value in changes.items()}
    return read({**GOOD, **names}, SOLD, TODAY)


def test_a_whole_quote_is_read() -> None:
    found = reading(
        addons=["sla"],
        tier__sla="99.95",
        discount__whole__percent="22.5 %",
        discount__whole__reason="three years",
        discount__sla__amount="1,200.50",
        discount__sla__reason="launch",
        discount__sla__months=12,
        ramp__2__capacity=300,
        ramp__3__price="30",
        fee__1__name="Onboarding",
        fee__1__amount="2500",
        start="date",
        start_on="2027-01-01",
    )
    assert found.broken == []
    assert found.quote is not None
    assert found.quote.discounts == {
        "sla": Discount(amount=120_050, months=12),
        "whole": Discount(percent=Decimal("22.5")),
    }
    assert found.quote.ramp == {2: Step(capacity=300), 3: Step(unit_price=3_000)}
    assert (found.quote.fees[0].amount, found.quote.start) == (250_000, date(2027, 1, 1))


@pytest.mark.parametrize(
    ("changes", "name", "told"),
    [
        ({"prospect": ""}, "customer_id", "Choose a customer"),
        ({"prospect_email": "nobody"}, "prospect_email", "a name, an @ and a domain"),
        ({"plan": None}, "plan", "Choose a plan"),
        ({"plan": "sso"}, "plan", "Choose a plan"),
        ({"capacity": 0}, "capacity", "a whole number from 1"),
        ({"plan": "free", "interval": "1month", "capacity": 6}, "capacity", "Free has at most 5 seats"),
        ({"term": 35}, "term", "a multiple of 3 months"),
        ({"term": 72}, "term", "from 1 to 60"),
        ({"interval": "1week"}, "interval", "Choose how often"),
        ({"plan": "business"}, "interval", "Business has no list price for this billing interval"),
        ({"currency": "chf"}, "plan", "Enterprise has no list price in CHF"),
        ({"plan": "free", "interval": "1month", "addons": ["sso"]}, "addons", "needs Business or Enterprise"),
        ({"addons": ["gone"]}, "addons", "no longer in the catalog"),
        ({"addons": ["sla"]}, "tier.sla", "Choose the uptime"),
        ({"discount__whole__percent": "22,5"}, "discount.whole.percent", "a number such as 22.5"),
        ({"discount__whole__percent": "0"}, "discount.whole.percent", "more than 0 and at most 100"),
        ({"discount__whole__percent": "1.005"}, "discount.whole.percent", "at most two places"),
        ({"discount__whole__percent": "5"}, "discount.whole.reason", "Say why"),
        (
            {"discount__whole__percent": "5", "discount__whole__amount": "5"},
            "discount.whole.amount",
            "not both",
        ),
        ({"discount__whole__amount": "5.005"}, "discount.whole.amount", "at most 2 places"),
        ({"discount__whole__amount": "9" * 40}, "discount.whole.amount", "a number such as"),
        ({"discount__whole__months": 4}, "discount.whole.months", "a multiple of 3 months"),
        ({"discount__whole__months": 48}, "discount.whole.months", "from 1 to 36"),
        ({"ramp__4__capacity": 300}, "ramp.4.capacity", "after the term"),
        ({"ramp__2__capacity": 0}, "ramp.2.capacity", "a whole number"),
        ({"fee__1__amount": "10"}, "fee.1.name", "what the fee is for"),
        ({"fee__1__name": "Onboarding"}, "fee.1.amount", "how much"),
        ({"fee__1__name": "Onboarding", "fee__1__amount": "-1"}, "fee.1.amount", "not negative"),
        ({"start": "date"}, "start_on", "Choose the day"),
        ({"start": "date", "start_on": "2026-11-20"}, "start_on", "past"),
        ({"expires_on": "2026-11-20"}, "expires_on", "past"),
        ({"ramp__1__price": "9999999999"}, "ramp.1.price", "more than can be billed"),
        ({"net_days": 400}, "net_days", "from 0 to 365"),
        ({"collection": None}, "collection", "how it is paid"),
    ],
)
def test_a_broken_rule_is_told_beside_its_field(changes: dict[str, Any], name: str, told: str) -> None:
    assert any(told in each for each in reading(**changes).of(name))


def test_yen_have_no_decimals() -> None:
    wrong = reading(currency="jpy", discount__whole__amount="5.5", discount__whole__reason="x")
    assert "in whole units" in wrong.of("discount.whole.amount")[0]


NAMES = [
    *GOOD,
    "addons",
    "tier.sla",
    "start_on",
    "expires_on",
    "discount.whole.percent",
    "discount.sso.amount",
]
NAMES += ["discount.whole.months", "ramp.2.capacity", "ramp.1.price", "fee.1.amount", "fee.1.name", "ramp.x"]
NAMES += ["terms", "addon.sso.domains", "addon.custom_domain.hostname", "ramp.2.price.sso", "notes_inside"]
NAMES += [*joining.FIELDS, "of.subscription", "of.capacity"]
VALUES = st.none() | st.integers() | st.text(max_size=30) | st.lists(st.sampled_from(["sso", "sla", "x"]))
VALUES |= st.sampled_from(
    ["enterprise", "usd", "jpy", "1month", "1year", "date", "renewal", "99.9", "1e9", "５", "2027-02-28"]
)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_whatever_is_typed_is_answered(fields: dict[str, Any]) -> None:
    found = read({**GOOD, **fields}, SOLD, TODAY)
    assert all(label(each.field, SOLD) for each in found.broken)
    if found.quote:
        priced = price(found.quote, SOLD)
        assert priced.total >= 0
        assert len(seal(fields, priced)) == 64
        needed(priced, fields, SOLD.approval, RateTable("usd", ()), "2026-11")
        differences(priced, fields, SOLD)
