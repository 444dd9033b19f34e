"""Past due, unpaid, recovered, given up."""

from collections.abc import Callable

import pytest

from data.sandbox.billing.dunning import Settings, set_settings
from data.sandbox.billing.payments import pay, payment_intent_of
from tests.data.history.told import Moves, Told, moves, unknown
from tests.data.sandbox.scenario import at

Ledger = Callable[[Told], Moves]
NEW = ("2026-01-01", "new", 120_00)
LAST_ATTEMPT = "2026-02-22"


def fail(told: Told, until: str, **settings: object) -> str:
    """A subscription whose card fails from February on; the last attempt is on LAST_ATTEMPT."""
    set_settings(told.store, Settings(**settings))
    subscription = told.subscribe(10_00)
    told.card("0341")
    told.until(until)
    return subscription


def test_past_due_counts(told: Told, ledger_of: Ledger) -> None:
    assert told.status(fail(told, "2026-02-10")) == "past_due"
    assert ledger_of(told) == [NEW]


def test_past_due_and_paid_is_as_if_nothing_had_been(told: Told, ledger_of: Ledger) -> None:
    fail(told, "2026-02-10")
    told.card("4242")
    told.do(pay, told.last_invoice()["id"])
    told.until("2026-04-01")
    assert ledger_of(told) == [NEW]


def test_given_up_is_churn(told: Told, ledger_of: Ledger) -> None:
    assert told.status(fail(told, "2026-04-01")) == "canceled"
    assert ledger_of(told) == [NEW, (LAST_ATTEMPT, "churn", 0)]


@pytest.mark.parametrize("write_off", [True, False])
def test_unpaid_is_zero_from_the_last_attempt(told: Told, ledger_of: Ledger, write_off: bool) -> None:
    subscription = fail(told, "2026-05-01", subscription="unpaid", write_off=write_off)
    assert told.status(subscription) == "unpaid"
    assert ledger_of(told) == [NEW, (LAST_ATTEMPT, "churn", 0)]


def test_unpaid_and_paid_after_all(told: Told, ledger_of: Ledger) -> None:
    fail(told, "2026-02-25", subscription="unpaid")
    owed = told.last_invoice()["id"]
    told.card("4242")
    told.until("2026-02-27")
    told.do(pay, owed)
    told.until("2026-06-01")
    assert ledger_of(told) == [NEW, (LAST_ATTEMPT, "churn", 0), ("2026-02-27", "reactivation", 120_00)]


def test_an_account_that_leaves_them_past_due(told: Told, ledger_of: Ledger) -> None:
    subscription = fail(told, "2026-06-01", subscription="past_due")
    assert told.status(subscription) == "past_due"
    assert ledger_of(told) == [NEW]


def test_an_invoice_sent_and_never_paid_counts(told: Told) -> None:
    told.subscribe(10_00, collection_method="send_invoice", days_until_due=14)
    told.until("2026-03-20")
    assert moves(told, with_events=False) == moves(told) == [NEW]


@pytest.mark.parametrize("write_off", [True, False])
def test_unpaid_for_months_and_paid_after_all(told: Told, ledger_of: Ledger, write_off: bool) -> None:
    fail(told, "2026-05-03", subscription="unpaid", write_off=write_off)
    told.card("4242")
    owed = next(each for each in told.store.all("invoices") if each["status"] in ("open", "uncollectible"))
    told.do(pay, owed["id"])
    told.until("2026-08-01")
    assert ledger_of(told) == [NEW, (LAST_ATTEMPT, "churn", 0), ("2026-05-03", "reactivation", 120_00)]


def test_written_off_and_paid_before_the_next_invoice_may_have_been_past_due(told: Told) -> None:
    fail(told, "2026-02-25", subscription="unpaid")
    told.card("4242")
    told.do(pay, told.last_invoice()["id"])
    told.until("2026-06-01")
    assert unknown(told) == [(LAST_ATTEMPT, "2026-02-25", -120_00)]


def test_attempts_are_those_of_the_invoice_that_they_were_to_pay(told: Told) -> None:
    set_settings(told.store, Settings(subscription="unpaid", write_off=False))
    told.subscribe(10_00)
    told.until("2026-01-06")
    told.subscribe(10_00)
    told.card("0341")
    told.until("2026-03-20")
    for invoice in told.store.all("invoices"):
        payment = {"type": "payment_intent", "payment_intent": payment_intent_of(invoice)}
        payments = {"data": [{"id": f"inpay_{invoice['id']}", "status": "open", "payment": payment}]}
        told.store.put("invoices", invoice | {"payments": payments})
    assert moves(told, with_events=False)[2:] == [
        (LAST_ATTEMPT, "contraction", 120_00),
        ("2026-02-27", "churn", 0),
    ]


def test_unpaid_before_the_first_event_that_is_kept_and_paid_since(told: Told) -> None:
    fail(told, "2026-04-20", subscription="unpaid", write_off=False)
    told.card("4242")
    told.do(pay, next(each["id"] for each in told.store.all("invoices") if each["status"] == "open"))
    told.until("2026-06-10")
    told.heard = {key: each for key, each in told.heard.items() if each["created"] >= at("2026-04-19")}
    assert moves(told) == [NEW, (LAST_ATTEMPT, "churn", 0), ("2026-04-20", "reactivation", 120_00)]
