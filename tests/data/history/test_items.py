"""Several items, several subscriptions."""

from collections.abc import Callable

from data.sandbox.billing.cancellations import cancel_now
from data.sandbox.billing.changes import change_items
from tests.data.history.told import Moves, Told, moves, unknown

Ledger = Callable[[Told], Moves]


def test_items_added_and_removed(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscribe(10_00)
    told.until("2026-01-16")
    told.do(change_items, subscription, [{"price": told.price(3_00), "quantity": 2}])
    told.until("2026-03-07")
    added = told.subscription(subscription)["items"]["data"][-1]["id"]
    told.do(change_items, subscription, [{"id": added, "deleted": True}])
    told.until("2026-05-01")
    assert ledger_of(told) == [
        ("2026-01-01", "new", 120_00),
        ("2026-01-16", "expansion", 192_00),
        ("2026-03-07", "contraction", 120_00),
    ]


def test_an_item_that_is_there_still_says_when_it_came(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscribe(10_00)
    told.until("2026-01-16")
    told.do(change_items, subscription, [{"price": told.price(3_00)}], "none")
    told.until("2026-05-01")
    assert ledger_of(told) == [("2026-01-01", "new", 120_00), ("2026-01-16", "expansion", 156_00)]
    assert unknown(told) == []


def test_an_item_that_went_without_a_word_is_missing_from_the_next_invoice(told: Told) -> None:
    subscription = told.subscribe(items=[(told.price(10_00), 1), (told.price(4_00), 1)])
    second = told.subscription(subscription)["items"]["data"][1]["id"]
    told.until("2026-01-16")
    told.do(change_items, subscription, [{"id": second, "deleted": True}], "none")
    told.until("2026-04-01")
    start = ("2026-01-01", "new", 168_00)
    assert moves(told) == [start, ("2026-01-16", "contraction", 120_00)]
    assert moves(told, with_events=False) == [start, ("2026-02-01", "contraction", 120_00)]
    assert unknown(told) == [("2026-01-01", "2026-02-01", -48_00)]


def test_an_item_replaced_by_one_of_another_product(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscribe(10_00)
    told.until("2026-02-10")
    told.product = told.new_product("Business")
    changes = [{"id": told.item(subscription)["id"], "deleted": True}, {"price": told.price(25_00)}]
    told.do(change_items, subscription, changes)
    told.until("2026-04-01")
    assert ledger_of(told) == [
        ("2026-01-01", "new", 120_00),
        ("2026-02-10", "transfer", 120_00),
        ("2026-02-10", "expansion", 300_00),
    ]


def test_leaving_one_of_two_subscriptions_contracts(told: Told, ledger_of: Ledger) -> None:
    first = told.subscribe(10_00)
    told.until("2026-02-10")
    second = told.subscribe(30_00)
    told.until("2026-03-15")
    told.do(cancel_now, first)
    told.until("2026-04-15")
    told.do(cancel_now, second)
    told.until("2026-06-01")
    third = told.subscribe(5_00)
    assert told.status(third) == "active"
    assert ledger_of(told) == [
        ("2026-01-01", "new", 120_00),
        ("2026-02-10", "expansion", 480_00),
        ("2026-03-15", "contraction", 360_00),
        ("2026-04-15", "churn", 0),
        ("2026-06-01", "reactivation", 60_00),
    ]
