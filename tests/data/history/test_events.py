"""Events that come twice or in disorder, that contradict invoices, and how far back they reach."""

import random

from data.sandbox.billing.cancellations import cancel_now
from data.sandbox.billing.changes import change_items
from tests.data.history.told import Told, moves, unknown
from tests.data.sandbox.scenario import at


def a_year(told: Told) -> str:
    """Seats that come and go, told by no proration; returns the subscription."""
    subscription = told.subscribe(10_00)
    for moment, quantity in (("2026-02-10", 5), ("2026-02-20", 4), ("2026-07-07", 9)):
        told.until(moment)
        told.do(
            change_items, subscription, [{"id": told.item(subscription)["id"], "quantity": quantity}], "none"
        )
    told.until("2026-10-10")
    return subscription


YEAR = [
    ("2026-01-01", "new", 120_00),
    ("2026-02-10", "expansion", 600_00),
    ("2026-02-20", "contraction", 480_00),
    ("2026-07-07", "expansion", 1080_00),
]


def test_every_event_was_heard(told: Told) -> None:
    a_year(told)
    assert moves(told) == YEAR
    assert unknown(told, with_events=True) == []


def test_events_in_disorder_and_twice(told: Told) -> None:
    a_year(told)
    events = list(told.heard.items())
    random.Random(5).shuffle(events)
    told.heard = dict(events)
    assert moves(told) == YEAR
    told.heard = dict(reversed(events))
    assert moves(told) == YEAR


def test_events_of_the_last_month_only(told: Told) -> None:
    a_year(told)
    told.heard = {each["id"]: each for each in told.store.all("events")}
    assert moves(told) == [YEAR[0], ("2026-03-01", "expansion", 480_00), ("2026-08-01", "expansion", 1080_00)]
    assert unknown(told, with_events=True) == [
        ("2026-02-01", "2026-03-01", 360_00),
        ("2026-07-01", "2026-08-01", 600_00),
    ]


def test_a_change_before_the_first_event_is_dated_no_later_than_it(told: Told) -> None:
    subscription = told.subscribe(items=[(told.price(100_00, "year"), 1)])
    told.until("2026-05-05")
    told.do(change_items, subscription, [{"id": told.item(subscription)["id"], "quantity": 3}], "none")
    told.until("2026-09-01")
    told.subscribe(10_00)
    told.until("2026-09-20")
    told.heard = {each["id"]: each for each in told.store.all("events")}
    oldest = min(each["created"] for each in told.heard.values())
    assert oldest > told.store.now - 30 * 86_400
    assert moves(told)[1:] == [("2026-09-01", "expansion", 420_00)]
    assert unknown(told, with_events=True) == [("2026-01-01", "2026-09-01", 200_00)]


def test_what_an_invoice_says_otherwise_is_listed_and_not_believed(told: Told) -> None:
    told.subscribe(10_00)
    told.until("2026-03-20")
    invoice = told.last_invoice()
    line = {**invoice["lines"]["data"][0], "quantity": 7}
    told.store.put("invoices", {**invoice, "lines": {**invoice["lines"], "data": [line]}})
    assert moves(told) == [("2026-01-01", "new", 120_00)]
    assert [delta for *_, delta in unknown(told, with_events=True)] == [720_00]


def test_the_end_is_the_event_s(told: Told) -> None:
    subscription = a_year(told)
    told.do(cancel_now, subscription)
    assert moves(told) == [*YEAR, ("2026-10-10", "churn", 0)]


def test_a_change_taken_back_in_the_same_second_is_none_in_whichever_order_it_is_heard(told: Told) -> None:
    subscription = told.subscribe(10_00)
    told.until("2026-02-10")
    for quantity in (5, 1):
        change = {"id": told.item(subscription)["id"], "quantity": quantity}
        told.do(change_items, subscription, [change], "none")
    told.until("2026-04-10")
    updates = [each for each in told.heard.values() if each["created"] == at("2026-02-10")]
    events = [each for each in updates if each["type"] == "customer.subscription.updated"]
    for names in (("evt_1", "evt_2"), ("evt_2", "evt_1")):
        for event, name in zip(events, names, strict=True):
            event["id"] = name
        assert moves(told) == [("2026-01-01", "new", 120_00)]
        assert unknown(told, with_events=True) == []
