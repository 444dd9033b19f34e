"""Upgrades, downgrades, seats and intervals, with and without proration."""

from collections.abc import Callable

import pytest

from data.sandbox.billing.changes import change_items
from data.sandbox.billing.schedules import schedule_subscription
from data.sandbox.factory import phase
from tests.data.history.told import Moves, Told, moves, unknown
from tests.data.sandbox.scenario import at

Ledger = Callable[[Told], Moves]
PERCENT = {"percent_off": 25}
AMOUNT = {"amount_off": 150_00, "currency": "usd"}


def change(told: Told, subscription: str, proration: str = "create_prorations", **fields: object) -> None:
    """Change a subscription's first item."""
    told.do(change_items, subscription, [{"id": told.item(subscription)["id"], **fields}], proration)


@pytest.mark.parametrize("proration", ["create_prorations", "always_invoice"])
def test_an_upgrade_and_a_downgrade_within_a_period(told: Told, ledger_of: Ledger, proration: str) -> None:
    subscription = told.subscribe(10_00)
    told.until("2026-01-16")
    change(told, subscription, proration, price=told.price(20_00))
    told.until("2026-01-25")
    change(told, subscription, proration, price=told.price(5_00))
    told.until("2026-03-10")
    assert ledger_of(told) == [
        ("2026-01-01", "new", 120_00),
        ("2026-01-16", "expansion", 240_00),
        ("2026-01-25", "contraction", 60_00),
    ]


def test_seats_that_come_and_go(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscribe(10_00, quantity=3)
    for moment, quantity in (("2026-02-10", 8), ("2026-02-11", 7), ("2026-04-20", 2)):
        told.until(moment)
        change(told, subscription, quantity=quantity)
    assert ledger_of(told) == [
        ("2026-01-01", "new", 360_00),
        ("2026-02-10", "expansion", 960_00),
        ("2026-02-11", "contraction", 840_00),
        ("2026-04-20", "contraction", 240_00),
    ]


def test_two_changes_in_one_second_are_one(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscribe(10_00)
    told.until("2026-01-16")
    change(told, subscription, quantity=5)
    change(told, subscription, quantity=3)
    told.until("2026-02-03")
    assert ledger_of(told) == [("2026-01-01", "new", 120_00), ("2026-01-16", "expansion", 360_00)]


def test_without_proration_events_know_the_day(told: Told) -> None:
    subscription = told.subscribe(10_00)
    told.until("2026-01-16")
    change(told, subscription, "none", quantity=2)
    told.until("2026-04-01")
    assert moves(told) == [("2026-01-01", "new", 120_00), ("2026-01-16", "expansion", 240_00)]
    assert unknown(told, with_events=True) == []


def test_without_proration_invoices_know_the_period(told: Told) -> None:
    subscription = told.subscribe(10_00)
    told.until("2026-01-16")
    change(told, subscription, "none", quantity=2)
    told.until("2026-04-01")
    assert moves(told, with_events=False) == [
        ("2026-01-01", "new", 120_00),
        ("2026-02-01", "expansion", 240_00),
    ]
    assert unknown(told) == [("2026-01-01", "2026-02-01", 120_00)]


def test_a_change_that_no_invoice_showed_is_listed(told: Told) -> None:
    subscription = told.subscribe(items=[(told.price(100_00, "year"), 1)])
    told.until("2026-05-05")
    change(told, subscription, "none", quantity=3)
    told.until("2026-06-01")
    assert moves(told, with_events=False)[-1][2] == 300_00
    assert unknown(told) == [("2026-01-01", None, 200_00)]


@pytest.mark.parametrize(
    ("off", "before", "after"), [({"percent_off": 25}, 75_00, 225_00), (AMOUNT, 0, 150_00)]
)
def test_what_no_invoice_showed_is_listed_after_discounts(
    told: Told, off: dict[str, object], before: int, after: int
) -> None:
    items, coupons = [(told.price(100_00, "year"), 1)], [told.coupon("forever", **off)]
    subscription = told.subscribe(items=items, coupons=coupons)
    told.until("2026-05-05")
    change(told, subscription, "none", quantity=3)
    told.until("2026-06-01")
    assert moves(told, with_events=False)[-1][2] == after
    assert unknown(told) == [("2026-01-01", None, after - before)]


def test_a_change_at_renewal_is_dated_by_its_schedule(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscribe(10_00)
    later = phase(
        at("2026-02-01"), at("2026-03-01"), "usd", [(told.price(30_00), 1)], proration_behavior="none"
    )
    told.until("2026-01-10")
    told.do(schedule_subscription, subscription, [later])
    told.until("2026-04-01")
    assert ledger_of(told) == [("2026-01-01", "new", 120_00), ("2026-02-01", "expansion", 360_00)]
    assert unknown(told) == []


def test_phases_without_proration_within_a_period(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscribe(10_00)
    price = told.price(30_00)
    later = phase(at("2026-01-20"), at("2026-06-20"), "usd", [(price, 2)], proration_behavior="none")
    told.do(schedule_subscription, subscription, [later])
    told.until("2026-04-01")
    assert ledger_of(told) == [("2026-01-01", "new", 120_00), ("2026-01-20", "expansion", 720_00)]


def test_from_months_to_years(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscribe(10_00)
    told.until("2026-03-10")
    change(told, subscription, price=told.price(96_00, "year"))
    told.until("2026-05-01")
    assert ledger_of(told) == [
        ("2026-01-01", "new", 120_00),
        ("2026-03-10", "transfer", 120_00),
        ("2026-03-10", "contraction", 96_00),
    ]


def test_a_plan_moved_to_a_new_product_is_a_transfer(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscribe(10_00)
    told.until("2026-03-10")
    told.product = told.new_product("Seats, second edition")
    change(told, subscription, price=told.price(10_00))
    told.until("2026-05-01")
    assert ledger_of(told) == [("2026-01-01", "new", 120_00), ("2026-03-10", "transfer", 120_00)]
