"""Renewals: what is billed when, with discounts, taxes, balances and pending items."""

import pytest

from data.sandbox import engine
from data.sandbox.billing import changes, invoicing, people
from data.sandbox.store import Store
from tests.data.sandbox.scenario import Scenario, at, day


def test_a_monthly_subscription_keeps_the_end_of_the_month(store: Store) -> None:
    scenario = Scenario(store, "2026-01-31")
    scenario.subscribe(1_000)
    scenario.until("2026-05-01")
    assert scenario.invoices() == [
        ("2026-01-31", "paid", 1_000, 1_000),
        ("2026-02-28", "paid", 1_000, 1_000),
        ("2026-03-31", "paid", 1_000, 1_000),
        ("2026-04-30", "paid", 1_000, 1_000),
    ]


@pytest.mark.parametrize(
    ("interval", "count", "until", "renewed"),
    [
        ("week", 1, "2026-02-01", ["2026-01-10", "2026-01-17", "2026-01-24", "2026-01-31"]),
        ("month", 3, "2026-12-31", ["2026-04-03", "2026-07-03", "2026-10-03"]),
        ("month", 6, "2027-06-01", ["2026-07-03", "2027-01-03"]),
        ("year", 1, "2028-02-01", ["2027-01-03", "2028-01-03"]),
    ],
)
def test_every_interval_renews_on_its_day(
    interval: str, count: int, until: str, renewed: list[str], scenario: Scenario
) -> None:
    scenario.subscribe(items=[(scenario.price(5_000, interval, count), 2)])
    scenario.until(until)
    assert [invoice[0] for invoice in scenario.invoices()[1:]] == renewed
    assert {invoice[2] for invoice in scenario.invoices()} == {10_000}


def test_a_renewal_is_a_draft_for_an_hour_then_final_and_paid(scenario: Scenario) -> None:
    identity = scenario.subscribe(1_000)
    scenario.until("2026-02-03 10:30")
    draft = scenario.last_invoice()
    assert (draft["status"], draft["billing_reason"]) == ("draft", "subscription_cycle")
    assert draft["automatically_finalizes_at"] == at("2026-02-03 10:00") + 3_601
    assert (day(draft["period_start"]), day(draft["period_end"])) == ("2026-01-03", "2026-02-03")
    (line,) = draft["lines"]["data"]
    assert (day(line["period"]["start"]), day(line["period"]["end"])) == ("2026-02-03", "2026-03-03")
    assert (draft["number"], draft["hosted_invoice_url"]) == (None, None)
    scenario.until("2026-02-03 11:01")
    assert scenario.last_invoice()["status"] == "paid"
    assert scenario.subscription(identity)["latest_invoice"] == draft["id"]
    assert scenario.item(identity)["current_period_end"] == at("2026-03-03")


def test_a_renewal_tells_what_changed(scenario: Scenario) -> None:
    scenario.subscribe(1_000)
    before = len(scenario.events())
    scenario.until("2026-02-04")
    assert scenario.events()[before:] == []  # the events of 3 January are older than 30 days by now
    events = list(scenario.store.all("events"))
    kinds = [event["type"] for event in events]
    assert kinds == [
        "invoice.created",
        "customer.subscription.updated",
        "invoice.updated",
        "invoice.finalized",
        "charge.succeeded",
        "invoice_payment.paid",
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]
    previous = events[1]["data"]["previous_attributes"]
    assert sorted(previous) == ["items", "latest_invoice"]
    assert previous["items"]["data"][0]["current_period_end"] == at("2026-02-03")
    assert {event["request"]["id"] for event in events} == {None}


@pytest.mark.parametrize(
    ("duration", "fields", "totals"),
    [
        ("once", {"percent_off": 20}, [8_000, 10_000, 10_000, 10_000, 10_000]),
        ("repeating", {"percent_off": 25, "duration_in_months": 3}, [7_500, 7_500, 7_500, 10_000, 10_000]),
        ("forever", {"percent_off": 12.5}, [8_750] * 5),
        ("forever", {"amount_off": 1_500, "currency": "usd"}, [8_500] * 5),
        ("forever", {"amount_off": 1_500, "currency": "eur"}, [10_000] * 5),
        ("forever", {"amount_off": 99_999, "currency": "usd"}, [0] * 5),
    ],
)
def test_coupons_last_as_long_as_they_say(
    scenario: Scenario, duration: str, fields: dict[str, object], totals: list[int]
) -> None:
    scenario.subscribe(10_000, coupons=[scenario.coupon(duration, **fields)])
    scenario.until("2026-05-10")
    assert [invoice[2] for invoice in scenario.invoices()] == totals
    assert {invoice[1] for invoice in scenario.invoices()} == {"paid"}


def test_a_used_or_ended_discount_is_gone_from_the_subscription(scenario: Scenario) -> None:
    once = scenario.subscribe(10_000, coupons=[scenario.coupon("once", percent_off=10)])
    months = scenario.coupon("repeating", percent_off=10, duration_in_months=1)
    repeating = scenario.subscribe(10_000, coupons=[months])
    assert scenario.subscription(once)["discounts"] == []
    (discount,) = scenario.subscription(repeating)["discounts"]
    assert (discount["source"]["coupon"], day(discount["end"])) == (months, "2026-02-03")
    scenario.until("2026-02-04")
    assert scenario.subscription(repeating)["discounts"] == []
    assert "customer.discount.deleted" in scenario.events()


def test_vat_comes_on_top_after_discounts(scenario: Scenario) -> None:
    rate = scenario.do(people.create_tax_rate, "DE", "19", "MwSt")
    coupon = scenario.coupon("forever", percent_off=10)
    scenario.subscribe(9_999, coupons=[coupon], default_tax_rates=[rate])
    invoice = scenario.last_invoice()
    assert (invoice["subtotal"], invoice["total_excluding_tax"], invoice["total"]) == (9_999, 8_999, 10_709)
    assert invoice["total_taxes"][0]["amount"] == 1_710
    assert invoice["total_discount_amounts"][0]["amount"] == 1_000


def test_pending_items_are_swept_into_the_next_invoice_newest_first(scenario: Scenario) -> None:
    scenario.subscribe(1_000)
    for amount in (300, 500):
        scenario.do(invoicing.create_invoiceitem, scenario.customer, "usd", amount, "Extra")
    scenario.until("2026-02-04")
    assert scenario.lines() == [500, 300, 1_000]
    assert {item["invoice"] for item in scenario.store.all("invoiceitems")} == {scenario.last_invoice()["id"]}


@pytest.mark.parametrize(
    ("balance", "due", "after"),
    [(0, 1_000, 0), (-400, 600, 0), (-1_000, 0, 0), (-1_500, 0, -500), (250, 1_250, 0), (-960, 0, 40)],
)
def test_the_customers_balance_is_used(scenario: Scenario, balance: int, due: int, after: int) -> None:
    with scenario.work() as billing:
        billing.change("customers", billing.get("customers", scenario.customer), None, balance=balance)
    scenario.subscribe(1_000)
    invoice = scenario.last_invoice()
    assert (invoice["total"], invoice["amount_due"], invoice["status"]) == (1_000, due, "paid")
    assert (invoice["starting_balance"], invoice["ending_balance"]) == (balance, after)
    assert (scenario.customer_now()["balance"], invoice["attempt_count"]) == (after, 1 if due else 0)


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [("void", "void"), ("mark_uncollectible", "uncollectible"), ("keep_as_draft", "draft")],
)
def test_paused_collection_bills_and_does_not_collect(
    scenario: Scenario, behaviour: str, status: str
) -> None:
    identity = scenario.subscribe(1_000)
    pause = {"behavior": behaviour, "resumes_at": at("2026-03-20")}
    scenario.do(changes.update_subscription, identity, pause_collection=pause)
    scenario.until("2026-04-10")
    assert [invoice[1] for invoice in scenario.invoices()] == ["paid", status, status, "paid"]
    assert scenario.subscription(identity)["pause_collection"] is None
    assert scenario.status(identity) == "active"


def test_a_first_period_until_an_anchor_is_prorated(scenario: Scenario) -> None:
    scenario.subscribe(3_100, anchor=at("2026-02-01"))
    scenario.until("2026-02-02")
    assert [invoice[2] for invoice in scenario.invoices()] == [2_900, 3_100]


def test_items_of_different_intervals_renew_by_themselves(scenario: Scenario) -> None:
    items = [(scenario.price(1_000), 1), (scenario.price(12_000, "year"), 1)]
    scenario.subscribe(items=items)
    scenario.until("2027-02-04")
    totals = [invoice[2] for invoice in scenario.invoices()]
    assert totals == [13_000, *[1_000] * 11, 13_000, 1_000]


def test_the_clock_only_moves_forward(scenario: Scenario) -> None:
    with pytest.raises(ValueError, match="forward"):
        engine.advance(scenario.store, at("2026-01-01"))
