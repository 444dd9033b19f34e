"""Trials, and payments that never or late begin."""

from collections.abc import Callable
from typing import Any

import pytest

from data.sandbox.billing.cancellations import cancel_at_period_end
from data.sandbox.billing.changes import change_items, end_trial, extend_trial
from data.sandbox.billing.payments import pay
from data.sandbox.billing.renewals import resume
from data.sandbox.store import Store
from tests.data.history.told import Moves, Told, moves
from tests.data.sandbox.scenario import at

Ledger = Callable[[Told], Moves]
PAUSE: dict[str, Any] = {"trial_settings": {"end_behavior": {"missing_payment_method": "pause"}}}


def test_a_trial_that_converts(told: Told, ledger_of: Ledger) -> None:
    told.subscribe(10_00, trial_days=14)
    told.until("2026-03-20")
    assert ledger_of(told) == [("2026-01-15", "new", 120_00)]


def test_seats_bought_in_a_trial_count_when_it_ends(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscribe(10_00, trial_days=14)
    told.until("2026-01-05")
    told.do(change_items, subscription, [{"id": told.item(subscription)["id"], "quantity": 4}])
    told.until("2026-03-20")
    assert ledger_of(told) == [("2026-01-15", "new", 480_00)]


def test_a_trial_ended_early(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscribe(10_00, trial_days=30)
    told.until("2026-01-12")
    told.do(end_trial, subscription)
    told.until("2026-03-20")
    assert ledger_of(told) == [("2026-01-12", "new", 120_00)]


def test_a_trial_that_is_canceled(told: Told, ledger_of: Ledger) -> None:
    told.do(cancel_at_period_end, told.subscribe(10_00, trial_days=14))
    told.until("2026-03-20")
    assert ledger_of(told) == []


def test_a_trial_that_lapses_for_want_of_a_card(store: Store, ledger_of: Ledger) -> None:
    told = Told(store, "2026-01-01", card=None)
    subscription = told.subscribe(
        10_00, trial_days=14, trial_settings={"end_behavior": {"missing_payment_method": "cancel"}}
    )
    told.until("2026-03-20")
    assert told.status(subscription) == "canceled"
    assert ledger_of(told) == []


def test_a_trial_that_pauses_and_is_resumed(store: Store, ledger_of: Ledger) -> None:
    told = Told(store, "2026-01-01", card=None)
    subscription = told.subscribe(10_00, trial_days=14, **PAUSE)
    told.until("2026-03-20")
    assert told.status(subscription) == "paused"
    assert ledger_of(told) == []
    told.card("4242")
    told.do(resume, subscription)
    told.until("2026-05-01")
    assert ledger_of(told) == [("2026-03-20", "new", 120_00)]


@pytest.mark.parametrize("days", [1, 40])
def test_a_first_payment_that_fails_never_counts(told: Told, ledger_of: Ledger, days: int) -> None:
    told.card("0341")
    told.subscribe(10_00)
    told.until("2026-01-01 18:00" if days == 1 else "2026-02-10")
    assert ledger_of(told) == []


def test_a_first_payment_made_on_the_next_day(told: Told, ledger_of: Ledger) -> None:
    told.card("0341")
    told.subscribe(10_00)
    told.card("4242")
    told.until("2026-01-02 08:00")
    told.do(pay, told.last_invoice()["id"])
    told.until("2026-03-01")
    assert ledger_of(told) == [("2026-01-02", "new", 120_00)]


def test_a_start_that_is_dated_back_counts_from_then(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscription(told.subscribe(10_00))
    told.store.put("subscriptions", subscription | {"start_date": at("2025-11-20")})
    told.until("2026-03-01")
    assert ledger_of(told) == [("2025-11-20", "new", 120_00)]


def test_an_earlier_trial_is_zero_though_the_subscription_names_only_a_later_one(told: Told) -> None:
    identity = told.subscribe(10_00, trial_days=14)
    told.until("2026-06-20")
    again = {"trial_start": at("2026-04-15"), "trial_end": at("2026-05-15")}
    told.store.put("subscriptions", told.subscription(identity) | again)
    zero, back = ("2026-04-15", "churn", 0), ("2026-05-15", "reactivation", 120_00)
    assert moves(told, with_events=False) == [("2026-01-15", "new", 120_00), zero, back]


@pytest.mark.parametrize("prorate", [True, False])
@pytest.mark.parametrize("since", ["2026-02-15", "2026-03-10", "2026-06-30"])
def test_a_trial_given_to_who_pays_already_is_counted_once_before(
    told: Told, since: str, prorate: bool
) -> None:
    subscription = told.subscribe(10_00)
    told.until("2026-03-15")
    told.do(extend_trial, subscription, at("2026-04-10"), prorate=prorate)
    told.until("2026-06-20")
    told.heard = {key: each for key, each in told.heard.items() if each["created"] >= at(since)}
    zero, back = ("2026-03-15", "churn", 0), ("2026-04-10", "reactivation", 120_00)
    assert moves(told) == [("2026-01-01", "new", 120_00), zero, back]
