"""Cancellations carried out and taken back: from events, subscriptions, and what they were worth then."""

from typing import Any

import pandas as pd
from sqlalchemy import Engine

from data import frames
from data.clock import to_epoch
from data.frames.cancellations import decided, events_since, saves, scheduled_then
from data.history import Life
from data.tables import mirror
from tests.data.frames.conftest import NOW, Fill
from tests.data.lives import day, item, life, price, row

MAY = ["2026-05"]


def rows(frame: pd.DataFrame, *columns: str) -> list[list[Any]]:
    return frame[list(columns)].astype(object).where(frame[list(columns)].notna(), None).to_numpy().tolist()


def subscription(number: int, **more: Any) -> dict[str, Any]:
    """A subscription's row: it runs, and has since January."""
    about = {"id": f"sub_{number}", "customer_id": f"cus_{number}", "status": "active", "currency": "usd"}
    return about | {"start_at": day("2026-01-01")} | more


def ended(number: int, asked: str, at: str, reason: str | None = "cancellation_requested") -> dict[str, Any]:
    when = {"canceled_at": day(asked), "ended_at": day(at)}
    return subscription(number, status="canceled", cancellation_reason=reason, **when)


def updated(number: int, at: str, before: dict[str, Any] | None, **after: Any) -> dict[str, Any]:
    """An event of a subscription: what it was before, and is since."""
    now = {"id": f"sub_{number}", "object": "subscription", "customer": f"cus_{number}", "status": "active"}
    held = {"id": f"sub_{number}_si_1", "price": price(10_00).id, "quantity": 1}
    now |= {"cancel_at": None, "cancel_at_period_end": False, "items": {"data": [held]}} | after
    return row(
        mirror.event,
        id=f"evt_{number}_{at}",
        type="customer.subscription.updated",
        object_type="subscription",
        object_id=f"sub_{number}",
        data={"object": now, "previous_attributes": before},
        created_at=day(at),
    )


def set_to_end(asked: str, **why: Any) -> dict[str, Any]:
    """What an event says was before, of a subscription that was to end in June."""
    when = {"cancel_at": to_epoch(day("2026-06-01")), "cancel_at_period_end": True}
    return when | {"canceled_at": to_epoch(day(asked)), "cancellation_details": {"feedback": None} | why}


def running(number: int, **more: Any) -> Life:
    return life(item(price()), id=f"sub_{number}", customer_id=f"cus_{number}", **more)


def test_carried_out_and_taken_back(fill: Fill) -> None:
    gone = {"status": "canceled", "ended": "2026-05-20"}
    asked = {"cancel_at": None, "cancel_at_period_end": False, "canceled_at": None}
    to_come = {"cancel_at": to_epoch(day("2026-06-01")), "cancel_at_period_end": True}
    engine = fill(
        running(1, **gone),
        running(2),
        running(3, **gone),
        running(4, status="trialing", trial_start="2026-05-01", trial_end="2026-06-30"),
        running(5),
        rows={
            mirror.subscription: [
                ended(1, "2026-05-10", "2026-05-20"),
                ended(3, "2026-05-20", "2026-05-20", "payment_failed"),
            ],
            mirror.event: [
                updated(2, "2026-05-09", asked, **to_come),
                updated(2, "2026-05-12", set_to_end("2026-05-09", feedback="unused", comment="Never mind")),
                updated(4, "2026-05-12", set_to_end("2026-05-09")),
                updated(5, "2026-05-13", {"cancel_at": 1}, **to_come),
                updated(5, "2026-05-14", {"metadata": {}}),
                updated(5, "2026-05-15", None),
            ],
        },
    )
    assert rows(decided(engine, MAY), "month", "currency", "outcome", "days", "subscriptions", "arr") == [
        ["2026-05", "usd", "ended", 10, 1, 120_00],
        ["2026-05", "usd", "undone", None, 1, 120_00],
    ]
    (saved,) = saves(engine, day(NOW), MAY).to_dict("records")
    assert (saved["subscription_id"], saved["feedback"], saved["comment"]) == (
        "sub_2",
        "unused",
        "Never mind",
    )
    assert (saved["asked_at"], saved["at"]) == (day("2026-05-09"), day("2026-05-12"))
    assert (saved["arr"], saved["status"], saved["customer_name"]) == (120_00, "active", "Name of cus_2")
    assert saves(engine, day(NOW), ["2026-04"]).empty
    assert events_since(engine)["since"].tolist() == [day("2026-05-09")]


def test_what_still_tells_why_was_taken_back_some_time(fill: Fill) -> None:
    told = subscription(1, cancellation_feedback="too_expensive")
    leaving = subscription(2, cancellation_feedback="unused", cancel_at=day("2026-07-01"))
    dated = subscription(3, cancellation_comment="Once")
    engine = fill(
        running(1),
        running(2),
        running(3),
        rows={
            mirror.subscription: [told, leaving, dated],
            mirror.event: [updated(3, "2026-05-12", set_to_end("2026-05-09"))],
        },
    )
    found = saves(engine, day(NOW), MAY)
    assert rows(found, "subscription_id", "at", "feedback") == [
        ["sub_3", day("2026-05-12"), None],
        ["sub_1", None, "too_expensive"],
    ]


def test_filters_ask_what_it_was_worth_then(fill: Fill) -> None:
    gone = {"status": "canceled", "ended": "2026-05-20"}
    other = life(item(price(5_00, product="prod_b")), id="sub_2", customer_id="cus_2", **gone)
    engine = fill(
        running(1, **gone),
        other,
        rows={mirror.subscription: [ended(n, "2026-05-20", "2026-05-20") for n in (1, 2)]},
    )
    assert rows(decided(engine, MAY, products=["prod_b"]), "days", "subscriptions", "arr") == [[0, 1, 60_00]]
    assert decided(engine, MAY, intervals=["1year"]).empty
    assert decided(engine, MAY, currencies=["eur"]).empty
    assert decided(engine, MAY, audiences=[]).empty
    assert rows(decided(engine, MAY), "subscriptions", "arr") == [[2, 180_00]]


def test_nothing_is_an_empty_frame_with_columns(engine: Engine) -> None:
    assert [*decided(engine, [])] == ["month", "currency", "outcome", "days", "subscriptions", "arr"]
    assert str(saves(engine, day(NOW), MAY)["at"].dtype) == "datetime64[us, UTC]"
    assert events_since(engine)["since"].isna().all()
    assert frames.movements(engine).empty


def test_what_was_set_to_end_at_an_earlier_instant(fill: Fill) -> None:
    to_come = {"cancel_at": day("2026-08-01")}
    engine = fill(
        running(1, status="canceled", ended="2026-05-20"),  # asked for in April
        running(2),  # taken back in May
        running(3),  # set to end in March, still to come
        running(4),  # set to end only in May
        running(5, status="canceled", ended="2026-04-20"),  # gone by then
        running(6),
        rows={
            mirror.subscription: [
                ended(1, "2026-04-10", "2026-05-20"),
                subscription(2),
                subscription(3, canceled_at=day("2026-03-10"), **to_come),
                subscription(4, canceled_at=day("2026-05-10"), **to_come),
                ended(5, "2026-04-01", "2026-04-20"),
                subscription(6),
            ],
            mirror.event: [updated(2, "2026-05-03", set_to_end("2026-04-15"))],
        },
    )
    then = scheduled_then(engine, day("2026-05-01"), day(NOW))
    assert rows(then, "product_id", "interval", "currency", "arr") == [["prod_a", "1month", "usd", 360_00]]
    assert scheduled_then(engine, day("2026-05-01"), day(NOW), audiences=[]).empty
    now = frames.scheduled_churn(engine, day(NOW))["arr"].sum()
    assert scheduled_then(engine, day(NOW), day(NOW))["arr"].sum() == now == 240_00
