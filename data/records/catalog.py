"""Products, prices, coupons and promotion codes as rows."""

from collections.abc import Iterable
from datetime import datetime

from data.clock import from_epoch
from data.records.fields import BEGINNING, Json, Row, decimal_text, reference


def product(obj: Json, observed_at: datetime) -> Row:
    """A Stripe product as a row of `product`."""
    get = obj.get
    return {
        "id": obj["id"],
        "name": get("name"),
        "active": get("active"),
        "description": get("description"),
        "metadata": get("metadata"),
        "created_at": from_epoch(get("created")),
        "observed_at": observed_at,
        "deleted_at": None,
    }


def price(obj: Json, observed_at: datetime) -> Row:
    """A Stripe price as a row of `price`; tiers are there only when they were expanded."""
    get = obj.get
    recurring = get("recurring") or {}
    return {
        "id": obj["id"],
        "product_id": reference(get("product")),
        "active": get("active"),
        "currency": get("currency"),
        "type": get("type"),
        "nickname": get("nickname"),
        "lookup_key": get("lookup_key"),
        "billing_scheme": get("billing_scheme"),
        "unit_amount": get("unit_amount"),
        "unit_amount_decimal": decimal_text(get("unit_amount_decimal")),
        "tiers_mode": get("tiers_mode"),
        "tiers": get("tiers"),
        "transform_quantity": get("transform_quantity"),
        "recurring_interval": recurring.get("interval"),
        "recurring_interval_count": recurring.get("interval_count"),
        "recurring_usage_type": recurring.get("usage_type"),
        "tax_behavior": get("tax_behavior"),
        "metadata": get("metadata"),
        "created_at": from_epoch(get("created")),
        "observed_at": observed_at,
        "deleted_at": None,
    }


def coupon(obj: Json, observed_at: datetime) -> Row:
    """A Stripe coupon as a row of `coupon`; the products it applies to only when they were expanded."""
    get = obj.get
    return {
        "id": obj["id"],
        "name": get("name"),
        "percent_off": decimal_text(get("percent_off")),
        "amount_off": get("amount_off"),
        "currency": get("currency"),
        "currency_options": get("currency_options"),
        "duration": get("duration"),
        "duration_in_months": get("duration_in_months"),
        "applies_to_products": (get("applies_to") or {}).get("products"),
        "max_redemptions": get("max_redemptions"),
        "times_redeemed": get("times_redeemed"),
        "valid": get("valid"),
        "redeem_by": from_epoch(get("redeem_by")),
        "metadata": get("metadata"),
        "created_at": from_epoch(get("created")),
        "observed_at": observed_at,
        "deleted_at": None,
    }


def promotion_code(obj: Json, observed_at: datetime) -> Row:
    """A Stripe promotion code as a row of `promotion_code`."""
    get = obj.get
    return {
        "id": obj["id"],
        "code": get("code"),
        "coupon_id": reference((get("promotion") or {}).get("coupon")),
        "customer_id": reference(get("customer")),
        "active": get("active"),
        "max_redemptions": get("max_redemptions"),
        "times_redeemed": get("times_redeemed"),
        "expires_at": from_epoch(get("expires_at")),
        "created_at": from_epoch(get("created")),
        "observed_at": observed_at,
        "deleted_at": None,
    }


def embedded_prices(objects: Iterable[Json]) -> list[Row]:
    """Prices found inside other objects, as rows that never overwrite one that was listed.

    They lack what only an expanded list shows (tiers), so they are dated by their creation: the oldest
    moment at which they can have been true.
    """
    return [price(obj, from_epoch(obj.get("created")) or BEGINNING) for obj in objects]


def embedded_coupons(objects: Iterable[Json]) -> list[Row]:
    """Coupons found inside discounts, dated by their creation, as `embedded_prices`."""
    return [coupon(obj, from_epoch(obj.get("created")) or BEGINNING) for obj in objects]
