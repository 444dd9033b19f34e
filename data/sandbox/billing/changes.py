"""Changes of running subscriptions: items and prices with proration, discounts, trials."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from data.sandbox.billing import Billing
from data.sandbox.billing.discounting import Asked, drop, given, net_amounts
from data.sandbox.billing.invoicing import create_invoiceitem, draft, pending_items, whole
from data.sandbox.billing.payments import collect
from data.sandbox.billing.periods import period_at, same_interval
from data.sandbox.billing.pricing import prorated
from data.sandbox.billing.renewals import renew
from data.sandbox.factory import subscription_item
from data.sandbox.factory.invoices import pricing

Json = dict[str, Any]
_UPDATED = "customer.subscription.updated"


def update_subscription(billing: Billing, subscription_id: str, **fields: Any) -> Json:
    """Set plain fields: metadata, description, default_payment_method, pause_collection, collection_method,
    days_until_due, default_tax_rates, trial_settings.
    """
    subscription = billing.get("subscriptions", subscription_id)
    return billing.change("subscriptions", subscription, _UPDATED, **fields)


def set_coupons(billing: Billing, subscription_id: str, coupons: Sequence[str]) -> Json:
    """Replace a subscription's discounts by those of coupons, from now on."""
    return set_discounts(billing, subscription_id, [Asked(None, coupon) for coupon in coupons])


def set_discounts(billing: Billing, subscription_id: str, asked: Sequence[Asked]) -> Json:
    """Take off the discounts that are not to stay, and redeem new ones, in the order asked for."""
    subscription = billing.get("subscriptions", subscription_id)
    before = {**subscription}
    staying = {each.held["id"] for each in asked if each.held}
    for discount in before["discounts"]:
        if discount["id"] not in staying:
            drop(billing, subscription, discount)
    owner = {"customer": subscription["customer"], "subscription": subscription_id}
    subscription["discounts"] = given(billing, asked, **owner)
    billing.put("subscriptions", subscription)
    for discount in subscription["discounts"]:
        if discount["id"] not in staying:
            billing.emit("customer.discount.created", discount)
    if subscription["discounts"] != before["discounts"]:
        billing.emit(_UPDATED, subscription, before)
    return subscription


def extend_trial(
    billing: Billing, subscription_id: str, until: int, at: int | None = None, *, prorate: bool = True
) -> Json:
    """Let a trial end at an instant to come; a subscription that is paid goes into a trial until then.

    prorate: what was paid and is not used, from `at` on, is given back.
    """
    subscription = billing.get("subscriptions", subscription_id)
    before = {**subscription}
    if subscription["status"] != "trialing" and prorate:
        give_back(billing, subscription, at)
    rows = [{**item, "current_period_end": until} for item in subscription["items"]["data"]]
    subscription.update(
        items={**subscription["items"], "data": rows},
        status="trialing",
        trial_start=subscription["trial_start"] if before["status"] == "trialing" else billing.now,
        trial_end=until,
        billing_cycle_anchor=until,
    )
    billing.put("subscriptions", subscription)
    billing.emit(_UPDATED, subscription, before)
    return subscription


def give_back(billing: Billing, subscription: Json, at: int | None = None) -> None:
    """Credit the unused time of every item from an instant on, now where none is said; the next invoice of
    the subscription takes it up.
    """
    items = subscription["items"]["data"]
    if _is_billed(subscription, items, billing.now):
        for item, amount in zip(items, net_amounts(billing, subscription, items), strict=True):
            _proration(billing, subscription, item, item, -amount, at or billing.now)


def bill_pending(billing: Billing, subscription: Json) -> Json | None:
    """A draft of what waits for the subscription's next invoice; None when nothing does."""
    if not _waiting(billing, subscription):
        return None
    customer = billing.get("customers", subscription["customer"])
    invoice = draft(
        billing, customer, subscription["currency"], "subscription_update", subscription=subscription
    )
    subscription["latest_invoice"] = invoice["id"]
    return invoice


def _waiting(billing: Billing, subscription: Json) -> list[Json]:
    return [
        each
        for each in pending_items(billing, subscription["customer"])
        if (each["parent"] or {}).get("subscription_details", {}).get("subscription") == subscription["id"]
    ]


def drop_prorations(billing: Billing, subscription: Json) -> None:
    """Forget the prorations that wait for the subscription's next invoice."""
    for each in _waiting(billing, subscription):
        if each["proration"]:
            billing.remove("invoiceitems", each)
            billing.emit("invoiceitem.deleted", each)


def end_trial(billing: Billing, subscription_id: str) -> Json:
    """End a trial now: the first paid period begins and is billed at once."""
    subscription = billing.get("subscriptions", subscription_id)
    rows = [{**item, "current_period_end": billing.now} for item in subscription["items"]["data"]]
    subscription["items"] = {**subscription["items"], "data": rows}
    subscription.update(trial_end=billing.now, billing_cycle_anchor=billing.now)
    renew(billing, subscription)
    if subscription["status"] == "active":
        collect(billing, billing.get("invoices", subscription["latest_invoice"]))
    return subscription


def change_items(
    billing: Billing,
    subscription_id: str,
    changes: Sequence[Json],
    proration: str = "create_prorations",
    at: int | None = None,
) -> Json:
    """Change a subscription's items: {"id", "price", "quantity", "deleted", "discounts" (asked for),
    "metadata"}; without an id one is added.

    proration: none, create_prorations (the next invoice takes them up) or always_invoice; at: the instant to
    prorate from. Another billing interval begins its period now and is billed now.
    """
    subscription = billing.get("subscriptions", subscription_id)
    at = at or billing.now
    before = {**subscription}
    old: list[Json] = subscription["items"]["data"]
    new = _changed(billing, subscription, old, changes)
    subscription["items"] = {**subscription["items"], "data": new}
    restarted = _restarted(old, new)
    if len(restarted) == len(new):
        subscription["billing_cycle_anchor"] = billing.now
    billed = _is_billed(subscription, old, billing.now)
    if billed and proration != "none":
        _prorate(billing, subscription, old, new, at)
    if billed and (restarted or proration == "always_invoice"):
        _bill_now(billing, subscription, restarted, at)
    billing.put("subscriptions", subscription)
    _tell_item_discounts(billing, old, new)
    billing.emit(_UPDATED, subscription, before)
    return subscription


def _changed(
    billing: Billing, subscription: Json, old: Sequence[Json], changes: Sequence[Json]
) -> list[Json]:
    by_id = {change["id"]: change for change in changes if "id" in change}
    kept = [
        _changed_item(billing, subscription, item, by_id.get(item["id"], {}))
        for item in old
        if not by_id.get(item["id"], {}).get("deleted")
    ]
    added = [_added_item(billing, subscription, old, change) for change in changes if "id" not in change]
    return kept + added


def _changed_item(billing: Billing, subscription: Json, item: Json, change: Json) -> Json:
    if not change:
        return item
    price = billing.get("prices", change["price"]) if "price" in change else item["price"]
    row = {**item, "price": price, "quantity": change.get("quantity", item["quantity"])}
    row |= _further(billing, subscription, item["id"], change)
    now = billing.now
    if subscription["status"] == "trialing" or same_interval(price["recurring"], item["price"]["recurring"]):
        return row
    if item["current_period_end"] <= now:
        return row
    start, finish = period_at(now, price["recurring"], now)
    return {**row, "current_period_start": start, "current_period_end": finish}


def _added_item(billing: Billing, subscription: Json, old: Sequence[Json], change: Json) -> Json:
    price = billing.get("prices", change["price"])
    alike = [item for item in old if same_interval(item["price"]["recurring"], price["recurring"])]
    if subscription["status"] == "trialing":
        alike = list(old)
    if alike:
        period = (alike[0]["current_period_start"], alike[0]["current_period_end"])
    else:
        period = period_at(subscription["billing_cycle_anchor"], price["recurring"], billing.now)
    identity, quantity = billing.new_id("si_"), change.get("quantity", 1)
    made = subscription_item(identity, billing.now, subscription["id"], price, quantity, period)
    return made | _further(billing, subscription, identity, change)


def _further(billing: Billing, subscription: Json, item_id: str, change: Json) -> Json:
    """An item's discounts and metadata, where a change sets them."""
    found = {"metadata": change["metadata"]} if "metadata" in change else {}
    if "discounts" in change:
        owner = {"customer": subscription["customer"], "subscription_item": item_id}
        found["discounts"] = given(billing, change["discounts"], **owner)
    return found


def _tell_item_discounts(billing: Billing, old: Sequence[Json], new: Sequence[Json]) -> None:
    before, after = (
        {each["id"]: each for item in items for each in item["discounts"]} for items in (old, new)
    )
    for kind, those, others in (("deleted", before, after), ("created", after, before)):
        for identity, discount in those.items():
            if identity not in others:
                billing.emit(f"customer.discount.{kind}", discount)


def _priced(item: Json | None) -> tuple[str, int, int] | None:
    """What a proration is about: another discount alone makes none."""
    return None if item is None else (item["price"]["id"], item["quantity"], item["current_period_end"])


def _restarted(old: Sequence[Json], new: Sequence[Json]) -> list[Json]:
    """The items whose interval changed."""
    before = {item["id"]: item["price"]["recurring"] for item in old}
    return [
        item
        for item in new
        if item["id"] in before and not same_interval(before[item["id"]], item["price"]["recurring"])
    ]


def _is_billed(subscription: Json, old: Sequence[Json], now: int) -> bool:
    running = subscription["status"] in ("active", "past_due", "unpaid")
    return running and all(item["current_period_end"] > now for item in old)


def _prorate(billing: Billing, subscription: Json, old: Sequence[Json], new: Sequence[Json], at: int) -> None:
    after = {item["id"]: item for item in new}
    restarted = {item["id"] for item in _restarted(old, new)}
    for item, amount in zip(old, net_amounts(billing, subscription, old), strict=True):
        if _priced(after.get(item["id"])) != _priced(item):
            _proration(billing, subscription, item, item, -amount, at)
    known = {item["id"]: item for item in old}
    for item, amount in zip(new, net_amounts(billing, subscription, new), strict=True):
        if _priced(known.get(item["id"])) != _priced(item) and item["id"] not in restarted:
            _proration(billing, subscription, item, known.get(item["id"], item), amount, at)


def _proration(billing: Billing, subscription: Json, item: Json, spans: Json, amount: int, at: int) -> None:
    """An invoice item for the rest of the period of `spans`; credits (amount < 0) name what they credit."""
    start, finish = spans["current_period_start"], spans["current_period_end"]
    share = prorated(amount, start, finish, at)
    if amount == 0:
        return
    name = billing.get("products", item["price"]["product"])["name"]
    day = datetime.fromtimestamp(at, UTC)
    words = "Unused time on" if amount < 0 else "Remaining time on"
    create_invoiceitem(
        billing,
        subscription["customer"],
        subscription["currency"],
        share,
        f"{words} {item['quantity']} × {name} after {day.day} {day:%b %Y}",
        discountable=False,
        frozen_fields=["pricing", "quantity", "discounts"],
        parent=_origin(subscription, item),
        period={"end": finish, "start": at},
        pricing=pricing(item["price"], None),
        proration=True,
        proration_details={
            "credited_items": _credited(billing, subscription, item) if amount < 0 else None,
            "discount_amounts": [],
        },
        quantity=item["quantity"],
    )


def _origin(subscription: Json, item: Json) -> Json:
    details = {"subscription": subscription["id"], "subscription_item": item["id"]}
    return {"subscription_details": details, "type": "subscription_details"}


def _credited(billing: Billing, subscription: Json, item: Json) -> Json | None:
    if subscription["latest_invoice"] is None:
        return None
    invoice = billing.get("invoices", subscription["latest_invoice"])
    lines = [line["id"] for line in invoice["lines"]["data"] if _item_of(line) == item["id"]]
    if not lines:
        return None
    details = {"invoice": invoice["id"], "invoice_line_items": lines}
    return {"invoice_line_item_details": details, "type": "invoice_line_items"}


def _item_of(line: Json) -> str | None:
    details = line["parent"]["subscription_item_details"]
    return details["subscription_item"] if details else None


def _bill_now(billing: Billing, subscription: Json, restarted: Sequence[Json], at: int) -> None:
    invoice = draft(
        billing,
        billing.get("customers", subscription["customer"]),
        subscription["currency"],
        "subscription_update",
        subscription=subscription,
        charged=whole(restarted),
    )
    details = {**invoice["parent"]["subscription_details"], "subscription_proration_date": at}
    invoice["parent"] = {**invoice["parent"], "subscription_details": details}
    subscription["latest_invoice"] = invoice["id"]
    collect(billing, invoice)
