"""Trials: what a trial costs, what is said before it ends, and how it ends."""

import pytest

from data.sandbox.billing import cancellations, changes, renewals
from data.sandbox.store import Store
from tests.data.sandbox.scenario import Scenario, at, day


def trial(scenario: Scenario, days: int = 14, behaviour: str = "create_invoice") -> str:
    settings = {"end_behavior": {"missing_payment_method": behaviour}}
    return scenario.subscribe(1_000, trial_days=days, trial_settings=settings)


def test_a_trial_is_free_and_then_renews_from_its_end(scenario: Scenario) -> None:
    identity = trial(scenario)
    assert scenario.status(identity) == "trialing"
    assert scenario.invoices() == [("2026-01-03", "paid", 0, 0)]
    assert scenario.last_invoice()["lines"]["data"][0]["description"] == "Free trial for 1 × Seats"
    scenario.until("2026-01-17 10:01")
    assert scenario.status(identity) == "active"
    scenario.until("2026-03-01")
    assert scenario.invoices()[1:] == [
        ("2026-01-17", "paid", 1_000, 1_000),
        ("2026-02-17", "paid", 1_000, 1_000),
    ]


@pytest.mark.parametrize(("days", "told"), [(14, "2026-01-14"), (4, "2026-01-04"), (2, "2026-01-03")])
def test_the_end_is_announced_three_days_before(scenario: Scenario, days: int, told: str) -> None:
    trial(scenario, days)
    scenario.until("2026-01-20")
    (event,) = [each for each in scenario.store.all("events") if each["type"].endswith("trial_will_end")]
    assert day(event["created"]) == told


@pytest.mark.parametrize(
    ("behaviour", "status", "invoices", "event"),
    [
        ("cancel", "canceled", 1, "customer.subscription.deleted"),
        ("pause", "paused", 1, "customer.subscription.paused"),
        ("create_invoice", "past_due", 2, "invoice.payment_failed"),
    ],
)
def test_without_a_card_the_end_of_a_trial_is_as_chosen(
    store: Store, behaviour: str, status: str, invoices: int, event: str
) -> None:
    scenario = Scenario(store, "2026-01-03", card=None)
    identity = trial(scenario, 7, behaviour)
    scenario.until("2026-01-11")
    assert scenario.status(identity) == status
    assert len(scenario.invoices()) == invoices
    assert event in scenario.events()


def test_a_paused_subscription_resumes_with_a_new_period(store: Store) -> None:
    scenario = Scenario(store, "2026-01-03", card=None)
    identity = trial(scenario, 7, "pause")
    scenario.until("2026-02-20")
    assert len(scenario.invoices()) == 1
    scenario.card("4242")
    scenario.do(renewals.resume, identity)
    assert scenario.status(identity) == "active"
    assert scenario.invoices()[1:] == [("2026-02-20", "paid", 1_000, 1_000)]
    assert day(scenario.item(identity)["current_period_end"]) == "2026-03-20"


def test_a_trial_ended_early_is_billed_at_once(scenario: Scenario) -> None:
    identity = trial(scenario)
    scenario.until("2026-01-08")
    scenario.do(changes.end_trial, identity)
    assert (scenario.status(identity), scenario.subscription(identity)["trial_end"]) == (
        "active",
        at("2026-01-08"),
    )
    assert scenario.invoices()[1:] == [("2026-01-08", "paid", 1_000, 1_000)]
    scenario.until("2026-02-09")
    assert scenario.invoices()[2:] == [("2026-02-08", "paid", 1_000, 1_000)]


def test_a_trial_that_is_cancelled_lapses_without_a_bill(scenario: Scenario) -> None:
    identity = trial(scenario)
    scenario.do(cancellations.cancel_at_period_end, identity, feedback="unused")
    scenario.until("2026-01-20")
    assert scenario.status(identity) == "canceled"
    assert scenario.invoices() == [("2026-01-03", "paid", 0, 0)]


def test_a_coupon_that_counts_once_survives_the_trial(scenario: Scenario) -> None:
    coupon = scenario.coupon("once", percent_off=50)
    scenario.subscribe(1_000, trial_days=7, coupons=[coupon])
    scenario.until("2026-02-20")
    assert [invoice[2] for invoice in scenario.invoices()] == [0, 500, 1_000]
