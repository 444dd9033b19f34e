"""What is sold: products, prices, coupons, promotion codes and tax rates."""

from decimal import Decimal
from typing import Any

Json = dict[str, Any]


def product(identity: str, created: int, name: str, **fields: Any) -> Json:
    """A product; fields: description, metadata, active, unit_label, statement_descriptor."""
    return {
        "id": identity,
        "object": "product",
        "active": True,
        "created": created,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "unit_label": None,
        "updated": created,
        "url": None,
        **fields,
    }


def price(
    identity: str,
    created: int,
    product_id: str,
    currency: str,
    unit_amount: int | None,
    recurring: tuple[str, int] | None = ("month", 1),
    **fields: Any,
) -> Json:
    """A price in minor units; recurring is (interval, count), None for a one-off price.

    fields: nickname, lookup_key, metadata, tiers with tiers_mode and billing_scheme, transform_quantity.
    """
    return {
        "id": identity,
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": created,
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": product_id,
        "recurring": _recurring(recurring),
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        "unit_amount": unit_amount,
        "unit_amount_decimal": None if unit_amount is None else str(unit_amount),
        **fields,
    }


def _recurring(recurring: tuple[str, int] | None) -> Json | None:
    if recurring is None:
        return None
    interval, count = recurring
    return {"interval": interval, "interval_count": count, "meter": None, "usage_type": "licensed"}


def coupon(identity: str, created: int, duration: str, **fields: Any) -> Json:
    """A coupon: once, repeating (duration_in_months) or forever; percent_off, or amount_off and currency."""
    return {
        "id": identity,
        "object": "coupon",
        "amount_off": None,
        "created": created,
        "currency": None,
        "duration": duration,
        "duration_in_months": None,
        "livemode": False,
        "max_redemptions": None,
        "metadata": {},
        "name": None,
        "percent_off": None,
        "redeem_by": None,
        "times_redeemed": 0,
        "valid": True,
        **fields,
    }


def promotion_code(identity: str, created: int, code: str, coupon_id: str, **fields: Any) -> Json:
    """A code that customers type to get a coupon."""
    return {
        "id": identity,
        "object": "promotion_code",
        "active": True,
        "code": code,
        "created": created,
        "customer": None,
        "customer_account": None,
        "expires_at": None,
        "livemode": False,
        "max_redemptions": None,
        "metadata": {},
        "promotion": {"coupon": coupon_id, "type": "coupon"},
        "restrictions": {
            "first_time_transaction": False,
            "minimum_amount": None,
            "minimum_amount_currency": None,
        },
        "times_redeemed": 0,
        **fields,
    }


def tax_rate(identity: str, created: int, country: str, percentage: str, name: str, **fields: Any) -> Json:
    """A VAT rate of a country; percentage is a decimal number such as "20" or "8.1"."""
    number = Decimal(percentage)
    rate = int(number) if number == int(number) else float(number)
    return {
        "id": identity,
        "object": "tax_rate",
        "active": True,
        "country": country,
        "created": created,
        "description": None,
        "display_name": name,
        "effective_percentage": rate,
        "flat_amount": None,
        "inclusive": False,
        "jurisdiction": country,
        "jurisdiction_level": "country",
        "livemode": False,
        "metadata": {},
        "percentage": rate,
        "rate_type": "percentage",
        "state": None,
        "tax_type": "vat",
        **fields,
    }
