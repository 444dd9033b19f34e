"""Prices by unit and by tier, decimals of a cent, other currencies, what does not count."""

from collections.abc import Callable
from typing import Any

from data.sandbox.billing.changes import change_items
from data.sandbox.billing.invoicing import create_invoiceitem
from data.sandbox.billing.people import create_price
from tests.data.history.told import Moves, Told

Ledger = Callable[[Told], Moves]
TIERS = [
    {"up_to": 5, "unit_amount": 10_00, "unit_amount_decimal": "1000", "flat_amount": None},
    {"up_to": None, "unit_amount": 8_00, "unit_amount_decimal": "800", "flat_amount": None},
]


def special(told: Told, amount: int | None, **fields: Any) -> str:
    """A monthly price with more than an amount."""
    return str(told.do(create_price, told.product, "usd", amount, ("month", 1), **fields)["id"])


def change(told: Told, subscription: str, quantity: int) -> None:
    """Another quantity, on 16 January."""
    told.until("2026-01-16")
    told.do(change_items, subscription, [{"id": told.item(subscription)["id"], "quantity": quantity}])
    told.until("2026-04-01")


def test_graduated_tiers_at_each_quantity(told: Told, ledger_of: Ledger) -> None:
    price = special(told, None, billing_scheme="tiered", tiers_mode="graduated", tiers=TIERS)
    change(told, told.subscribe(items=[(price, 3)]), 7)
    assert ledger_of(told) == [("2026-01-01", "new", 360_00), ("2026-01-16", "expansion", 792_00)]


def test_volume_tiers_at_each_quantity(told: Told, ledger_of: Ledger) -> None:
    price = special(told, None, billing_scheme="tiered", tiers_mode="volume", tiers=TIERS)
    change(told, told.subscribe(items=[(price, 5)]), 6)
    assert ledger_of(told) == [("2026-01-01", "new", 600_00), ("2026-01-16", "contraction", 576_00)]


def test_decimals_of_a_cent(told: Told, ledger_of: Ledger) -> None:
    price = special(told, None, unit_amount_decimal="0.25")
    change(told, told.subscribe(items=[(price, 1_000)]), 1_001)
    assert ledger_of(told) == [("2026-01-01", "new", 30_00), ("2026-01-16", "expansion", 30_03)]


def test_yen_have_no_decimals(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscribe(items=[(told.price(1_500, currency="jpy"), 2)])
    change(told, subscription, 3)
    assert ledger_of(told) == [("2026-01-01", "new", 36_000), ("2026-01-16", "expansion", 54_000)]


def test_free_is_nothing_until_it_is_paid(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscribe(0)
    told.until("2026-03-16")
    change = {"id": told.item(subscription)["id"], "price": told.price(10_00), "quantity": 2}
    told.do(change_items, subscription, [change])
    told.until("2026-05-01")
    assert ledger_of(told) == [("2026-03-16", "new", 240_00)]


def test_use_and_single_fees_do_not_count(told: Told, ledger_of: Ledger) -> None:
    metered = told.price(5)
    price = told.store.get("prices", metered) or {}
    told.store.put("prices", {**price, "recurring": {**price["recurring"], "usage_type": "metered"}})
    told.subscribe(items=[(told.price(10_00), 1), (metered, 1)])
    told.do(create_invoiceitem, told.customer, "usd", 500_00, "Set-up")
    told.until("2026-04-01")
    assert ledger_of(told) == [("2026-01-01", "new", 120_00)]
