"""How subscriptions end, schedules turn, and money goes back."""

from typing import Any

import pytest

from data.sandbox.billing import Billing, cancellations, givebacks, schedules
from data.sandbox.billing.subscribing import RefusedError, create_subscription
from data.sandbox.factory import phase
from data.sandbox.store import Store
from tests.data.sandbox.scenario import Scenario, at, day

Json = dict[str, Any]


def deleted(scenario: Scenario) -> list[str | None]:
    """The days on which subscriptions ended, as events tell."""
    kind = "customer.subscription.deleted"
    return [day(each["created"]) for each in scenario.store.all("events") if each["type"] == kind]


def test_cancelled_at_once(scenario: Scenario) -> None:
    identity = scenario.subscribe(1_000)
    details = {"feedback": "too_expensive", "comment": "Too much"}
    scenario.do(cancellations.cancel_now, identity, **details)
    ended = scenario.subscription(identity)
    assert (ended["status"], ended["ended_at"], ended["canceled_at"]) == ("canceled", *[at("2026-01-03")] * 2)
    expected = {**details, "feedback_option": None, "reason": "cancellation_requested"}
    assert ended["cancellation_details"] == expected
    assert scenario.events("customer.subscription")[-1] == "customer.subscription.deleted"
    scenario.until("2026-03-01")
    assert len(scenario.invoices()) == 1


def test_cancelled_at_the_end_of_the_period(scenario: Scenario) -> None:
    identity = scenario.subscribe(1_000)
    scenario.until("2026-01-10")
    scenario.do(cancellations.cancel_at_period_end, identity)
    planned = scenario.subscription(identity)
    assert (planned["status"], planned["cancel_at_period_end"]) == ("active", True)
    assert (day(planned["cancel_at"]), day(planned["canceled_at"])) == ("2026-02-03", "2026-01-10")
    scenario.until("2026-02-10")
    ended = scenario.subscription(identity)
    assert (ended["status"], day(ended["ended_at"]), day(ended["canceled_at"])) == (
        "canceled",
        "2026-02-03",
        "2026-01-10",
    )
    assert deleted(scenario) == ["2026-02-03"]
    assert len(scenario.invoices()) == 1


def test_cancelled_at_a_date_and_kept_after_all(scenario: Scenario) -> None:
    leaves, stays = scenario.subscribe(1_000), scenario.subscribe(1_000)
    for identity in (leaves, stays):
        scenario.do(cancellations.cancel_at, identity, at("2026-02-20"))
    scenario.do(cancellations.keep, stays)
    scenario.until("2026-03-04")
    assert (scenario.status(leaves), scenario.status(stays)) == ("canceled", "active")
    assert deleted(scenario) == ["2026-02-20"]
    assert scenario.subscription(stays)["cancellation_details"]["reason"] is None


def test_the_last_period_before_a_date_costs_its_share(scenario: Scenario) -> None:
    identity = scenario.subscribe(2_800)
    scenario.do(cancellations.cancel_at, identity, at("2026-02-10"))
    scenario.until("2026-02-09")
    assert scenario.lines() == [700]  # 7 of 28 days
    assert scenario.item(identity)["current_period_end"] == at("2026-02-10")
    scenario.until("2026-03-04")
    assert (scenario.status(identity), len(scenario.invoices())) == ("canceled", 2)


def test_nobody_is_charged_after_the_end(scenario: Scenario) -> None:
    identity = scenario.subscribe(1_000)
    scenario.card("0341")
    scenario.until("2026-02-04")
    scenario.do(cancellations.cancel_now, identity)
    scenario.until("2026-04-01")
    invoice = scenario.last_invoice()
    assert (invoice["status"], invoice["attempt_count"], invoice["auto_advance"]) == ("open", 1, False)


def test_a_schedule_starts_turns_and_releases(scenario: Scenario) -> None:
    small, big = scenario.price(1_000), scenario.price(3_000)
    phases = [
        phase(at("2026-02-01"), at("2026-04-01"), "usd", [(small, 1)]),
        phase(at("2026-04-01"), at("2026-06-01"), "usd", [(big, 2)], proration_behavior="none"),
    ]
    identity = scenario.do(schedules.create_schedule, scenario.customer, phases)["id"]

    def schedule() -> Json:
        return scenario.store.get("subscription_schedules", identity) or {}

    assert (schedule()["status"], scenario.invoices()) == ("not_started", [])
    scenario.until("2026-02-02")
    subscription = schedule()["subscription"]
    assert scenario.subscription(subscription)["schedule"] == identity
    assert day(schedule()["current_phase"]["end_date"]) == "2026-04-01"
    scenario.until("2026-07-02")
    assert [invoice[2] for invoice in scenario.invoices()] == [1_000, 1_000, 6_000, 6_000, 6_000, 6_000]
    assert (schedule()["status"], schedule()["released_subscription"]) == ("released", subscription)
    assert scenario.subscription(subscription)["schedule"] is None


def test_a_schedule_of_a_fixed_term_ends_the_subscription(scenario: Scenario) -> None:
    term = phase(at("2026-01-03"), at("2026-03-03"), "usd", [(scenario.price(1_000), 1)])
    made = scenario.do(schedules.create_schedule, scenario.customer, [term], "cancel")
    scenario.until("2026-04-01")
    assert len(scenario.invoices()) == 2
    assert scenario.status(made["subscription"]) == "canceled"
    assert (scenario.store.get("subscription_schedules", made["id"]) or {})["status"] == "completed"


def test_a_running_subscription_changes_interval_by_schedule(scenario: Scenario) -> None:
    identity = scenario.subscribe(1_000)
    yearly = scenario.price(10_000, "year")
    later = phase(at("2026-02-03"), at("2027-02-03"), "usd", [(yearly, 1)], proration_behavior="none")
    scenario.do(schedules.schedule_subscription, identity, [later])
    scenario.until("2027-02-10")
    assert [invoice[2] for invoice in scenario.invoices()] == [1_000, 10_000, 10_000]
    assert day(scenario.item(identity)["current_period_end"]) == "2028-02-03"


def test_ending_a_subscription_cancels_its_schedule(scenario: Scenario) -> None:
    identity = scenario.subscribe(1_000)
    made = scenario.do(schedules.schedule_subscription, identity, [])
    scenario.do(cancellations.cancel_now, identity)
    assert (scenario.store.get("subscription_schedules", made["id"]) or {})["status"] == "canceled"


@pytest.mark.parametrize(
    ("split", "balance", "refunded"),
    [
        ({"refund_amount": 300}, 0, 300),
        ({"credit_amount": 300}, -300, 0),
        ({"out_of_band_amount": 300}, 0, 0),
        ({"refund_amount": 100, "credit_amount": 200}, -200, 100),
    ],
)
def test_credit_on_a_paid_invoice_is_split(
    scenario: Scenario, split: dict[str, int], balance: int, refunded: int
) -> None:
    scenario.subscribe(1_000)
    note = scenario.do(
        givebacks.create_credit_note, scenario.last_invoice()["id"], 300, reason="duplicate", **split
    )
    invoice, (charge,) = scenario.last_invoice(), scenario.store.all("charges")
    assert (note["type"], note["number"]) == ("post_payment", f"{invoice['number']}-CN-01")
    assert (invoice["post_payment_credit_notes_amount"], invoice["status"]) == (300, "paid")
    assert (scenario.customer_now()["balance"], charge["amount_refunded"]) == (balance, refunded)
    assert charge["refunded"] is False


def test_credit_on_an_open_invoice_lowers_what_is_due(store: Store) -> None:
    scenario = Scenario(store, "2026-01-03", card=None)
    scenario.subscribe(1_000, collection_method="send_invoice", days_until_due=30)
    scenario.until("2026-01-04")
    identity = scenario.last_invoice()["id"]
    scenario.do(givebacks.create_credit_note, identity, 400)
    invoice = scenario.last_invoice()
    assert (invoice["amount_due"], invoice["amount_remaining"], invoice["status"]) == (600, 600, "open")
    scenario.do(givebacks.create_credit_note, identity, 600)
    invoice = scenario.last_invoice()
    assert (invoice["amount_remaining"], invoice["status"]) == (0, "paid")
    assert invoice["pre_payment_credit_notes_amount"] == 1_000


def test_a_charge_is_refunded_at_most_once(scenario: Scenario) -> None:
    scenario.subscribe(1_000)
    (charge,) = scenario.store.all("charges")
    scenario.do(givebacks.refund, charge["id"], 400, "requested_by_customer")
    scenario.do(givebacks.refund, charge["id"])
    assert [each["amount"] for each in scenario.store.all("refunds")] == [400, 600]
    assert (scenario.store.get("charges", charge["id"]) or {})["refunded"] is True
    with pytest.raises(RefusedError):
        scenario.do(givebacks.refund, charge["id"], 1)


def _two_currencies(billing: Billing, scenario: Scenario, usd: str, eur: str) -> Json:
    return create_subscription(billing, scenario.customer, [(usd, 1), (eur, 1)])


def test_what_stripe_refuses_is_refused_and_leaves_nothing(scenario: Scenario) -> None:
    usd, eur = scenario.price(1_000), scenario.price(1_000, currency="eur")
    with pytest.raises(RefusedError, match="currencies"):
        scenario.do(_two_currencies, scenario, usd, eur)
    with pytest.raises(RefusedError, match="item"):
        scenario.do(create_subscription, scenario.customer, [])
    with pytest.raises(KeyError, match="No such prices"):
        scenario.do(create_subscription, scenario.customer, [("price_missing", 1)])
    assert scenario.store.count("subscriptions") == 0
    scenario.subscribe(1_000)
    with pytest.raises(RefusedError, match="must equal the part"):
        scenario.do(givebacks.create_credit_note, scenario.last_invoice()["id"], 300, refund_amount=100)
    with pytest.raises(RefusedError, match="between"):
        scenario.do(givebacks.create_credit_note, scenario.last_invoice()["id"], 1_001, credit_amount=1_001)
    assert scenario.store.count("credit_notes") == 0
