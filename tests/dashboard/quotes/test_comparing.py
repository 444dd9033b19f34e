"""Versions of a quote side by side."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dashboard.quotes.comparing import changes, money, shown, sittings
from dashboard.quotes.model import Quote
from dashboard.quotes.pricing import price
from dashboard.quotes.sealing import figures
from data.catalog import load

SOLD = load()
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Kept:
    version: int
    saved_by: str
    saved_at: datetime


def test_edits_of_one_person_at_one_sitting_are_one_version() -> None:
    minutes = [(6, "Ada", 40), (5, "Ada", 38), (4, "Grace", 37), (3, "Ada", 30), (2, "Ada", 5), (1, "Ada", 0)]
    versions = [Kept(number, name, NOON + timedelta(minutes=at)) for number, name, at in minutes]
    assert [each.version for each in sittings(versions)] == [6, 4, 3, 2]
    assert sittings([]) == []


def test_what_changed_is_told_in_words() -> None:
    before = {"plan": "business", "addons": ["sso"], "prospect_email": "a@b.example", "term": 12}
    after = {"plan": "enterprise", "addons": ["sso", "sla"], "interval": "3month", "term": 12}
    assert changes(before, after, SOLD, hidden=("prospect_email",)) == [
        ("Plan", "Business", "Enterprise"),
        ("Add-ons", "Single sign-on", "Single sign-on, Uptime SLA"),
        ("Billed", "nothing", "quarterly"),
    ]
    assert shown("collection", "send_invoice", SOLD) == "Invoice"


def test_money_of_two_currencies_has_no_difference() -> None:
    dollars, yen = (
        figures(price(Quote("enterprise", 100, code, "1year", 12), SOLD)) for code in ("usd", "jpy")
    )
    assert money(dollars, yen)[0] == (
        "Total contract value",
        "$21,600.00",
        "¥3,120,000",
        "another currency",
    )
    assert money(dollars, None) == []
