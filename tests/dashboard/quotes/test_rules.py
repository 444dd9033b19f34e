"""Who has to agree to a quote."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dashboard.quotes.pricing import price
from dashboard.quotes.reading import read
from dashboard.quotes.rules import in_words, needed
from data.approval_rules import ApprovalRule
from data.catalog import load
from data.fx.rates import ExchangeRate, RateTable

SOLD = load()
EURO = ExchangeRate(date(2026, 1, 1), "eur", "usd", Decimal("1.10"))
RATES = RateTable("usd", (EURO,))
FIELDS = {
    "prospect": "Initech", "plan": "enterprise", "capacity": 250, "currency": "usd", "interval": "1year",
    "term": 36, "start": "acceptance", "collection": "send_invoice", "net_days": 30,
}  # fmt: skip
REASON = {"discount.whole.reason": "a reference"}


def asked(rates: RateTable = RATES, **changes: Any) -> dict[str, list[str]]:
    fields = FIELDS | REASON | {name.replace("__", "."): value for name, value in changes.items()}
    reading = read(fields, SOLD, date(2026, 11, 21))
    assert reading.quote is not None
    return needed(price(reading.quote, SOLD), fields, SOLD.approval, rates, "2026-11")


@pytest.mark.parametrize(
    ("changes", "roles"),
    [
        ({}, []),
        ({"discount__whole__percent": "10"}, []),
        ({"discount__whole__percent": "10.01"}, ["manager"]),
        ({"discount__whole__percent": "22"}, ["manager"]),
        ({"discount__whole__percent": "30.01"}, ["manager", "finance"]),
        ({"ramp__1__price": "50", "discount__whole__percent": "1"}, ["manager", "finance"]),
        ({"term": 12}, []),
        ({"term": 6, "interval": "1month"}, ["manager"]),
        ({"term": 60}, ["finance"]),
        ({"net_days": 45}, []),
        ({"net_days": 46}, ["finance"]),
        ({"net_days": 90, "collection": "charge_automatically"}, []),
        ({"addons": ["sla"], "tier__sla": "99.95"}, []),
        ({"addons": ["sla"], "tier__sla": "99.99"}, ["manager"]),
        ({"capacity": 1_750}, ["manager", "finance"]),  # 3 x 214,200 = 642,600
        ({"terms": " Our law applies. "}, ["manager", "finance"]),
        ({"terms": "  "}, []),
    ],
)
def test_who_has_to_agree(changes: dict[str, Any], roles: list[str]) -> None:
    assert list(asked(**changes)) == roles


def test_it_is_told_in_a_sentence() -> None:
    assert in_words({}) == "No approval needed."
    assert in_words(asked(discount__whole__percent="35", net_days=60, terms="x")) == (
        "Needs the approval of manager and finance, because the effective discount is 35.0% (above 30%), "
        "there are terms that differ from the standard and the time to pay is 60 days (above 45 days)."
    )


def test_what_has_no_rate_may_be_above_every_bound() -> None:
    assert not asked(currency="eur")
    told = asked(currency="gbp")["finance"]
    assert told == [
        "the total contract value is £103,500.00, without an exchange rate to USD, "
        "so it may be above $500,000.00"
    ]


@pytest.mark.parametrize(
    "wrong", [{"of": "term"}, {"of": "terms", "over": 1}, {"of": "term", "over": 1, "under": 2}]
)
def test_a_rule_has_a_bound(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a rule of term"):
        ApprovalRule.model_validate({"roles": ["manager"], **wrong})
