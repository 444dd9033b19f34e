"""Subscription schedules: phases that follow one another, then the subscription goes on or ends."""

from collections.abc import Sequence
from typing import Any

from data.sandbox.billing import Billing
from data.sandbox.billing.cancellations import end, last_period_end
from data.sandbox.billing.changes import change_items, set_discounts, update_subscription
from data.sandbox.billing.discounting import Asked
from data.sandbox.billing.subscribing import create_subscription
from data.sandbox.factory import phase as new_phase
from data.sandbox.factory import schedule as new_schedule
from data.sandbox.factory.subscriptions import automatic_tax, default_settings

__all__ = [
    "apply_phase",
    "create_schedule",
    "default_settings",
    "release",
    "schedule_subscription",
    "set_phases",
    "terms_of",
    "turn",
]
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
        **terms_of(subscription),
    )
    for row, item in zip(first["items"], items, strict=True):
        row.update(discounts=[_held(each) for each in item["discounts"]], tax_rates=item["tax_rates"])
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


def terms_of(subscription: Json) -> Json:
    """What a later phase must say so that discounts and taxes stay as they are."""
    discounts = [_held(each) for each in subscription["discounts"]]
    kept = {name: subscription[name] for name in ("default_tax_rates", "automatic_tax")}
    return {"discounts": discounts, **kept}


def _held(discount: Json) -> Json:
    return {"coupon": None, "discount": discount["id"], "promotion_code": None}


def set_phases(
    billing: Billing,
    schedule: Json,
    phases: Sequence[Json],
    current: Json | None,
    proration: str,
    **values: Any,
) -> Json:
    """Replace a schedule's phases; what differs in the one that runs is changed at once."""
    running = {"current_phase": _dates(current)} if current else {}
    billing.change(_RESOURCE, schedule, _UPDATED, phases=list(phases), **running, **values)
    if current is not None:
        apply_phase(billing, schedule["subscription"], {**current, "proration_behavior": proration})
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
        apply_phase(billing, schedule["subscription"], following)


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
        discounts=_asked(billing, phase["discounts"], ()),
        item_discounts=[_asked(billing, item["discounts"], ()) for item in phase["items"]],
        collection_method=method,
        days_until_due=settings["days_until_due"] if method == "send_invoice" else None,
        default_tax_rates=phase["default_tax_rates"] or [],
        automatic_tax=phase["automatic_tax"] or automatic_tax(False),
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


def apply_phase(billing: Billing, subscription_id: str, phase: Json) -> None:
    """Make the subscription what the phase says: items one by one in their order, discounts, taxes, words."""
    subscription = billing.get("subscriptions", subscription_id)
    asked = _asked(billing, phase["discounts"], subscription["discounts"])
    rows: list[Json] = subscription["items"]["data"]
    wanted = phase["items"]
    changes = [
        {"id": row["id"], **_wanted(billing, item, row)}
        for row, item in zip(rows, wanted, strict=False)
        if _differs(billing, row, item)
    ]
    changes += [{"id": row["id"], "deleted": True} for row in rows[len(wanted) :]]
    changes += [_wanted(billing, item, None) for item in wanted[len(rows) :]]
    set_discounts(billing, subscription_id, asked)
    update_subscription(billing, subscription_id, **_fields(subscription, phase))
    if changes:
        change_items(billing, subscription_id, changes, phase["proration_behavior"])


def _fields(subscription: Json, phase: Json) -> Json:
    fields: Json = {"metadata": {**subscription["metadata"], **phase["metadata"]}}
    fields["default_tax_rates"] = phase["default_tax_rates"] or []
    fields["automatic_tax"] = phase["automatic_tax"] or automatic_tax(False)
    if phase["default_payment_method"]:
        fields["default_payment_method"] = phase["default_payment_method"]
    if phase["collection_method"]:
        days = (phase["invoice_settings"] or {}).get("days_until_due")
        fields |= {"collection_method": phase["collection_method"], "days_until_due": days}
    return fields


def _asked(billing: Billing, kept: Sequence[Json], held: Sequence[Json]) -> list[Asked]:
    """A phase's discounts as asked for: one that is held goes on, also where only its coupon is named; one
    that has ended meanwhile is left out.
    """
    by_id = {each["id"]: each for each in held}
    by_coupon = {each["source"]["coupon"]: each for each in held}
    found = []
    for each in kept:
        code = each["promotion_code"]
        coupon = billing.get("promotion_codes", code)["promotion"]["coupon"] if code else each["coupon"]
        if each["discount"] is None:
            found.append(Asked(by_coupon.get(coupon), coupon, code))
        elif each["discount"] in by_id:
            found.append(Asked(by_id[each["discount"]]))
    return found


def _wanted(billing: Billing, item: Json, row: Json | None) -> Json:
    held = row["discounts"] if row else []
    return {
        "price": item["price"],
        "quantity": item["quantity"],
        "discounts": _asked(billing, item["discounts"], held),
        **({"metadata": item["metadata"]} if item["metadata"] else {}),
    }


def _differs(billing: Billing, row: Json, item: Json) -> bool:
    asked = _asked(billing, item["discounts"], row["discounts"])
    same = [each["id"] for each in row["discounts"]] == [each.held and each.held["id"] for each in asked]
    return (row["price"]["id"], row["quantity"]) != (item["price"], item["quantity"]) or not same


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
    identity = schedule["subscription"]
    schedule.update(
        status="released",
        released_at=billing.now,
        released_subscription=identity,
        subscription=None,
        current_phase=None,
    )
    billing.add(_RESOURCE, schedule, "subscription_schedule.released")
    if identity:
        subscription = billing.get("subscriptions", identity)
        billing.change("subscriptions", subscription, "customer.subscription.updated", schedule=None)
    return schedule
