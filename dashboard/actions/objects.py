"""Stripe's objects as actions see them: read whole, told in words, valued, and previewed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from dashboard import formatting
from dashboard.actions.base import Money
from data.clock import from_epoch
from data.gateway import Gateway, Refused
from data.records.fields import reference
from data.subscription_value import arr_of

Json = dict[str, Any]
EXPAND = ["discounts.source.coupon.applies_to", "items.data.price.product", "items.data.price.tiers"]
NOTHING_COMING = "invoice_upcoming_none"


def read_subscription(gateway: Gateway, command: Any) -> Json:
    """The subscription with prices, products and coupons in full, and its customer's discount.

    The customer's reaches a subscription that has none of its own. Raises GatewayError.
    """
    obj = gateway.get(f"/v1/subscriptions/{command.subscription_id}", {"expand": EXPAND})
    return {**obj, "customer_discount": _customer_discount(gateway, str(obj["customer"]))}


def _customer_discount(gateway: Gateway, customer_id: str) -> Json | None:
    """The discount of a customer as a whole, its coupon in full; None where there is none."""
    found: Json | None = gateway.get(f"/v1/customers/{customer_id}").get("discount")
    coupon = reference(found["source"]["coupon"]) if found else None
    if found is None or coupon is None:
        return None
    whole = gateway.get(f"/v1/coupons/{coupon}", {"expand": ["applies_to"]})
    return {**found, "source": {**found["source"], "coupon": whole}}


def seen_subscription(obj: Json) -> Json:
    """What must not change between a preview and its confirmation."""
    items = [[item["id"], item["price"]["id"], item.get("quantity")] for item in obj["items"]["data"]]
    pause = obj["pause_collection"]
    return {
        "status": obj["status"],
        "items": items,
        "period ends": min((item["current_period_end"] for item in obj["items"]["data"]), default=None),
        "set to end": obj["cancel_at"],
        "at the period's end": obj["cancel_at_period_end"],
        "discounts": [each["id"] if isinstance(each, dict) else each for each in obj["discounts"]],
        "schedule": obj["schedule"],
        "trial ends": obj["trial_end"],
        "collection paused": pause["behavior"] if pause else None,
        "collection": obj["collection_method"],
    }


def arr(obj: Json, at: datetime) -> int | None:
    """ARR of the subscription, minor units; None where it is not known."""
    return arr_of(obj, at)


def product_name(price: Mapping[str, Any]) -> str:
    """The name of a price's product, or its id."""
    product = price["product"]
    return str(product["name"] if isinstance(product, dict) and product.get("name") else product)


def quantity_of(item: Mapping[str, Any]) -> int:
    """An item's quantity; 1 where use is metered and there is none."""
    quantity = item.get("quantity")
    return 1 if quantity is None else int(quantity)


def item_in_words(item: Mapping[str, Any]) -> str:
    """ "5 × Professional at $29.00 monthly"."""
    price = item["price"]
    recurring = price.get("recurring") or {}
    every = formatting.interval(
        f"{recurring.get('interval_count', 1)}{recurring.get('interval', '')}"
    ).lower()
    unit = formatting.unit_price(str(price.get("unit_amount_decimal") or ""), price["currency"])
    return f"{quantity_of(item)} × {product_name(price)} at {unit} {every}"


def item_rows(before: Json, after: Json) -> tuple[tuple[str, str, str], ...]:
    """Items side by side, those of the same product in one row."""
    sides: list[dict[str, list[str]]] = [{}, {}]
    for side, obj in zip(sides, (before, after), strict=True):
        for item in obj["items"]["data"]:
            side.setdefault(product_name(item["price"]), []).append(item_in_words(item))
    names = list(dict.fromkeys([*sides[0], *sides[1]]))
    one, two = ({name: " and ".join(told) for name, told in side.items()} for side in sides)
    return tuple((name, one.get(name, "–"), two.get(name, "–")) for name in names)


def discounts_in_words(obj: Json) -> str:
    """A subscription's discounts in words."""
    told = [_coupon(each["source"]["coupon"]) for each in obj["discounts"] if isinstance(each, dict)]
    return ", ".join(told) or "None"


def _coupon(coupon: Json) -> str:
    if coupon.get("percent_off"):
        off = f"{coupon['percent_off']:g}%"
    else:
        off = formatting.amount(coupon.get("amount_off"), str(coupon.get("currency")))
    return f"{coupon.get('name') or coupon['id']}: {off} off, {coupon['duration']}"


def invoice_of(
    gateway: Gateway, subscription_id: str, details: Json, at: datetime, *, discounts: Any = None
) -> Money | None:
    """The invoice that a change leads to, by Stripe's own preview; None when nothing will be billed.

    It is due now where Stripe would bill at once, else when the period ends.
    """
    params: Json = {"subscription": subscription_id}
    if details:
        params["subscription_details"] = details
    if discounts is not None:
        params["discounts"] = discounts
    try:
        found = gateway.write("post", "/v1/invoices/create_preview", params, f"preview-{uuid4().hex}").object
    except Refused as error:
        if error.code == NOTHING_COMING:
            return None
        raise
    period = max((line["period"]["start"] for line in found["lines"]["data"]), default=None)
    moment = from_epoch(found.get("next_payment_attempt") or found.get("period_end") or period)
    now = moment is None or moment <= at
    return money_of(found, now, moment)


def money_of(invoice: Json, now: bool, at: datetime | None = None) -> Money:
    """A previewed invoice; its lines, what further ones come to, discounts and taxes add up to its total."""
    lines = [(line["description"] or "", int(line["amount"])) for line in invoice["lines"]["data"]]
    parts = (
        ("Further lines", int(invoice["subtotal"]) - sum(amount for _, amount in lines)),
        ("Discounts", -sum(int(each["amount"]) for each in invoice.get("total_discount_amounts") or ())),
        (
            "Taxes",
            sum(
                int(each["amount"])
                for each in invoice.get("total_taxes") or ()
                if each["tax_behavior"] == "exclusive"
            ),
        ),
    )
    lines += [part for part in parts if part[1]]
    return Money(
        invoice["currency"], int(invoice["total"]), int(invoice["amount_due"]), tuple(lines), now, at
    )
