"""Changes in the middle of a period: what is credited, what is charged, and when."""

import pytest

from data.sandbox.billing import changes
from tests.data.sandbox.scenario import Scenario, day

HALF = "2026-01-18 22:00"  # half of the 31 days that begin on 3 January, 10:00


def change(scenario: Scenario, identity: str, proration: str = "create_prorations", **fields: object) -> None:
    row = {"id": scenario.item(identity)["id"], **fields}
    scenario.do(changes.change_items, identity, [row], proration)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ((1_000, 1), {"amount": 2_000}, [1_000, -500, 2_000]),
        ((1_000, 1), {"quantity": 3}, [1_500, -500, 3_000]),
        ((1_000, 4), {"quantity": 1}, [500, -2_000, 1_000]),
        ((999, 1), {"amount": 2_001}, [1_000, -500, 2_001]),
        ((0, 1), {"amount": 2_000}, [1_000, 2_000]),
        ((2_000, 1), {"amount": 0}, [-1_000, 0]),
    ],
)
def test_half_of_the_period_is_credited_and_charged(
    scenario: Scenario, old: tuple[int, int], new: dict[str, int], expected: list[int]
) -> None:
    identity = scenario.subscribe(*old)
    scenario.until(HALF)
    fields: dict[str, object] = {"price": scenario.price(new["amount"])} if "amount" in new else {**new}
    change(scenario, identity, **fields)
    assert len(scenario.invoices()) == 1
    scenario.until("2026-02-04")
    assert scenario.lines() == expected
    assert scenario.last_invoice()["total"] == sum(expected)


def test_always_invoice_bills_the_difference_now(scenario: Scenario) -> None:
    identity = scenario.subscribe(1_000)
    scenario.until(HALF)
    change(scenario, identity, "always_invoice", price=scenario.price(2_000))
    assert scenario.invoices()[1:] == [("2026-01-18", "paid", 500, 500)]
    invoice = scenario.last_invoice()
    assert invoice["billing_reason"] == "subscription_update"
    credit = invoice["lines"]["data"][1]["parent"]["subscription_item_details"]
    assert credit["proration"] is True
    first = next(iter(scenario.store.all("invoices")))
    assert credit["proration_details"]["credited_items"] == {
        "invoice": first["id"],
        "invoice_line_items": [first["lines"]["data"][0]["id"]],
    }
    scenario.until("2026-02-04")
    assert scenario.lines() == [2_000]


def test_a_downgrade_invoiced_now_leaves_credit_for_later(scenario: Scenario) -> None:
    identity = scenario.subscribe(10_000)
    scenario.until(HALF)
    change(scenario, identity, "always_invoice", price=scenario.price(2_000))
    assert scenario.invoices()[1] == ("2026-01-18", "paid", -4_000, 0)
    assert scenario.customer_now()["balance"] == -4_000
    scenario.until("2026-03-04")
    assert scenario.invoices()[2:] == [("2026-02-03", "paid", 2_000, 0), ("2026-03-03", "paid", 2_000, 0)]


def test_without_proration_only_the_next_period_costs_more(scenario: Scenario) -> None:
    identity = scenario.subscribe(1_000)
    scenario.until(HALF)
    change(scenario, identity, "none", quantity=5)
    scenario.until("2026-02-04")
    assert scenario.lines() == [5_000]
    assert scenario.store.count("invoiceitems") == 0


def test_a_discount_is_part_of_both_sides(scenario: Scenario) -> None:
    coupon = scenario.coupon("forever", percent_off=20)
    identity = scenario.subscribe(1_000, coupons=[coupon])
    scenario.until(HALF)
    change(scenario, identity, price=scenario.price(2_000))
    scenario.until("2026-02-04")
    assert scenario.lines() == [800, -400, 2_000]
    assert scenario.last_invoice()["total"] == 800 - 400 + 1_600


def test_another_interval_begins_now_and_is_billed_now(scenario: Scenario) -> None:
    identity = scenario.subscribe(1_000)
    scenario.until(HALF)
    change(scenario, identity, price=scenario.price(12_000, "year"))
    assert scenario.lines() == [-500, 12_000]
    assert day(scenario.item(identity)["current_period_end"]) == "2027-01-18"
    assert day(scenario.subscription(identity)["billing_cycle_anchor"]) == "2026-01-18"
    scenario.until("2027-01-19")
    assert [invoice[2] for invoice in scenario.invoices()] == [1_000, 11_500, 12_000]


def test_items_come_and_go(scenario: Scenario) -> None:
    identity = scenario.subscribe(1_000)
    scenario.until(HALF)
    scenario.do(changes.change_items, identity, [{"price": scenario.price(400)}])
    scenario.until("2026-02-04")
    assert scenario.lines() == [200, 1_000, 400]
    added = scenario.subscription(identity)["items"]["data"][1]["id"]
    scenario.do(changes.change_items, identity, [{"id": added, "deleted": True}], "none")
    scenario.until("2026-03-04")
    assert scenario.lines() == [1_000]


def test_a_trial_changes_without_cost(scenario: Scenario) -> None:
    identity = scenario.subscribe(1_000, trial_days=14)
    change(scenario, identity, "always_invoice", quantity=3)
    scenario.until("2026-01-18")
    assert [invoice[2] for invoice in scenario.invoices()] == [0, 3_000]


def test_the_event_says_what_the_items_were(scenario: Scenario) -> None:
    identity = scenario.subscribe(1_000)
    change(scenario, identity, "none", quantity=7)
    event = list(scenario.store.all("events"))[-1]
    assert event["type"] == "customer.subscription.updated"
    assert event["data"]["previous_attributes"]["items"]["data"][0]["quantity"] == 1
    assert event["data"]["object"]["items"]["data"][0]["quantity"] == 7
    assert event["request"]["id"].startswith("req_")


def test_coupons_are_replaced(scenario: Scenario) -> None:
    identity = scenario.subscribe(1_000, coupons=[scenario.coupon("forever", percent_off=10)])
    scenario.do(changes.set_coupons, identity, [scenario.coupon("forever", percent_off=30)])
    scenario.until("2026-02-04")
    assert scenario.last_invoice()["total"] == 700
    counts = [coupon["times_redeemed"] for coupon in scenario.store.all("coupons")]
    assert counts == [1, 1]
