"""The clock: however it is moved, the same things happen; and nothing happens by halves."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.sandbox import engine
from data.sandbox.billing import DAY, cancellations, changes
from data.sandbox.store import Store
from tests.data.sandbox.scenario import Scenario

Json = dict[str, Any]
RESOURCES = ("customers", "subscriptions", "invoices", "invoiceitems", "charges", "coupons", "events")


def contents(store: Store) -> dict[str, list[Json]]:
    """Everything in a store, in its order."""
    return {resource: list(store.all(resource)) for resource in RESOURCES}


def busy(store: Store) -> Scenario:
    """Subscriptions of every kind with something about to happen."""
    scenario = Scenario(store, "2026-01-31")
    scenario.subscribe(1_000, 2, coupons=[scenario.coupon("repeating", percent_off=20, duration_in_months=2)])
    scenario.subscribe(items=[(scenario.price(900, "week"), 1)])
    scenario.subscribe(5_000, trial_days=10)
    scenario.subscribe(80_000, collection_method="send_invoice", days_until_due=14)
    leaving, growing = scenario.subscribe(700), scenario.subscribe(2_900, 3)
    scenario.do(cancellations.cancel_at_period_end, leaving)
    scenario.do(changes.change_items, growing, [{"id": scenario.item(growing)["id"], "quantity": 5}])
    scenario.card("9995")
    scenario.subscribe(1_500)
    scenario.card("0341")
    return scenario


@settings(max_examples=12, deadline=None)
@given(stops=st.lists(st.integers(0, 100 * DAY), max_size=5))
def test_many_small_steps_end_where_one_big_step_ends(stops: list[int]) -> None:
    whole, parts = Store(), Store()
    end = busy(whole).store.now + 100 * DAY
    start = busy(parts).store.now
    engine.advance(whole, end)
    for stop in sorted(stops):
        engine.advance(parts, start + stop)
    engine.advance(parts, end)
    assert contents(parts) == contents(whole)
    whole.close()
    parts.close()


def test_moving_to_the_same_moment_again_changes_nothing(store: Store) -> None:
    scenario = busy(store)
    scenario.until("2026-02-10")
    before = contents(store)
    scenario.until("2026-02-10")
    assert contents(store) == before


def test_every_invoice_adds_up_after_a_busy_quarter(store: Store) -> None:
    busy(store).until("2026-05-10")
    for invoice in store.all("invoices"):
        assert invoice["amount_remaining"] == invoice["amount_due"] - invoice["amount_paid"]
        assert invoice["subtotal"] == sum(line["amount"] for line in invoice["lines"]["data"])
    paid = sum(charge["amount"] for charge in store.all("charges") if charge["paid"])
    by_card = sum(each["amount_paid"] - each["amount_paid_off_stripe"] for each in store.all("invoices"))
    assert paid == by_card


def test_work_that_fails_leaves_everything_as_it_was(store: Store) -> None:
    scenario = busy(store)
    before = contents(store)
    with pytest.raises(RuntimeError):
        _interrupted(scenario)
    assert contents(store) == before


def _interrupted(scenario: Scenario) -> None:
    with scenario.work() as billing:
        engine.run(billing, scenario.store.now + 40 * DAY)
        raise RuntimeError
