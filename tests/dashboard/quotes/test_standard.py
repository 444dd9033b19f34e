"""How a quote differs from the standard."""

from datetime import date
from typing import Any

from dashboard.quotes.pricing import price
from dashboard.quotes.reading import read
from dashboard.quotes.standard import Row, differences
from data.catalog import load

SOLD = load()
FIELDS = {
    "prospect": "Initech", "plan": "enterprise", "capacity": 250, "currency": "usd", "interval": "1year",
    "term": 12, "start": "acceptance", "collection": "send_invoice", "net_days": 30,
}  # fmt: skip


def rows(**changes: Any) -> list[Row]:
    fields = FIELDS | {name.replace("__", "."): value for name, value in changes.items()}
    quote = read(fields, SOLD, date(2026, 11, 21)).quote
    assert quote is not None
    return differences(price(quote, SOLD), fields, SOLD)


def test_a_quote_of_the_list_and_the_standard_terms_differs_in_nothing() -> None:
    assert rows() == []
    assert rows(collection="charge_automatically", net_days=90) == [
        ("Paid by", "Invoice", "Card or bank debit")
    ]


def test_prices_of_later_years_discounts_and_terms_are_told() -> None:
    assert rows(
        term=24, ramp__2__price="160", addons=["sso"], discount__sso__amount="440", discount__sso__months=12,
        discount__sso__reason="Early", net_days=60, terms="Their law.", renewal="ends", notice_days=30,
    ) == [
        ("What recurs in the term", "$89,280.00", "$85,640.00, 4.1% off"),
        ("Single sign-on, yearly", "$1,440.00", "$1,000.00, 30.6% off"),
        ("Year 2, price of a unit", "List price", "160"),
        ("Single sign-on, discount", "No discount", "440 off each bill for 12 months: Early"),
        ("Term in months", "12", "24"),
        ("At the end of the term", "Renews for as long again", "Ends"),
        ("Days to pay", "30", "60"),
        ("Terms that differ from the standard", "nothing", "Their law."),
    ]  # fmt: skip
