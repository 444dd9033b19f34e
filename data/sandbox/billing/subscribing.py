"""New subscriptions: with or without a trial, a coupon, a first invoice that may fail."""

from collections.abc import Sequence
from typing import Any

from data.sandbox.billing import DAY, Billing
from data.sandbox.billing.discounting import Asked, carried, given
from data.sandbox.billing.invoicing import FINALIZES_AFTER, draft
from data.sandbox.billing.payments import collect
from data.sandbox.billing.periods import period_at
from data.sandbox.billing.pricing import amount_of, prorated
from data.sandbox.billing.renewals import TRIAL_NOTICE, drop_used, warn_of_trial_end
from data.sandbox.factory import subscription as new_subscription
from data.sandbox.factory import subscription_item

Json = dict[str, Any]
Ordered = Sequence[tuple[str, int]]


class RefusedError(ValueError):
    """A request that Stripe would answer with 400; args: sentence, parameter."""


def create_subscription(
    billing: Billing,
    customer_id: str,
    items: Ordered,
    *,
    coupons: Sequence[str] = (),
    promotion_code: str | None = None,
    discounts: Sequence[Asked] = (),
    item_discounts: Sequence[Sequence[Asked]] = (),
    trial_days: int = 0,
    trial_end: int | None = None,
    anchor: int | None = None,
    **fields: Any,
) -> Json:
    """Subscribe a customer to (price id, quantity) pairs from now on, and bill the first period.

    anchor: where periods are counted from, such as the first of next month; the part until then is prorated.
    fields: collection_method, days_until_due, metadata, default_payment_method, default_tax_rates,
    description, trial_settings, cancel_at. Raises RefusedError.
    """
    prices = [billing.get("prices", price_id) for price_id, _ in items]
    _check(billing.get("customers", customer_id), prices)
    now, identity = billing.now, billing.new_id("sub_1")
    subscription = new_subscription(identity, now, customer_id, prices[0]["currency"], **fields)
    _start(subscription, now, trial_end or now + trial_days * DAY, anchor)
    rows = [
        _item(billing, subscription, price, quantity)
        for price, (_, quantity) in zip(prices, items, strict=True)
    ]
    subscription["items"] = {**subscription["items"], "data": rows}
    for row, wanted in zip(rows, item_discounts, strict=False):
        row["discounts"] = given(billing, wanted, customer=customer_id, subscription_item=row["id"])
    asked = [*(Asked(None, coupon, promotion_code) for coupon in coupons), *discounts]
    subscription["discounts"] = given(billing, asked, customer=customer_id, subscription=identity)
    return _open(billing, subscription)


def _check(customer: Json, prices: Sequence[Json]) -> None:
    if not prices:
        raise RefusedError("A subscription needs at least one item.", "items")
    currencies = {price["currency"] for price in prices} | {customer["currency"] or prices[0]["currency"]}
    if len(currencies) > 1:
        raise RefusedError("You cannot combine currencies on a single customer.", "items")
    if any(price["type"] != "recurring" or not _sold(price) for price in prices):
        raise RefusedError("A subscription's prices must be recurring and active.", "items")


def _sold(price: Json) -> bool:
    """Whether it can be sold: it is active, or was made for this."""
    return bool(price["active"] or price.get("inline"))


def _start(subscription: Json, now: int, trial_end: int, anchor: int | None) -> None:
    if trial_end > now:
        subscription.update(
            status="trialing", trial_start=now, trial_end=trial_end, billing_cycle_anchor=trial_end
        )
    elif anchor is not None:
        subscription["billing_cycle_anchor"] = anchor


def _item(billing: Billing, subscription: Json, price: Json, quantity: int) -> Json:
    now = billing.now
    if subscription["trial_end"]:
        period = (now, subscription["trial_end"])
    else:
        _, finish = period_at(subscription["billing_cycle_anchor"], price["recurring"], now)
        period = (now, finish)
    return subscription_item(billing.new_id("si_"), now, subscription["id"], price, quantity, period)


def _open(billing: Billing, subscription: Json) -> Json:
    customer = billing.get("customers", subscription["customer"])
    billing.change("customers", customer, None, currency=subscription["currency"])
    automatic = subscription["collection_method"] == "charge_automatically"
    trial = subscription["trial_end"] is not None
    if automatic and not trial:
        subscription["status"] = "incomplete"
    billing.put("subscriptions", subscription)
    invoice = _first_invoice(billing, subscription, customer, wait=not automatic and not trial)
    subscription["latest_invoice"] = invoice["id"]
    billing.emit("customer.subscription.created", subscription)
    for discount in carried(subscription):
        billing.emit("customer.discount.created", discount)
    if automatic or trial:
        collect(billing, invoice)
    drop_used(billing, subscription, invoice)
    if trial and subscription["trial_end"] - billing.now <= TRIAL_NOTICE:
        warn_of_trial_end(billing, subscription)
    return subscription


def _first_invoice(billing: Billing, subscription: Json, customer: Json, wait: bool) -> Json:
    items: list[Json] = subscription["items"]["data"]
    return draft(
        billing,
        customer,
        subscription["currency"],
        "subscription_create",
        subscription=subscription,
        charged=[(each, _first_amount(subscription, each)) for each in items],
        free=subscription["trial_end"] is not None,
        automatically_finalizes_at=billing.now + FINALIZES_AFTER if wait else None,
    )


def _first_amount(subscription: Json, item: Json) -> int:
    """A whole period's amount, or the share of it that is left until the anchor."""
    price, now = item["price"], item["current_period_start"]
    start, finish = period_at(subscription["billing_cycle_anchor"], price["recurring"], now)
    return prorated(amount_of(price, item["quantity"]), start, finish, now)
