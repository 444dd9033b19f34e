"""Small Stripe objects with keyword defaults."""

from typing import Any

Json = dict[str, Any]


def listing(rows: list[Json]) -> Json:
    """A whole embedded list."""
    return {"object": "list", "data": rows, "has_more": False, "url": "/v1/x"}


def customer(identity: str, created: int = 1_000, **fields: Any) -> Json:
    """A customer."""
    base: Json = {"id": identity, "object": "customer", "created": created, "livemode": False}
    return {**base, "name": None, "email": None, "metadata": {}, "address": None, **fields}


def discount(identity: str, coupon: str = "HALF", **fields: Any) -> Json:
    """A discount with its coupon as an id."""
    source = {"type": "coupon", "coupon": coupon}
    return {"id": identity, "object": "discount", "source": source, "start": 1_000, "end": None, **fields}


def subscription(
    identity: str, customer: str | Json = "cus_1", items: int | list[Json] = 1, **fields: Any
) -> Json:
    """A subscription with so many items, or these."""
    if isinstance(items, int):
        items = [item(f"si_{identity}_{number}", identity) for number in range(items)]
    return {
        "id": identity, "object": "subscription", "created": 1_000, "customer": customer, "status": "active",
        "items": listing(items), "discounts": [], **fields,
    }  # fmt: skip


def item(identity: str, owner: str, **fields: Any) -> Json:
    """A subscription item of a monthly price."""
    price = {"id": "price_1", "object": "price", "product": "prod_1", "active": True}
    return {
        "id": identity, "object": "subscription_item", "created": 1_000, "subscription": owner,
        "price": price,
        "current_period_start": 1_000, "current_period_end": 2_000, "discounts": [], **fields,
    }  # fmt: skip


def invoice(identity: str, lines: int = 1, **fields: Any) -> Json:
    """An invoice with so many lines."""
    rows = [
        {"id": f"il_{identity}_{number}", "object": "line_item", "discounts": []} for number in range(lines)
    ]
    return {
        "id": identity, "object": "invoice", "created": 1_000, "customer": "cus_1", "status": "open",
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}},
        "lines": listing(rows), "discounts": [], **fields,
    }  # fmt: skip
