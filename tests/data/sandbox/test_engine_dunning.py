"""Failed payments: retries over three weeks, recovery, and what follows when nothing helps."""

import pytest

from data.sandbox.billing import dunning, invoicing, payments
from data.sandbox.billing.dunning import Settings, set_settings
from data.sandbox.billing.people import attach_card
from data.sandbox.store import Store
from tests.data.sandbox.scenario import Scenario, day

DECLINED, NO_FUNDS = "0341", "9995"


def failing(scenario: Scenario) -> str:
    """A subscription of 3 January whose card is declined from then on."""
    identity = scenario.subscribe(1_000)
    scenario.card(DECLINED)
    return identity


def test_a_declined_renewal_is_tried_five_times_in_three_weeks(scenario: Scenario) -> None:
    identity = failing(scenario)
    scenario.until("2026-02-03 12:00")
    assert scenario.status(identity) == "past_due"
    assert scenario.customer_now()["delinquent"] is True
    scenario.until("2026-02-23")
    attempts = [day(each["created"]) for each in scenario.store.all("charges")][1:]
    assert attempts == ["2026-02-03", "2026-02-06", "2026-02-11", "2026-02-18"]
    assert day(scenario.last_invoice()["next_payment_attempt"]) == "2026-02-24"
    assert scenario.status(identity) == "past_due"


@pytest.mark.parametrize(
    ("settings", "status", "invoice"),
    [
        (Settings(), "canceled", "uncollectible"),
        (Settings(write_off=False), "canceled", "open"),
        (Settings(subscription="unpaid"), "unpaid", "uncollectible"),
        (Settings(subscription="past_due"), "past_due", "open"),
    ],
)
def test_after_the_last_attempt_the_settings_decide(
    scenario: Scenario, settings: Settings, status: str, invoice: str
) -> None:
    set_settings(scenario.store, settings)
    identity = failing(scenario)
    scenario.until("2026-02-25")
    assert (scenario.status(identity), scenario.last_invoice()["status"]) == (status, invoice)
    assert scenario.last_invoice()["attempt_count"] == 5


def test_a_subscription_that_dunning_ends_says_so(scenario: Scenario) -> None:
    identity = failing(scenario)
    scenario.until("2026-02-25")
    ended = scenario.subscription(identity)
    assert ended["cancellation_details"]["reason"] == "payment_failed"
    assert (day(ended["ended_at"]), day(ended["canceled_at"])) == ("2026-02-24", "2026-02-24")
    last = scenario.events("customer.subscription")[-1]
    assert last == "customer.subscription.deleted"
    scenario.until("2026-06-01")
    assert len(scenario.invoices()) == 2


def test_an_unpaid_subscription_keeps_making_drafts(scenario: Scenario) -> None:
    set_settings(scenario.store, Settings(subscription="unpaid", retry_days=(3,)))
    identity = failing(scenario)
    scenario.until("2026-04-10")
    assert [invoice[1] for invoice in scenario.invoices()] == ["paid", "uncollectible", "draft", "draft"]
    scenario.card("4242")
    scenario.do(payments.pay, scenario.last_invoice()["id"])
    assert scenario.status(identity) == "active"


def test_a_new_card_recovers_at_the_next_attempt(scenario: Scenario) -> None:
    identity = failing(scenario)
    scenario.until("2026-02-04")
    scenario.card("4242")
    scenario.until("2026-02-07")
    assert scenario.status(identity) == "active"
    assert scenario.customer_now()["delinquent"] is False
    assert scenario.last_invoice()["amount_paid"] == 1_000


def test_the_latest_invoice_decides_about_the_status(scenario: Scenario) -> None:
    set_settings(scenario.store, Settings(subscription="past_due", retry_days=(3,)))
    identity = failing(scenario)
    scenario.until("2026-03-10")
    scenario.card("4242")
    older, latest = [each["id"] for each in scenario.store.all("invoices")][1:]
    scenario.do(payments.pay, older)
    assert scenario.status(identity) == "past_due"
    scenario.do(payments.pay, latest)
    assert scenario.status(identity) == "active"


def test_a_card_without_funds_pays_at_the_third_attempt(scenario: Scenario) -> None:
    identity = scenario.subscribe(1_000)
    scenario.card(NO_FUNDS)
    scenario.until("2026-02-12")
    codes = [each["failure_code"] for each in scenario.store.all("charges")]
    assert codes == [None, "card_declined", "card_declined", None]
    assert scenario.status(identity) == "active"


def test_an_expired_card_is_declined(store: Store) -> None:
    scenario = Scenario(store, "2026-01-03", card=None)
    scenario.do(attach_card, scenario.customer, exp_month=1, exp_year=2026)
    identity = scenario.subscribe(1_000)
    scenario.until("2026-02-04")
    assert scenario.status(identity) == "past_due"
    assert list(scenario.store.all("charges"))[-1]["failure_code"] == "expired_card"


@pytest.mark.parametrize(
    ("hours", "status", "invoice"),
    [("2026-01-04 08:59", "incomplete", "open"), ("2026-01-04 09:01", "incomplete_expired", "void")],
)
def test_a_first_payment_may_be_mended_for_23_hours(
    store: Store, hours: str, status: str, invoice: str
) -> None:
    scenario = Scenario(store, "2026-01-03", card=DECLINED)
    identity = scenario.subscribe(1_000)
    scenario.until(hours)
    assert (scenario.status(identity), scenario.last_invoice()["status"]) == (status, invoice)
    assert "customer.subscription.deleted" not in scenario.events()


def test_a_first_payment_that_is_mended_makes_it_active(store: Store) -> None:
    scenario = Scenario(store, "2026-01-03", card=DECLINED)
    identity = scenario.subscribe(1_000)
    scenario.card("4242")
    scenario.do(payments.pay, scenario.last_invoice()["id"])
    assert scenario.status(identity) == "active"
    scenario.until("2026-02-04")
    assert [invoice[1] for invoice in scenario.invoices()] == ["paid", "paid"]


def invoiced(scenario: Scenario) -> str:
    return scenario.subscribe(50_000, collection_method="send_invoice", days_until_due=30)


def test_a_sent_invoice_is_due_after_its_days_and_then_overdue(store: Store) -> None:
    scenario = Scenario(store, "2026-01-03", card=None)
    identity = invoiced(scenario)
    assert (scenario.status(identity), scenario.last_invoice()["status"]) == ("active", "draft")
    scenario.until("2026-01-04")
    assert scenario.last_invoice()["status"] == "open"
    assert day(scenario.last_invoice()["due_date"]) == "2026-02-02"
    scenario.until("2026-02-02 09:59")
    assert scenario.status(identity) == "active"
    scenario.until("2026-02-02 10:00")
    assert scenario.status(identity) == "past_due"
    assert scenario.events("invoice.overdue") == ["invoice.overdue"]


def test_a_transfer_brings_a_past_due_subscription_back(store: Store) -> None:
    scenario = Scenario(store, "2026-01-03", card=None)
    identity = invoiced(scenario)
    scenario.until("2026-02-02 12:00")
    first = next(iter(scenario.store.all("invoices")))["id"]
    paid = scenario.do(payments.pay, first, out_of_band=True)
    assert (paid["amount_paid"], paid["amount_paid_off_stripe"], paid["amount_remaining"]) == (
        50_000,
        50_000,
        0,
    )
    assert scenario.status(identity) == "active"
    assert scenario.store.count("charges") == 0


def test_voiding_gives_the_balance_back(scenario: Scenario) -> None:
    with scenario.work() as billing:
        billing.change("customers", billing.get("customers", scenario.customer), None, balance=-400)
    scenario.card(DECLINED)
    scenario.subscribe(1_000)
    assert scenario.customer_now()["balance"] == 0
    with scenario.work() as billing:
        invoicing.void(billing, billing.get("invoices", scenario.last_invoice()["id"]))
    assert (scenario.customer_now()["balance"], scenario.last_invoice()["status"]) == (-400, "void")


def test_settings_are_remembered(store: Store) -> None:
    chosen = Settings(retry_days=(1, 2), subscription="unpaid", write_off=False)
    assert dunning.settings(store) == Settings()
    set_settings(store, chosen)
    assert dunning.settings(store) == chosen
