"""Cancellations of every kind, pauses of collection, customers deleted."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from data.sandbox.billing import cancellations
from data.sandbox.billing.changes import update_subscription
from data.sandbox.billing.leaving import end_everything
from data.sandbox.billing.schedules import create_schedule, release
from data.sandbox.factory import phase
from data.tables.ledger import timeline
from tests.data.history.told import Moves, Told, mirror_of
from tests.data.sandbox.scenario import at

Ledger = Callable[[Told], Moves]
NEW = ("2026-01-01", "new", 120_00)


def test_at_once(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscribe(10_00)
    told.until("2026-02-10")
    told.do(cancellations.cancel_now, subscription)
    told.until("2026-04-01")
    assert ledger_of(told) == [NEW, ("2026-02-10", "churn", 0)]


def test_at_the_end_of_the_period_counts_until_then(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscribe(10_00)
    told.until("2026-02-10")
    told.do(cancellations.cancel_at_period_end, subscription)
    told.until("2026-02-20")
    assert ledger_of(told) == [NEW]
    told.until("2026-04-01")
    assert ledger_of(told) == [NEW, ("2026-03-01", "churn", 0)]


def test_taken_back(told: Told, ledger_of: Ledger) -> None:
    subscription = told.subscribe(10_00)
    told.do(cancellations.cancel_at_period_end, subscription)
    told.until("2026-01-20")
    told.do(cancellations.keep, subscription)
    told.until("2026-04-01")
    assert ledger_of(told) == [NEW]


def test_at_a_date(told: Told, ledger_of: Ledger) -> None:
    told.do(cancellations.cancel_at, told.subscribe(10_00), at("2026-03-17"))
    told.until("2026-04-01")
    assert ledger_of(told) == [NEW, ("2026-03-17", "churn", 0)]


def test_a_term_that_ends_with_its_schedule(told: Told, ledger_of: Ledger) -> None:
    term = phase(at("2026-01-01"), at("2026-04-01"), "usd", [(told.price(10_00), 1)])
    told.do(create_schedule, told.customer, [term], "cancel")
    told.until("2026-06-01")
    assert ledger_of(told) == [NEW, ("2026-04-01", "churn", 0)]


def test_a_schedule_with_steps_that_is_released(told: Told, ledger_of: Ledger) -> None:
    price = told.price(10_00)
    months = [
        ("2026-01-01", "2026-02-01", 1),
        ("2026-02-01", "2026-03-15", 3),
        ("2026-03-15", "2026-09-01", 9),
    ]
    phases = [phase(at(start), at(end), "usd", [(price, seats)]) for start, end, seats in months]
    schedule = told.do(create_schedule, told.customer, phases)
    told.until("2026-03-01")
    told.do(release, schedule["id"])
    told.until("2026-06-01")
    assert ledger_of(told) == [NEW, ("2026-02-01", "expansion", 360_00)]


@pytest.mark.parametrize("behavior", ["void", "mark_uncollectible", "keep_as_draft"])
def test_a_pause_of_collection_still_counts(told: Told, ledger_of: Ledger, behavior: str) -> None:
    subscription = told.subscribe(10_00)
    pause = {"behavior": behavior, "resumes_at": at("2026-04-10")}
    told.do(update_subscription, subscription, pause_collection=pause)
    told.until("2026-07-01")
    assert {each[1] for each in told.invoices()} > {"paid"}
    assert ledger_of(told) == [NEW]


def test_a_customer_who_is_deleted(told: Told, ledger_of: Ledger) -> None:
    told.subscribe(10_00)
    told.until("2026-02-10")
    end_everything(told.store, told.customer)
    told.store.delete("customers", told.customer)
    told.until("2026-04-01")
    assert ledger_of(told) == [NEW, ("2026-02-10", "churn", 0)]


def test_minutes_of_a_last_period_that_cost_nothing_are_no_trial(told: Told) -> None:
    subscription = told.subscribe(10_00)
    told.do(cancellations.cancel_at, subscription, at("2026-02-01 10:09"))
    told.until("2026-03-01")
    assert told.lines() == [0]
    with mirror_of(told, with_events=False).connect() as connection:
        (segment,) = connection.execute(select(timeline)).all()
    assert (segment.counted, segment.arr, segment.evidence) == (True, 120_00, "invoice")
