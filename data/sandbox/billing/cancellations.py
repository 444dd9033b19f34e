"""The end of subscriptions: at once, at the period's end, at a date, taken back, or by themselves."""

from typing import Any

from data.sandbox.billing import Billing
from data.sandbox.conditions import Condition

Json = dict[str, Any]

ENDED = ("canceled", "incomplete_expired")


def last_period_end(subscription: Json) -> int:
    """When the period of a subscription ends; the first of its items' when they differ."""
    return int(min(item["current_period_end"] for item in subscription["items"]["data"]))


def end(billing: Billing, subscription: Json, reason: str | None = None, **details: Any) -> Json:
    """End a subscription now; reason: why, where it was not the customer; details: feedback, comment."""
    known = subscription["cancellation_details"]
    subscription.update(
        status="canceled",
        ended_at=billing.now,
        canceled_at=subscription["canceled_at"] or billing.now,
        cancellation_details={**known, **details, "reason": reason or known["reason"]},
    )
    billing.put("subscriptions", subscription)
    _stop_collecting(billing, subscription)
    _end_schedule(billing, subscription)
    billing.emit("customer.subscription.deleted", subscription)
    return subscription


def _stop_collecting(billing: Billing, subscription: Json) -> None:
    """Nobody is charged any more for a subscription that has ended; what is owed can still be paid."""
    owed = Condition("status", "in", ("draft", "open"))
    for invoice in billing.where("invoices", Condition("subscription", "=", subscription["id"]), owed):
        billing.change("invoices", invoice, "invoice.updated", auto_advance=False, next_payment_attempt=None)


def _end_schedule(billing: Billing, subscription: Json) -> None:
    if subscription["schedule"] is None:
        return
    schedule = billing.get("subscription_schedules", subscription["schedule"])
    if schedule["status"] == "active":
        schedule.update(status="canceled", canceled_at=billing.now, current_phase=None)
        billing.add("subscription_schedules", schedule, "subscription_schedule.canceled")


def cancel_now(billing: Billing, subscription_id: str, **details: Any) -> Json:
    """Cancel at once; details: feedback (one of Stripe's values) and comment."""
    return end(billing, billing.get("subscriptions", subscription_id), "cancellation_requested", **details)


def cancel_at_period_end(billing: Billing, subscription_id: str, **details: Any) -> Json:
    """Cancel when the paid period ends; it can be taken back until then."""
    subscription = billing.get("subscriptions", subscription_id)
    return _plan(billing, subscription, last_period_end(subscription), True, details)


def cancel_at(billing: Billing, subscription_id: str, moment: int, **details: Any) -> Json:
    """Cancel at a moment (epoch) to come."""
    return _plan(billing, billing.get("subscriptions", subscription_id), moment, False, details)


def _plan(billing: Billing, subscription: Json, moment: int, at_period_end: bool, details: Json) -> Json:
    known = subscription["cancellation_details"]
    return billing.change(
        "subscriptions",
        subscription,
        "customer.subscription.updated",
        cancel_at=moment,
        cancel_at_period_end=at_period_end,
        canceled_at=billing.now,
        cancellation_details={**known, **details, "reason": "cancellation_requested"},
    )


def keep(billing: Billing, subscription_id: str) -> Json:
    """Take a planned cancellation back."""
    return billing.change(
        "subscriptions",
        billing.get("subscriptions", subscription_id),
        "customer.subscription.updated",
        cancel_at=None,
        cancel_at_period_end=False,
        canceled_at=None,
        cancellation_details={"comment": None, "feedback": None, "feedback_option": None, "reason": None},
    )
