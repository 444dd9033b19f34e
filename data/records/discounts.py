"""Discounts as rows: on a subscription, on one of its items, or on a customer as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from data.clock import from_epoch
from data.records.fields import Json, Row, reference


@dataclass(frozen=True)
class Owner:
    """What a discount is on: a customer as a whole, or a subscription and perhaps one item of it."""

    customer_id: str | None = None
    subscription_id: str | None = None
    subscription_item_id: str | None = None


def discount_rows(
    discounts: Sequence[str | Json], owner: Owner, observed_at: datetime, coupons: dict[str, Json]
) -> list[Row]:
    """The owner's discounts in their order; coupons found expanded inside them are added to coupons."""
    rows = []
    for position, given in enumerate(discounts):
        obj: Json = given if isinstance(given, dict) else {"id": given}
        if obj.get("deleted"):
            continue
        coupon = (obj.get("source") or {}).get("coupon")
        if isinstance(coupon, dict):
            coupons[coupon["id"]] = coupon
        rows.append(discount(obj, owner, position, observed_at))
    return rows


def discount(obj: Json, owner: Owner, position: int, observed_at: datetime) -> Row:
    """A discount as a row of `discount`; the coupon is null when Stripe gave only the discount's id."""
    get = obj.get
    return {
        "id": obj["id"],
        "subscription_id": owner.subscription_id,
        "subscription_item_id": owner.subscription_item_id or get("subscription_item"),
        "customer_id": owner.customer_id,
        "coupon_id": reference((get("source") or {}).get("coupon")),
        "promotion_code_id": reference(get("promotion_code")),
        "position": position,
        "start_at": from_epoch(get("start")),
        "end_at": from_epoch(get("end")),
        "observed_at": observed_at,
        "deleted_at": None,
    }
