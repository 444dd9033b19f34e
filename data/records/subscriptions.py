"""Subscriptions with their items and discounts, and subscription schedules, as rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Table

from data.clock import from_epoch
from data.records.catalog import embedded_coupons, embedded_prices
from data.records.discounts import Owner, discount_rows
from data.records.fields import Json, Row, listed, reference
from data.tables import mirror


def subscription_rows(objects: Sequence[Json], observed_at: datetime) -> dict[Table, list[Row]]:
    """Subscriptions, their items and discounts, and the prices and coupons that came inside them."""
    items: list[Row] = []
    discounts: list[Row] = []
    prices: dict[str, Json] = {}
    coupons: dict[str, Json] = {}
    for obj in objects:
        owner = Owner(subscription_id=obj["id"])
        if given := obj.get("discounts"):
            discounts += discount_rows(given, owner, observed_at, coupons)
        for position, found in enumerate(listed(obj.get("items"))):
            items.append(item(found, obj["id"], position, observed_at))
            if isinstance(price := found.get("price"), dict):
                prices[price["id"]] = price
            if given := found.get("discounts"):
                part = replace(owner, subscription_item_id=found["id"])
                discounts += discount_rows(given, part, observed_at, coupons)
    return {
        mirror.subscription: [subscription(obj, observed_at) for obj in objects],
        mirror.subscription_item: items,
        mirror.discount: discounts,
        mirror.price: embedded_prices(prices.values()),
        mirror.coupon: embedded_coupons(coupons.values()),
    }


def subscription(obj: Json, observed_at: datetime) -> Row:
    """A Stripe subscription as a row of `subscription`."""
    get = obj.get
    reasons = get("cancellation_details") or {}
    pause = get("pause_collection") or {}
    return {
        "id": obj["id"],
        "customer_id": reference(get("customer")),
        "status": get("status"),
        "currency": get("currency"),
        "collection_method": get("collection_method"),
        "days_until_due": get("days_until_due"),
        "billing_mode": (get("billing_mode") or {}).get("type"),
        "billing_cycle_anchor": from_epoch(get("billing_cycle_anchor")),
        "start_at": from_epoch(get("start_date")),
        "trial_start_at": from_epoch(get("trial_start")),
        "trial_end_at": from_epoch(get("trial_end")),
        "cancel_at_period_end": get("cancel_at_period_end"),
        "cancel_at": from_epoch(get("cancel_at")),
        "canceled_at": from_epoch(get("canceled_at")),
        "ended_at": from_epoch(get("ended_at")),
        "cancellation_reason": reasons.get("reason"),
        "cancellation_feedback": reasons.get("feedback"),
        "cancellation_comment": reasons.get("comment"),
        "pause_behavior": pause.get("behavior"),
        "pause_resumes_at": from_epoch(pause.get("resumes_at")),
        "default_payment_method_id": reference(get("default_payment_method")),
        "schedule_id": reference(get("schedule")),
        "latest_invoice_id": reference(get("latest_invoice")),
        "metadata": get("metadata"),
        "created_at": from_epoch(get("created")),
        "observed_at": observed_at,
        "deleted_at": None,
    }


def item(obj: Json, subscription_id: str, position: int, observed_at: datetime) -> Row:
    """A subscription's item as a row of `subscription_item`; quantity is null on metered items."""
    get = obj.get
    return {
        "id": obj["id"],
        "subscription_id": subscription_id,
        "position": position,
        "price_id": reference(get("price")),
        "quantity": get("quantity"),
        "current_period_start": from_epoch(get("current_period_start")),
        "current_period_end": from_epoch(get("current_period_end")),
        "metadata": get("metadata"),
        "created_at": from_epoch(get("created")),
        "observed_at": observed_at,
        "deleted_at": None,
    }


def subscription_schedule(obj: Json, observed_at: datetime) -> Row:
    """A Stripe subscription schedule as a row of `subscription_schedule`."""
    get = obj.get
    current = get("current_phase") or {}
    return {
        "id": obj["id"],
        "customer_id": reference(get("customer")),
        "subscription_id": reference(get("subscription")),
        "released_subscription_id": reference(get("released_subscription")),
        "status": get("status"),
        "end_behavior": get("end_behavior"),
        "current_phase_start": from_epoch(current.get("start_date")),
        "current_phase_end": from_epoch(current.get("end_date")),
        "phases": [_phase(phase) for phase in get("phases") or ()],
        "canceled_at": from_epoch(get("canceled_at")),
        "completed_at": from_epoch(get("completed_at")),
        "released_at": from_epoch(get("released_at")),
        "metadata": get("metadata"),
        "created_at": from_epoch(get("created")),
        "observed_at": observed_at,
        "deleted_at": None,
    }


def _phase(phase: Json) -> Json:
    """A schedule's phase cut down to ids: when, which prices, how many, which discounts; epoch seconds."""
    return {
        "start": phase.get("start_date"),
        "end": phase.get("end_date"),
        "trial_end": phase.get("trial_end"),
        "items": [
            {
                "price": reference(found.get("price")),
                "quantity": found.get("quantity"),
                "discounts": [_phase_discount(given) for given in found.get("discounts") or ()],
            }
            for found in phase.get("items") or ()
        ],
        "discounts": [_phase_discount(given) for given in phase.get("discounts") or ()],
    }


def _phase_discount(given: Json) -> Json:
    return {name: reference(given.get(name)) for name in ("coupon", "discount", "promotion_code")}
