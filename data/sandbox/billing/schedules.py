"""Subscription schedules: phases that follow one another, then the subscription goes on or ends."""

from collections.abc import Sequence
from typing import Any

from data.sandbox.billing import Billing
from data.sandbox.billing.cancellations import end, last_period_end
from data.sandbox.billing.changes import change_items, set_coupons
from data.sandbox.billing.subscribing import create_subscription
from data.sandbox.factory import phase as new_phase
from data.sandbox.factory import schedule as new_schedule

Json = dict[str, Any]
_RESOURCE = "subscription_schedules"
_UPDATED = "subscription_schedule.updated"


def create_schedule(
    billing: Billing, customer_id: str, phases: Sequence[Json], end_behavior: str = "release", **fields: Any
) -> Json:
    """A schedule whose first phase begins now or later; phases come from the factory."""
    identity = billing.new_id("sub_sched_1")
    schedule = new_schedule(
        identity, billing.now, customer_id, list(phases), end_behavior=end_behavior, **fields
    )
    billing.add(_RESOURCE, schedule, "subscription_schedule.created")
    if phases[0]["start_date"] <= billing.now:
        turn(billing, schedule)
    return schedule


def schedule_subscription(
    billing: Billing, subscription_id: str, later: Sequence[Json], end_behavior: str = "release"
) -> Json:
    """Put a running subscription under a schedule: what it has now, then the later phases."""
    subscription = billing.get("subscriptions", subscription_id)
    items = subscription["items"]["data"]
    first = new_phase(
        items[0]["current_period_start"],
        later[0]["start_date"] if later else last_period_end(subscription),
        subscription["currency"],
        [(item["price"]["id"], item["quantity"]) for item in items],
    )
    schedule = new_schedule(
        billing.new_id("sub_sched_1"),
        billing.now,
        subscription["customer"],
        [first, *later],
        end_behavior=end_behavior,
        status="active",
        subscription=subscription_id,
        current_phase=_dates(first),
    )
    billing.add(_RESOURCE, schedule, "subscription_schedule.created")
    billing.change("subscriptions", subscription, "customer.subscription.updated", schedule=schedule["id"])
    return schedule


def _dates(phase: Json) -> Json:
    return {"end_date": phase["end_date"], "start_date": phase["start_date"]}


def turn(billing: Billing, schedule: Json) -> None:
    """A phase begins, or the last one is over."""
    following = _following(schedule)
    if following is None:
        _finish(billing, schedule)
    elif schedule["status"] == "not_started":
        _start(billing, schedule, following)
    else:
        billing.change(_RESOURCE, schedule, _UPDATED, current_phase=_dates(following))
        _apply(billing, schedule["subscription"], following)


def _following(schedule: Json) -> Json | None:
    current = schedule["current_phase"]
    reached = current["end_date"] if current else schedule["phases"][0]["start_date"]
    return next((phase for phase in schedule["phases"] if phase["start_date"] >= reached), None)


def _collection_method(schedule: Json, phase: Json) -> str:
    settings = schedule["default_settings"]
    return phase["collection_method"] or settings["collection_method"] or "charge_automatically"


def _start(billing: Billing, schedule: Json, phase: Json) -> None:
    settings = phase["invoice_settings"] or schedule["default_settings"]["invoice_settings"]
    method = _collection_method(schedule, phase)
    subscription = create_subscription(
        billing,
        schedule["customer"],
        [(item["price"], item["quantity"]) for item in phase["items"]],
        coupons=[each["coupon"] for each in phase["discounts"]],
        collection_method=method,
        days_until_due=settings["days_until_due"] if method == "send_invoice" else None,
        default_tax_rates=phase["default_tax_rates"] or [],
        metadata=phase["metadata"],
        schedule=schedule["id"],
    )
    billing.change(
        _RESOURCE,
        schedule,
        _UPDATED,
        status="active",
        subscription=subscription["id"],
        current_phase=_dates(phase),
    )


def _apply(billing: Billing, subscription_id: str, phase: Json) -> None:
    """Make the subscription's items those of the phase, item by item in their order."""
    subscription = billing.get("subscriptions", subscription_id)
    rows: list[Json] = subscription["items"]["data"]
    wanted = phase["items"]
    changes: list[Json] = [
        {"id": row["id"], "price": item["price"], "quantity": item["quantity"]}
        for row, item in zip(rows, wanted, strict=False)
        if (row["price"]["id"], row["quantity"]) != (item["price"], item["quantity"])
    ]
    changes += [{"id": row["id"], "deleted": True} for row in rows[len(wanted) :]]
    changes += [{"price": item["price"], "quantity": item["quantity"]} for item in wanted[len(rows) :]]
    if phase["discounts"]:
        set_coupons(billing, subscription_id, [each["coupon"] for each in phase["discounts"]])
    if changes:
        change_items(billing, subscription_id, changes, phase["proration_behavior"])


def _finish(billing: Billing, schedule: Json) -> None:
    subscription = billing.get("subscriptions", schedule["subscription"])
    if schedule["end_behavior"] == "cancel":
        schedule.update(status="completed", completed_at=billing.now, current_phase=None)
        billing.add(_RESOURCE, schedule, "subscription_schedule.completed")
        end(billing, subscription)
        return
    release(billing, schedule["id"])


def release(billing: Billing, schedule_id: str) -> Json:
    """End a schedule and let its subscription go on as it is."""
    schedule = billing.get(_RESOURCE, schedule_id)
    subscription = billing.get("subscriptions", schedule["subscription"])
    schedule.update(
        status="released",
        released_at=billing.now,
        released_subscription=subscription["id"],
        subscription=None,
        current_phase=None,
    )
    billing.add(_RESOURCE, schedule, "subscription_schedule.released")
    billing.change("subscriptions", subscription, "customer.subscription.updated", schedule=None)
    return schedule
