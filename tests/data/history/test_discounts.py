"""Coupons of every kind, that come, run out, are taken off and replaced."""

from collections.abc import Callable

from data.sandbox.billing.changes import change_items, set_coupons
from data.sandbox.billing.discounting import Asked
from tests.data.history.told import Moves, Told, moves, unknown

Ledger = Callable[[Told], Moves]


def test_once_changes_nothing(told: Told, ledger_of: Ledger) -> None:
    told.subscribe(10_00, coupons=[told.coupon("once", percent_off=50)])
    told.until("2026-04-01")
    assert ledger_of(told) == [("2026-01-01", "new", 120_00)]


def test_forever_reduces(told: Told, ledger_of: Ledger) -> None:
    off = {"amount_off": 2_00, "currency": "usd"}
    told.subscribe(
        items=[(told.price(10_00), 2), (told.price(30_00), 1)], coupons=[told.coupon("forever", **off)]
    )
    told.until("2026-04-01")
    assert ledger_of(told) == [("2026-01-01", "new", 600_00 - 24_00)]


def test_repeating_that_ran_out_long_ago_is_still_known(told: Told, ledger_of: Ledger) -> None:
    told.subscribe(10_00, coupons=[told.coupon("repeating", percent_off=25, duration_in_months=3)])
    told.until("2026-09-01")
    assert ledger_of(told) == [("2026-01-01", "new", 90_00), ("2026-04-01", "expansion", 120_00)]


def test_given_later(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscribe(10_00)
    told.until("2026-03-15")
    told.do(set_coupons, subscription, [told.coupon("forever", percent_off=10)])
    told.until("2026-06-01")
    assert ledger_of(told) == [("2026-01-01", "new", 120_00), ("2026-03-15", "contraction", 108_00)]


def test_replaced_by_another(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscribe(10_00, coupons=[told.coupon("forever", percent_off=50)])
    told.until("2026-03-15")
    told.do(set_coupons, subscription, [told.coupon("forever", percent_off=10)])
    told.until("2026-06-01")
    assert ledger_of(told) == [("2026-01-01", "new", 60_00), ("2026-03-15", "expansion", 108_00)]


def test_taken_off_between_two_invoices(told: Told) -> None:
    subscription = told.subscribe(10_00, coupons=[told.coupon("forever", percent_off=50)])
    told.until("2026-03-15")
    told.do(set_coupons, subscription, [])
    told.until("2026-06-01")
    new = ("2026-01-01", "new", 60_00)
    assert moves(told) == [new, ("2026-03-15", "expansion", 120_00)]
    assert moves(told, with_events=False) == [new, ("2026-04-01", "expansion", 120_00)]
    assert unknown(told) == [("2026-03-01", "2026-04-01", 60_00)]


def test_of_the_whole_customer(told: Told, ledger_of: Ledger) -> None:
    coupon = told.coupon("forever", percent_off=20)
    customer = told.customer_now()
    source = {"type": "coupon", "coupon": coupon}
    discount = {"id": "di_1", "object": "discount", "source": source, "start": told.store.now, "end": None}
    told.store.put("customers", {**customer, "discount": discount})
    told.subscribe(10_00)
    told.until("2026-04-01")
    assert ledger_of(told) == [("2026-01-01", "new", 96_00)]


def test_taken_off_before_its_time_and_no_invoice_since(told: Told) -> None:
    coupon = told.coupon("repeating", percent_off=50, duration_in_months=6)
    subscription = told.subscribe(10_00, coupons=[coupon])
    told.until("2026-01-15")
    told.do(set_coupons, subscription, [])
    told.until("2026-01-20")
    assert moves(told, with_events=False)[-1][2] == moves(told)[-1][2] == 120_00
    assert unknown(told) == [("2026-01-01", None, 60_00)]


def item_discounted(told: Told) -> None:
    """An item has a discount from January on that is taken off in March."""
    subscription, coupon = told.subscribe(10_00), told.coupon("forever", percent_off=50)
    item = {"id": told.item(subscription)["id"]}
    told.do(change_items, subscription, [item | {"discounts": [Asked(None, coupon)]}], "none")
    told.until("2026-03-15")
    told.do(change_items, subscription, [item | {"discounts": []}], "none")
    told.until("2026-06-01")


def test_of_an_item_that_invoices_show(told: Told) -> None:
    item_discounted(told)
    assert [arr for *_, arr in moves(told, with_events=False)] == [60_00, 120_00]
    assert unknown(told) == [("2026-03-01", "2026-04-01", 60_00)]


def test_of_an_item_that_invoices_only_name_is_not_guessed(told: Told) -> None:
    item_discounted(told)
    for invoice in told.store.all("invoices"):
        for line in invoice["lines"]["data"]:
            line["discounts"] = [each["id"] for each in line["discounts"]]
        told.store.put("invoices", invoice)
    assert moves(told, with_events=False) == [("2026-01-01", "new", 120_00)]
    assert unknown(told) == [("2026-02-01", "2026-04-01", -60_00)]


def test_of_the_customer_until_the_subscription_has_one_of_its_own_and_after(told: Told) -> None:
    source = {"type": "coupon", "coupon": told.coupon("forever", percent_off=20)}
    discount = {"id": "di_1", "object": "discount", "source": source, "start": told.store.now, "end": None}
    told.store.put("customers", told.customer_now() | {"discount": discount})
    subscription = told.subscribe(10_00)
    told.until("2026-03-15")
    told.do(set_coupons, subscription, [told.coupon("forever", percent_off=50)])
    told.until("2026-04-15")
    own = [("2026-01-01", "new", 96_00), ("2026-03-15", "contraction", 60_00)]
    assert moves(told, with_events=False) == own
    told.do(set_coupons, subscription, [])
    told.until("2026-06-15")
    assert moves(told, with_events=False) == [*own, ("2026-05-01", "expansion", 96_00)]
    assert moves(told) == [*own, ("2026-04-15", "expansion", 96_00)]
    assert unknown(told) == [("2026-04-01", "2026-05-01", 36_00)]
