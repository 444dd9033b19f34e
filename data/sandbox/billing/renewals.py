"""What happens at the end of a period or trial: the next period, its invoice, and what a pause changes."""

from typing import Any

from data.sandbox.billing import DAY, Billing
from data.sandbox.billing.cancellations import end
from data.sandbox.billing.discounting import carried, drop
from data.sandbox.billing.invoicing import FINALIZES_AFTER, Charged, draft, mark_uncollectible, void
from data.sandbox.billing.invoicing import finalize as finalize_only
from data.sandbox.billing.payments import collect, subscription_of
from data.sandbox.billing.periods import period_at, shifted
from data.sandbox.billing.pricing import amount_of

Json = dict[str, Any]
TRIAL_NOTICE = 3 * DAY


def renew(billing: Billing, subscription: Json) -> None:
    """Begin the next period of the items whose period is over, and draft its invoice."""
    due = [item for item in subscription["items"]["data"] if item["current_period_end"] <= billing.now]
    if subscription["status"] == "trialing" and _trial_stops(billing, subscription):
        return
    before = {**subscription}
    looks_back = (due[0]["current_period_start"], due[0]["current_period_end"])
    renewed = {item["id"]: _next_period(subscription, item, billing.now) for item in due}
    rows = [renewed.get(item["id"], item) for item in subscription["items"]["data"]]
    subscription["items"] = {**subscription["items"], "data": rows}
    if subscription["status"] == "trialing":
        subscription["status"] = "active"
    bill(billing, subscription, list(renewed.values()), looks_back)
    billing.put("subscriptions", subscription)
    billing.emit("customer.subscription.updated", subscription, before)


def _next_period(subscription: Json, item: Json, now: int) -> Json:
    recurring, ended = item["price"]["recurring"], item["current_period_end"]
    start, finish = period_at(subscription["billing_cycle_anchor"], recurring, now)
    if start != ended and start < ended <= now:  # an item with a period of its own
        start, finish = period_at(ended, recurring, now)
    ends = subscription["cancel_at"]
    if ends is not None and start < ends < finish:
        finish = ends
    return {**item, "current_period_start": start, "current_period_end": finish}


def _share(subscription: Json, item: Json) -> Charged:
    """An item with what its period costs; the last one, cut by the date of cancellation, costs its share."""
    amount = amount_of(item["price"], item["quantity"])
    start, finish = item["current_period_start"], item["current_period_end"]
    if finish == subscription["cancel_at"]:
        recurring = item["price"]["recurring"]
        whole_end = max(finish, shifted(start, recurring["interval"], recurring["interval_count"]))
        amount = amount * (finish - start) // (whole_end - start)
    return item, amount


def bill(billing: Billing, subscription: Json, items: list[Json], looks_back: tuple[int, int]) -> Json:
    """Draft the invoice of items' new periods; it finalises by itself unless collection has stopped."""
    stopped = subscription["status"] == "unpaid" or _is_kept_as_draft(subscription)
    invoice = draft(
        billing,
        billing.get("customers", subscription["customer"]),
        subscription["currency"],
        "subscription_cycle",
        subscription=subscription,
        charged=[_share(subscription, each) for each in items],
        looks_back=looks_back,
        auto_advance=not stopped,
        automatically_finalizes_at=None if stopped else billing.now + FINALIZES_AFTER,
    )
    subscription["latest_invoice"] = invoice["id"]
    drop_used(billing, subscription, invoice)
    return invoice


def drop_used(billing: Billing, subscription: Json, invoice: Json) -> None:
    """A coupon that counts once is gone after the first invoice that it took something off."""
    used = {each["discount"] for each in invoice["total_discount_amounts"] if each["amount"] > 0}
    for discount in carried(subscription):
        coupon = billing.get("coupons", discount["source"]["coupon"])
        if coupon["duration"] == "once" and discount["id"] in used:
            drop(billing, subscription, discount)


def end_discounts(billing: Billing, subscription: Json) -> None:
    """Repeating coupons whose months are over."""
    before = {**subscription}
    for discount in carried(subscription):
        if discount["end"] is not None and discount["end"] <= billing.now:
            drop(billing, subscription, discount)
    billing.emit("customer.subscription.updated", subscription, before)


def finalize(billing: Billing, invoice: Json) -> None:
    """An hour after the draft: finalise and collect, unless the collection is paused."""
    subscription = subscription_of(billing, invoice)
    paused = (subscription or {}).get("pause_collection")
    if paused and paused["behavior"] == "keep_as_draft":
        kept = {"auto_advance": False, "automatically_finalizes_at": None}
        billing.change("invoices", invoice, "invoice.updated", **kept)
        return
    if paused:
        finalize_only(billing, invoice)
        _PAUSED[paused["behavior"]](billing, invoice)
        return
    collect(billing, invoice)


_PAUSED = {"mark_uncollectible": mark_uncollectible, "void": void}


def _is_kept_as_draft(subscription: Json) -> bool:
    return (subscription["pause_collection"] or {}).get("behavior") == "keep_as_draft"


def resume_collection(billing: Billing, subscription: Json) -> None:
    """The pause of collection is over; drafts that were kept stay drafts."""
    billing.change("subscriptions", subscription, "customer.subscription.updated", pause_collection=None)


def warn_of_trial_end(billing: Billing, subscription: Json) -> None:
    """Three days before a trial ends, or at once when it is shorter."""
    billing.emit("customer.subscription.trial_will_end", subscription)


def _trial_stops(billing: Billing, subscription: Json) -> bool:
    customer = billing.get("customers", subscription["customer"])
    has_card = (
        subscription["default_payment_method"] or customer["invoice_settings"]["default_payment_method"]
    )
    if has_card or subscription["collection_method"] == "send_invoice":
        return False
    behaviour = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if behaviour == "cancel":
        end(billing, subscription)
    elif behaviour == "pause":
        billing.change("subscriptions", subscription, "customer.subscription.updated", status="paused")
        billing.emit("customer.subscription.paused", subscription)
    return behaviour in ("cancel", "pause")


def resume(billing: Billing, subscription_id: str) -> Json:
    """Wake a paused subscription: a new period begins now and is billed at once."""
    subscription = billing.get("subscriptions", subscription_id)
    before = {**subscription}
    subscription.update(status="active", billing_cycle_anchor=billing.now)
    rows = [_next_period(subscription, item, billing.now) for item in subscription["items"]["data"]]
    subscription["items"] = {**subscription["items"], "data": rows}
    invoice = bill(billing, subscription, rows, (billing.now, billing.now))
    billing.put("subscriptions", subscription)
    billing.emit("customer.subscription.updated", subscription, before)
    billing.emit("customer.subscription.resumed", subscription)
    collect(billing, invoice)
    return subscription
